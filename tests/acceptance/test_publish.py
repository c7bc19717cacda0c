"""Editing, refusing and rolling back under a running service, with calls under way (P14)."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from lab.calling import OutgoingLeg
from lab.timeline import Way
from lab.town import Town
from tests.fakes.service import WASTE, Service, eventually, of

pytestmark = pytest.mark.acceptance

HOUSING = "northmere.housing"


def edit(service: Service, change: Callable[[str], str], *files: str) -> None:
    for file in files:
        path = service.place / "dialplans" / "northmere" / "flows" / file
        path.write_text(change(path.read_text("utf-8")), "utf-8")


@pytest.fixture(scope="module")
def prepare() -> Callable[[Service], None]:
    """Menus wait while files are published: that takes ten seconds and more on a busy machine."""
    return lambda service: edit(service, lambda text: text.replace("timeout: 1s", "timeout: 20s"), "main.yaml")


def swapped(text: str) -> str:
    """Key 1 leads to housing, where it is noted, and key 2 to the bins."""
    waits = "    queue: northmere.housing\n"
    assert waits in text
    text = text.replace(waits, f'{waits}    note: "Pressed {{council}}\'s new key"\n')
    return text.replace("1: bins", "1: @").replace("2: housing", "2: bins").replace("1: @", "1: housing")


def scenario(queue: str, number: str = "03069990001") -> str:
    """The only scenario of the main flow: where key 1, or a direct number, leads."""
    return (
        'number: "03069990001"\nat: 2026-11-24 10:00\nscenarios:\n'
        f'  - {{name: one, number: "{number}", press: "1", expect: {{queue: {queue}}}}}\n'
    )


async def history(service: Service) -> dict[str, Any]:
    return dict(json.loads(await service.ask("history", "--json")))


async def in_menu(service: Service, town: Town, number: str) -> tuple[OutgoingLeg, str]:
    leg, call = await service.dial(await town.caller(number), town.menu_number("northmere"))
    await service.fact(call, "step", step="main_menu")
    return leg, call


async def queue_of(service: Service, leg: OutgoingLeg, call: str) -> str:
    await leg.press("1")
    return str((await service.fact(call, "arrive"))["queue"])


async def noted(service: Service, call: str) -> bool:
    return any(one["contact"] == call for one in of(await service.facts(), "note"))


# "calls under way finish on the version they began with; a bad version is refused whole and the old one goes on.
# Editing a file under a running service reloads it the same way."
async def test_p14_given_calls_under_way_when_files_are_edited_refused_and_rolled_back_then_each_call_keeps_its_version(
    service: Service, town: Town
) -> None:
    before, before_call = await in_menu(service, town, "01632960161")
    edit(service, lambda _text: scenario(HOUSING), "main.test.yaml")
    edit(service, swapped, "main.yaml")

    def taken() -> bool:
        # By the engine's own word: the journal says so a moment before, when calls still begin with the old one.
        lines = (service.settings.logs / "engine.jsonl").read_text("utf-8").splitlines()
        return any("version taken" in line and '"version": 2' in line for line in lines)

    await eventually(taken, within_s=60, every_s=0.3)
    assert await queue_of(service, before, before_call) == WASTE
    after, after_call = await in_menu(service, town, "01632960162")
    assert await queue_of(service, after, after_call) == HOUSING
    # `note:` of the step, for whoever answers: the call does not wait for its being kept.
    await eventually(lambda: noted(service, after_call), within_s=30, every_s=0.5)
    assert "flow: Pressed northmere's new key" in await service.ask("explain", after_call, "--notes")

    edit(service, lambda text: text.replace("next: main_menu", "next: man_menu"), "main.yaml")

    async def refused() -> list[str]:
        return list((await history(service)).get("refused", None) or [])

    await eventually(refused, within_s=15, every_s=0.3)
    told = await history(service)
    assert told["in_force"] == 2
    assert "did you mean 'main_menu'" in told["refused"]["faults"][0]

    await service.ask("rollback", "--note", "the old keys")
    undone, undone_call = await in_menu(service, town, "01632960163")
    assert await queue_of(service, undone, undone_call) == WASTE

    # An engine that is started anew follows the journal, not the folder: that still holds what was refused.
    os.kill(service.pid("engine"), signal.SIGKILL)

    await eventually(service.is_up, within_s=15)
    waiting = {row["contact"] for row in (await service.state())["waiting"]}
    assert waiting == {before_call, after_call, undone_call}
    last, last_call = await in_menu(service, town, "01632960164")
    assert await queue_of(service, last, last_call) == WASTE
    for leg in (before, after, undone, last):
        await leg.hang_up()


async def published(service: Service) -> bool:
    """The keeper may be publishing the same edit: whoever comes second is told to try again in a moment."""
    try:
        await service.ask("publish")
    except AssertionError as refused:
        if "try again in a moment" not in str(refused):
            raise
        return False
    return True


# A new number, and one that is gone: Asterisk is told, and nothing else of it changes.
async def test_p14_given_a_new_number_when_published_then_it_can_be_dialled_at_once(
    service: Service, town: Town
) -> None:
    await service.ask("rollback", "1")
    tenant = service.place / "dialplans" / "northmere" / "tenant.yaml"
    edit(service, lambda text: text.replace("next: man_menu", "next: main_menu"), "main.yaml")
    edit(service, lambda _text: scenario(WASTE, "03069990052"), "main.test.yaml")
    tenant.write_text(tenant.read_text("utf-8").replace('"03069990002"', '"03069990052"'), "utf-8")
    await eventually(lambda: published(service), within_s=60, every_s=1)
    leg, call = await service.dial(await town.caller("01632960165"), "03069990052")
    assert (await service.fact(call, "arrive"))["queue"] == WASTE
    await leg.hang_up()
    gone = await (await town.caller("01632960166")).call("03069990002")
    await gone.wait("ended")
    assert gone.log.when("404", Way.RECEIVED)
