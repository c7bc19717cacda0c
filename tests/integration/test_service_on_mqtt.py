"""A whole service that publishes to a real broker: every fact on its topic, in order, also if the broker is killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from aiomqtt import Client, MqttError

from lab.behaviour import Answer
from lab.town import Town
from tests.fakes.mosquitto import Mosquitto, mosquitto
from tests.fakes.own_service import short_folder
from tests.fakes.service import HOME, NIA, WASTE, Service, eventually, words

pytestmark = pytest.mark.integration

Published = tuple[str, dict[str, Any]]


class Listener:
    """Somebody who subscribed to everything, and does so again when the broker comes back."""

    def __init__(self, broker: Mosquitto) -> None:
        self._broker = broker
        self._task: asyncio.Task[None] | None = None
        #: Whether it is subscribed now.
        self.there = asyncio.Event()
        #: Topic and fact, as they came.
        self.heard: list[Published] = []

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen())
        await asyncio.wait_for(self.there.wait(), 10)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait({self._task})

    def once(self) -> list[Published]:
        """What was heard, without what was heard before: after a cut some facts are published twice."""
        seen: list[Published] = []
        for one in self.heard:
            if one not in seen:
                seen.append(one)
        return seen

    async def _listen(self) -> None:
        broker = self._broker
        while True:
            with contextlib.suppress(MqttError):
                async with Client("127.0.0.1", broker.port, username=broker.user, password=broker.password) as client:
                    await client.subscribe("#", qos=1)
                    self.there.set()
                    async for message in client.messages:
                        assert isinstance(message.payload, bytes)
                        self.heard.append((str(message.topic), json.loads(message.payload)))
            self.there.clear()
            await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path_factory.mktemp("mosquitto")) as running:
        yield running


@pytest.fixture
async def listener(broker: Mosquitto) -> AsyncIterator[Listener]:
    async with Listener(broker) as one:
        yield one


@pytest.fixture
def place() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder


@pytest.fixture
async def service(broker: Mosquitto, listener: Listener, place: Path) -> AsyncIterator[Service]:
    """A service of its own for each test; the listener was there before it said anything."""
    assert listener.there.is_set()
    running = Service(place, mqtt_url=f"mqtt://{broker.user}:{broker.password}@127.0.0.1:{broker.port}")
    try:
        await asyncio.to_thread(running.up)
        yield running
        assert not running.breaches()
        assert broker.password not in running.logs()
    finally:
        running.down()


@pytest.fixture
async def town(service: Service) -> AsyncIterator[Town]:
    async with Town.from_description(await service.town(), root=HOME) as phones:
        await phones.agent(NIA, behaviour=Answer(), voice=1000)
        await service.ready(NIA)
        yield phones


async def arrived(service: Service, listener: Listener) -> list[Published]:
    """What the listener has heard, once it is all that is stored."""

    async def all_there() -> bool:
        facts = await service.facts()
        return [fact for _, fact in listener.once()][: len(facts)] == facts

    await eventually(all_there, within_s=40)
    return listener.once()


async def filed(service: Service) -> str:
    return await eventually(lambda: service.last_call(with_fact="recording"), within_s=15) or ""


# Issue 2, 5: published by MQTT to mosquitto where configured, through an outbox of our own. The topic is
# guildhall/<council, or all>/<kind>.
async def test_given_a_broker_when_a_call_is_answered_then_its_facts_on_their_topics_in_order(
    service: Service, town: Town, listener: Listener
) -> None:
    leg, call = await service.dial(await town.caller("01632960191", voice=440), town.direct_number(WASTE))
    await service.fact(call, "answer")
    await leg.hang_up()
    assert await filed(service) == call
    heard = await arrived(service, listener)
    story = [(topic, fact["ev"]) for topic, fact in heard if fact.get("call") == call]
    assert story == [
        ("guildhall/northmere/call", "call"),
        ("guildhall/northmere/arrive", "arrive"),
        ("guildhall/all/offer", "offer"),
        ("guildhall/all/answer", "answer"),
        ("guildhall/all/leave", "leave"),
        ("guildhall/all/end", "end"),
        ("guildhall/all/recording", "recording"),
    ]
    # SECURITY: a topic and a fact hold no personal data; the caller's number is on neither.
    assert "01632960191" not in json.dumps(heard)
    assert listener.heard == heard


# "so that nothing is lost while the broker is away"
async def test_given_a_call_when_the_broker_is_killed_and_comes_back_then_all_its_facts_arrive(
    service: Service, town: Town, listener: Listener, broker: Mosquitto
) -> None:
    leg, call = await service.dial(await town.caller("01632960192", voice=440), town.direct_number(WASTE))
    await service.fact(call, "answer")
    broker.kill()
    await leg.hang_up()
    assert await filed(service) == call
    # The switchboard goes on without it.
    assert (await service.state())["engine"] == "up"
    with _standing_still(service.pid("engine")):
        # A killed broker has forgotten its subscribers: the listener must be back before the engine is.
        broker.start()
        await asyncio.wait_for(listener.there.wait(), 5)
    heard = [fact for _, fact in await arrived(service, listener) if fact.get("call") == call]
    assert words(heard) == ["call", "arrive", "offer", "answer", "leave", "end", "recording"]


@contextlib.contextmanager
def _standing_still(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
