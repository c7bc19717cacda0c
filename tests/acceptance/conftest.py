"""One service for a whole test module: real Asterisk, real engine, real SQLite; phones from the lab."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from kernel.agent import Presence
from lab.town import Town
from tests.fakes.own_service import own_service, short_folder
from tests.fakes.service import HOME, Service, eventually


@pytest.fixture(scope="module")
def prepare() -> Callable[[Service], None]:
    """What a module changes in the service's files before it starts: nothing, unless the module says so."""
    return lambda _service: None


@pytest.fixture(scope="module")
def service(request: pytest.FixtureRequest, prepare: Callable[[Service], None]) -> Iterator[Service]:
    """Start a service with the module's ``SETTINGS``, stop it after the module; its invariants must have held."""

    def prepared(place: Path) -> Service:
        made = Service(place, **getattr(request.module, "SETTINGS", {}))
        prepare(made)
        return made

    with own_service(prepared) as running:
        yield running


@pytest.fixture
async def town(service: Service) -> AsyncIterator[Town]:
    """The service's phones; all put away, and every agent logged out, when the test is done."""
    async with Town.from_description(await service.town(), root=HOME) as phones:
        yield phones
    await eventually(service.is_empty, within_s=15)
    for agent in (await service.state())["agents"]:
        await service.presence(agent["id"], Presence.LOGGED_OUT)


@pytest.fixture
def neighbour() -> Iterator[Service]:
    """A second checkout's service, not started, in a folder with a name that shells trip over."""
    with short_folder() as folder:
        place = folder / "it's $HOME; 2nd"
        place.mkdir()
        other = Service(place)
        other.bring_sounds()
        try:
            yield other
        finally:
            other.down()
