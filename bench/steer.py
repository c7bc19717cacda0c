"""Callers who speak, on a real Asterisk: how soon the next prompt begins, ten ends at once, sixty callers held."""

from __future__ import annotations

import asyncio
import json
import random
import re
import wave
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.measurement import Figure, Measurement, Result, Table
from bench.own_service import own_service
from bench.percentiles import percentile
from bench.progress import Progress
from kernel.hearing import Ask
from lab.calling import OutgoingLeg
from lab.listen import QUIET_DBFS, energy_per_window
from lab.service import HOME, Edit, ServiceProcess, eventually
from lab.town import Town

_TALKERS, _HELD = 10, 60
_TALK_S, _QUICK_TALK_S = 60.0, 20.0
_HOLD_S = 14.0
#: Mean pause before a caller speaks, seconds; with the rest of a turn, ten callers end under twice a second.
_PAUSE_S, _LONGEST_PAUSE_S = 2.0, 3.3
#: From the end of her words to her next pause: hangover, prompt.
_ANSWER_S = 2.4
_SEED = 20_261_122
_VOICES = ("bring_from_the_store", "no_grounds", "easy_target")
#: Whoever speaks is asked again; whoever is silent three times gets a person.
_FLOW = """start: ask
steps:
  ask:
    verb: steer
    prompts: [menu_main]
    intents: {shopping: again, grounds: again, target: again}
    phrases: {shopping: [from the store, bring these, things with her], grounds: [no grounds], target: [target]}
    no_input: person
    no_match: again
    tries: 2
  again: {verb: goto, next: ask}
  person: {verb: enqueue, queue: northmere.general}
"""
_QUESTION = '  menu_main: {en: "Why are you calling?", cy: "Beth sydd ei angen?"}\n'
_EDITS = (
    Edit(files="northmere/flows/main.yaml", pattern=r"(?s)\A.*\Z", by=_FLOW),
    # A question of one second in place of the menu's ten: two languages, a folded text each.
    Edit(files="northmere/prompts.yaml", pattern=r"(?m)^  menu_main:\n(    .*\n)+", by=_QUESTION),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the engine's log told between two moments."""

    took_s: list[float] = field(default_factory=list)
    after_s: list[float] = field(default_factory=list)
    menu: list[str] = field(default_factory=list)


class _Log:
    """The engine's log, read on."""

    def __init__(self, path: Path) -> None:
        self._path, self._at = path, 0

    def told(self) -> _Told:
        """What came since the last time."""
        text = self._path.read_text("utf-8")
        told = _Told()
        for line in text[self._at :].splitlines():
            row: dict[str, Any] = json.loads(line)
            match row["event"]:
                case "speech was read":
                    told.took_s.append(row["took_s"])
                case "the next prompt began":
                    told.after_s.append(row["after_s"])
                case "a caller who should be heard gets the keys":
                    told.menu.append(row["why"])
        self._at = len(text)
        return told


def run(quick: bool, progress: Progress) -> Result:  # noqa: FBT001 - the bench's interface
    """Measure."""
    with own_service(progress, _EDITS, speech_workers="2") as service:
        return asyncio.run(_measure(service, progress, _QUICK_TALK_S if quick else _TALK_S))


async def _measure(service: ServiceProcess, progress: Progress, talk_s: float) -> Result:
    path = service.place / "var" / "log" / "engine.jsonl"
    await eventually(lambda: path.read_text("utf-8").count("a speech worker is ready") >= 3, within_s=90)  # noqa: PLR2004 - two and one
    log = _Log(path)
    log.told()
    async with Town.from_description(await service.town(), root=HOME) as town:
        number = town.menu_number("northmere")
        legs = [await _dial(town, number, at) for at in range(_TALKERS)]
        progress.say(f"{_TALKERS} callers talk for {talk_s:g} s")
        ends = sum(await asyncio.gather(*(_talk(leg, at, talk_s) for at, leg in enumerate(legs))))
        talked = log.told()
        progress.say(f"{_TALKERS} callers end at once")
        for leg in legs:
            leg.speak(HOME / "tests" / "voices" / f"{_VOICES[1]}.wav")
        await asyncio.sleep(8.0)
        together, memory = log.told(), _memory(service.pid("engine"))
        await asyncio.gather(*(leg.hang_up() for leg in legs))
        progress.say(f"{_HELD} callers are held")
        held = [await _dial(town, number, at) for at in range(_HELD)]
        await asyncio.sleep(_HOLD_S)
        silences = [_longest_silence(leg) for leg in held]
        gone = sum(not leg.alive for leg in held)
        await asyncio.gather(*(leg.hang_up() for leg in held))
        refused = log.told().menu
    return _result(talked, together, memory, silences, gone, refused, ends / talk_s)


async def _dial(town: Town, number: str, at: int) -> OutgoingLeg:
    leg = await (await town.caller(f"01632960{at:03}")).call(number)
    await leg.wait("answered", 20)
    return leg


async def _talk(leg: OutgoingLeg, at: int, talk_s: float) -> int:
    rolled, loop = random.Random(_SEED + at), asyncio.get_running_loop()  # noqa: S311 - when to speak, not a secret
    until, ends = loop.time() + talk_s, 0
    while loop.time() < until and leg.alive:
        await asyncio.sleep(min(_LONGEST_PAUSE_S, rolled.expovariate(1 / _PAUSE_S)))
        voice = HOME / "tests" / "voices" / f"{rolled.choice(_VOICES)}.wav"
        leg.speak(voice)
        with wave.open(str(voice), "rb") as file:
            await asyncio.sleep(file.getnframes() / file.getframerate() + _ANSWER_S)
        ends += 1
    return ends


def _longest_silence(leg: OutgoingLeg) -> float:
    """Seconds; of all it heard."""
    longest = now = 0
    for level in energy_per_window(leg.media.heard()):
        now = now + 1 if level < QUIET_DBFS else 0
        longest = max(longest, now)
    return longest / 10


def _memory(engine: int) -> list[int]:
    """The most each worker of this engine ever held, MB (VmHWM, proc(5))."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((place / "stat").read_text("utf-8").rpartition(")")[2].split()[1])
            if parent == engine and b"adapters.speech." in (place / "cmdline").read_bytes():
                peak = re.search(r"VmHWM:\s+(\d+)", (place / "status").read_text("utf-8"))
                found.append(int(peak[1]) // 1000 if peak else 0)
        except OSError:
            continue
    return found


def _result(  # noqa: PLR0913, PLR0917 - one figure each
    talked: _Told,
    together: _Told,
    memory: list[int],
    silences: list[float],
    gone: int,
    refused: list[str],
    ends_a_second: float,
) -> Result:
    figures: dict[str, Figure] = {
        "ends_a_second": round(ends_a_second, 2),
        "words_p50_s": percentile(talked.took_s, 50),
        "words_p95_s": percentile(talked.took_s, 95),
        "prompt_p50_s": percentile(talked.after_s, 50),
        "prompt_p95_s": percentile(talked.after_s, 95),
        "turns": len(talked.took_s),
        "to_the_menu": len(talked.menu),
        "together_heard": len(together.took_s),
        "together_to_the_menu": len(together.menu),
        "together_slowest_s": max(together.took_s, default=None),
        "held": len(silences) - gone,
        "held_refused": len(refused),
        "held_longest_silence_s": max(silences, default=None),
        "workers_most_mb": sum(memory),
    }
    failures = (f"{gone} held calls ended",) if gone else ()
    notes = (*_notes(figures), f"The most each worker held, MB: {memory}, {sum(memory)} in all.")
    return Result(tables=(_soon(figures),), notes=notes, figures=figures, failures=failures)


def _soon(figures: dict[str, Figure]) -> Table:
    hangover = Ask(sounds=()).hangover_s
    return Table(
        title=f"Seconds from the decision that she has finished (hangover {hangover:g} s), {_TALKERS} callers",
        headings=("what", "p50", "p95"),
        rows=(
            ("to her words", figures["words_p50_s"], figures["words_p95_s"]),
            ("to the next prompt", figures["prompt_p50_s"], figures["prompt_p95_s"]),
        ),
    )


def _notes(told: dict[str, Figure]) -> tuple[str, ...]:
    heard = f"{told['together_heard']} heard, the slowest after {told['together_slowest_s']} s"
    held = f"{told['held']} of {_HELD} callers held for {_HOLD_S:g} s, {told['held_refused']} of them by the menu"
    return (
        f"{told['turns']} turns, {told['ends_a_second']} ends of speech a second; {told['to_the_menu']} to the menu.",
        f"{_TALKERS} ends at once: {heard}; {told['together_to_the_menu']} to the menu.",
        f"{held}; longest silence heard: {told['held_longest_silence_s']} s (a listening turn lasts 4 s).",
    )


MEASUREMENT = Measurement(
    name="steer",
    tells="callers who speak: how soon the next prompt begins, ten at once, sixty held",
    takes="3 min",
    run=run,
)
