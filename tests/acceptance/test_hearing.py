"""Callers who speak, through a real Asterisk: heard, interrupting, silent, noisy, torn; engines that die in a turn."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import tempfile
from array import array
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from lab.calling import OutgoingLeg
from lab.listen import QUIET_DBFS, energy_per_window
from lab.town import Town
from lab.voice import write_telephone_wav
from tests.fakes.service import HOME, WASTE, Service, eventually

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(240)]

VOICES = HOME / "tests" / "voices"
STORE, GROUNDS = VOICES / "bring_from_the_store.wav", VOICES / "no_grounds.wav"
HOUSING, PERSON = "northmere.housing", "northmere.general"
#: Asks, then listens; whoever cannot be heard is with a person at once.
FLOW = """start: ask
steps:
  ask:
    verb: steer
    prompts: [menu_main]
    intents: {shopping: waste, grounds: housing}
    phrases: {shopping: [from the store, bring these, things with her], grounds: [no grounds]}
    no_input: person
    no_match: person
    tries: 1
  waste: {verb: enqueue, queue: northmere.waste}
  housing: {verb: enqueue, queue: northmere.housing}
  person: {verb: enqueue, queue: northmere.general}
"""
#: About six seconds.
LONG = "Please tell us in a few words why you are calling today. For example, say my bin was not emptied on Tuesday."


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A service whose first number listens, with one worker of each engine."""
    with tempfile.TemporaryDirectory(prefix="gh-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        # Patient: these tests are about who reads, not about how busy the machine is.
        running = Service(place, speech_workers="1", speech_patience="8")
        council = place / "dialplans" / "northmere"
        (council / "flows" / "main.yaml").write_text(FLOW, encoding="utf-8")
        (council / "flows" / "main.test.yaml").unlink(missing_ok=True)
        prompts = council / "prompts.yaml"
        prompts.write_text(prompts.read_text("utf-8").replace("Press 1 or 2.", LONG), encoding="utf-8")
        try:
            running.up()
            yield running
        finally:
            running.down()


def _workers(service: Service) -> dict[str, int]:
    """Engine -> the process that reads for it now."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().decode().split("\0")
            parent = int((place / "stat").read_text("utf-8").rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == service.pid("engine") and "adapters.speech.worker" in words:
            found[words[words.index("adapters.speech.worker") + 1]] = int(place.name)
    return found


def _ready(service: Service) -> int:
    return (service.settings.logs / "engine.jsonl").read_text("utf-8").count("a speech worker is ready")


@pytest.fixture
async def town(service: Service) -> AsyncIterator[Town]:
    """The phones, once both engines are loaded."""
    await eventually(lambda: _ready(service) >= 2, within_s=60)
    async with Town.from_description(await service.town(), root=HOME) as phones:
        yield phones
    await eventually(service.is_empty, within_s=15)


async def _call(service: Service, town: Town, number: str) -> tuple[OutgoingLeg, str]:
    leg, call = await service.dial(await town.caller(number), town.menu_number("northmere"))
    await service.fact(call, "step", step="ask")
    return leg, call


async def _goes(service: Service, call: str, queue: str) -> None:
    arrived = await service.fact(call, "arrive", within_s=40)
    assert arrived["queue"] == queue, str(await service.story(call))


def _hum(folder: Path) -> Path:
    """Ten seconds of a line that hisses, as loud as quiet speech: noise, not words."""
    rolled = random.Random(20261122)  # noqa: S311 - noise, not a secret
    samples = array("h", [round(rolled.gauss(0, 250)) for _ in range(80_000)])
    write_telephone_wav(folder / "hum.wav", samples.tobytes())
    return folder / "hum.wav"


# issue 5, "Shown by": spoken sound files, barge-in, silence, noise, hang-up; six callers at once.
async def test_given_callers_who_speak_press_hiss_or_say_nothing_when_asked_then_each_gets_his_way(
    service: Service, town: Town, tmp_path: Path
) -> None:
    async def speaks(leg: OutgoingLeg, call: str) -> None:
        await asyncio.sleep(1.0)  # in the middle of the prompt: barge-in
        before = len(leg.media.heard())
        leg.speak(STORE)
        await _goes(service, call, WASTE)
        # The prompt stopped soon after he began: six seconds of it would have filled the rest.
        rest = energy_per_window(leg.media.heard()[before:])
        assert sum(level > QUIET_DBFS for level in rest[:40]) < 20, rest

    async def speaks_at_once(leg: OutgoingLeg, call: str) -> None:
        leg.speak(GROUNDS)
        await _goes(service, call, HOUSING)

    async def presses(leg: OutgoingLeg, call: str) -> None:
        await leg.press("5")
        await _goes(service, call, PERSON)

    async def hisses(leg: OutgoingLeg, call: str) -> None:
        leg.speak(_hum(tmp_path))
        await _goes(service, call, PERSON)

    async def says_nothing(_leg: OutgoingLeg, call: str) -> None:
        await _goes(service, call, PERSON)

    async def hangs_up(leg: OutgoingLeg, call: str) -> None:
        leg.speak(GROUNDS)
        await leg.hang_up()
        await service.fact(call, "end", within_s=20)

    legs = []
    async with asyncio.TaskGroup() as callers:
        for number, what in enumerate((speaks, speaks_at_once, presses, hisses, says_nothing, hangs_up)):
            leg, call = await _call(service, town, f"0163296016{number}")
            legs.append(leg)
            callers.create_task(what(leg, call))
    log = (service.settings.logs / "engine.jsonl").read_text("utf-8")
    assert "store" not in log.lower()
    for leg in legs:
        await leg.hang_up()


# issue 5: "Engine slow, dead or wrong mid-call: switch within the turn or go on to the menu, never silence."
async def test_given_the_first_engine_frozen_in_a_turn_when_she_has_spoken_then_the_second_reads(
    service: Service, town: Town
) -> None:
    leg, call = await _call(service, town, "01632960170")
    # Frozen, as a process that swaps: it must be given up in time, within the turn.
    os.kill(_workers(service)["moonshine"], signal.SIGSTOP)
    leg.speak(STORE)
    await _goes(service, call, WASTE)
    await leg.hang_up()


async def test_given_both_engines_killed_in_a_turn_when_she_has_spoken_then_a_person_takes_the_call(
    service: Service, town: Town
) -> None:
    await eventually(lambda: len(_workers(service)) == 2, within_s=60)
    leg, call = await _call(service, town, "01632960171")
    leg.speak(STORE)

    async def with_a_person() -> bool:
        # Each that comes back is killed again: on an idle machine a new one reads within the same turn.
        for pid in _workers(service).values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return any(fact["ev"] == "arrive" for fact in await service.story(call))

    await eventually(with_a_person, 40, 0.1)
    await _goes(service, call, PERSON)
    await leg.hang_up()


# "A torn AudioSocket": the connection is cut under the turn; the call lives and goes on by keys.
async def test_given_a_torn_audiosocket_in_a_turn_when_it_is_seen_then_a_person_takes_the_call(
    service: Service, town: Town
) -> None:
    await eventually(lambda: len(_workers(service)) == 2, within_s=60)
    leg, call = await _call(service, town, "01632960172")
    port = await eventually(lambda: _sound_port(service))
    cut = ("/usr/bin/env", "ss", "-K", "-t", "state", "established", "dst", "127.0.0.1", "dport", "=", f":{port}")
    await asyncio.to_thread(subprocess.run, cut, capture_output=True, check=True)
    await _goes(service, call, PERSON)
    assert leg.alive
    await leg.hang_up()


def _sound_port(service: Service) -> int:
    """Where the engine listens besides AGI: the port that is in no file."""
    told = subprocess.run(("/usr/bin/env", "ss", "-Hltnp"), capture_output=True, text=True, check=True).stdout
    mine = [line.split()[3] for line in told.splitlines() if f"pid={service.pid('engine')}," in line]
    known = (service.settings.run / "ports.json").read_text("ascii")
    ports = [int(one.rpartition(":")[2]) for one in mine]
    return next((port for port in ports if str(port) not in known), 0)
