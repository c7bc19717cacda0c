"""Scenario tests beside the flows: `*.test.yaml` says who calls when, presses what, and what must come of it."""

from __future__ import annotations

import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from adapters.files.hours_shape import Moment
from adapters.files.open_inside import read_inside
from guildhall.flow_tools.dialling import Exchange, needs, outages
from guildhall.flow_tools.drawing import Gone
from guildhall.flow_tools.reading import Folder
from guildhall.flow_tools.text_call import Script, Story
from kernel.errors import BadInput
from kernel.located import ConfigError, ConfigErrors, Place, parse
from kernel.schema import Count, Id, Number, Schema, fill
from lab.voice import read_telephone_wav

_TEST = ".test.yaml"

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Expected(Schema):
    """What must come of a call; what is not said here may be anything."""

    #: Prompts, or parts of texts, in this order among all that is heard.
    hears: tuple[Text, ...] = ()
    hears_not: tuple[Text, ...] = ()
    #: Steps in this order among all that are reached.
    steps: tuple[Id, ...] = ()
    #: queue, informed, rejected or transfer.
    outcome: Text | None = None
    queue: Id | None = None
    priority: Count | None = None
    language: Id | None = None
    #: What is noted on the call for whoever answers; '' where nothing may be.
    note: Annotated[str, StringConstraints(max_length=1000)] | None = None
    #: Survey -> the answer that is kept.
    answers: dict[Id, Id] | None = None


class Scenario(Schema):
    """One call."""

    name: Text
    number: Number | None = None
    #: The council's time.
    at: Moment | None = None
    #: Keys in order; `.` is a silence.
    press: Annotated[str, StringConstraints(pattern=r"^[0-9*#.]{0,100}$")] = ""
    #: Keys after the talk, when the agent has hung up and the flow asks (`survey:` of an enqueue).
    after: Annotated[str, StringConstraints(pattern=r"^[0-9*#.]{0,100}$")] | None = None
    #: What the caller says when she is asked, as text.
    say: tuple[Text, ...] = ()
    #: The same as sound files (8000 Hz, mono, 16-bit WAV), relative to this file: `guildhall test --live` plays them.
    speech: tuple[Text, ...] = ()
    waiting: dict[Id, Count] = Field(default_factory=dict)
    staff: dict[Id, Count] = Field(default_factory=dict)
    outages: tuple[Text, ...] = ()
    #: What is known of the caller: more_time, welsh, relay.
    needs: tuple[Text, ...] = ()
    #: Service -> key -> fields.
    services: dict[Id, dict[Text, dict[Id, Text]]] = Field(default_factory=dict)
    expect: Expected


class ScenarioFile(Schema):
    """``<name>.test.yaml``; `number` and `at` hold for every scenario that does not give its own."""

    number: Number | None = None
    at: Moment
    scenarios: Annotated[tuple[Scenario, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one scenario; without ``complaints`` it is as expected."""

    place: Place
    name: str
    complaints: tuple[str, ...]
    story: Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One scenario as it is to be run."""

    place: Place
    name: str
    script: Script
    expect: Expected


@dataclass(slots=True)
class Coverage:
    """Steps and ways that the scenarios went, of those there are."""

    steps: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    ways: dict[tuple[str, str], set[tuple[str, str]]] = field(default_factory=dict)

    def add(self, tenant: str, story: Story) -> None:
        """Count a call."""
        for flow, step in story.steps:
            self.steps.setdefault((tenant, flow), set()).add(step)
        for (flow, step), (next_flow, next_step) in pairwise(story.steps):
            if flow == next_flow:
                self.ways.setdefault((tenant, flow), set()).add((step, next_step))

    def gone(self, tenant: str, flow: str) -> Gone:
        """Where the scenarios went in one flow."""
        return Gone(steps=self.steps.get((tenant, flow), set()), ways=self.ways.get((tenant, flow), set()))

    def lines(self, exchange: Exchange, folder: Folder) -> Iterator[str]:
        """One line a flow of the part asked about: how much of it was gone through, and which steps were not."""
        for (tenant, name), flow in sorted(exchange.book.flows.items()):
            place = exchange.plans.flows[tenant][name].place
            if not folder.holds(place.file) and (tenant, name) not in self.steps:
                continue
            steps = self.steps.get((tenant, name), set())
            ways = {(step, target) for step, verb in flow.steps.items() for target in verb.targets().values()}
            gone = self.ways.get((tenant, name), set()) & ways
            missed = [step for step in flow.steps if step not in steps]
            told = f"  never reached: {', '.join(missed)}" if missed else ""
            yield f"{tenant}/{name}: steps {len(steps)} of {len(flow.steps)}, ways {len(gone)} of {len(ways)}{told}"


def run_scenarios(folder: Folder, exchange: Exchange) -> tuple[list[Result], Coverage]:
    """Run every scenario of the part asked about. Raises ``ConfigErrors`` for files that cannot be read."""
    coverage = Coverage()
    return [_run(one, exchange, coverage) for one in planned(folder, exchange)], coverage


def planned(folder: Folder, exchange: Exchange) -> list[Planned]:
    """Every scenario of the part asked about. Raises ``ConfigErrors`` for files that cannot be read."""
    found: list[Planned] = []
    errors: list[ConfigError] = []
    for path in sorted(folder.root.rglob(f"*{_TEST}")):
        if not folder.holds(path.relative_to(folder.root.parent).as_posix()):
            continue
        try:
            tree = parse(*read_inside(path, folder.root))
            file = fill(tree, ScenarioFile)
            for at, scenario in enumerate(file.scenarios):
                place = tree.at(("scenarios", at, "name"))
                one = _planned(place, scenario, file, exchange)
                sounds = _sounds(tree.at(("scenarios", at)), scenario, path.parent, folder)
                found.append(replace(one, script=replace(one.script, sounds=sounds)))
        except ConfigErrors as wrong:
            errors.extend(wrong.errors)
        except ConfigError as error:
            errors.append(error)
    if errors:
        raise ConfigErrors(errors)
    return found


def _planned(place: Place, scenario: Scenario, file: ScenarioFile, exchange: Exchange) -> Planned:
    """Make it ready. Raises ``ConfigError`` when it names what is not there."""
    try:
        script = _script(scenario, file, exchange)
    except BadInput as error:
        raise ConfigError(place, error.code, error.message) from None
    return Planned(place=place, name=scenario.name, script=script, expect=scenario.expect)


def _sounds(place: Place, scenario: Scenario, beside: Path, folder: Folder) -> tuple[Path, ...]:
    """The files she speaks with. Raises ``ConfigError`` for one that no telephone plays, or that is outside."""
    if scenario.speech and len(scenario.speech) != len(scenario.say):
        raise ConfigError(place, "speech_count", "'speech' names one file for each sentence of 'say'")
    found = []
    for name in scenario.speech:
        path = (beside / name).resolve()
        if not path.is_relative_to(folder.root.resolve()) or not path.is_file():
            raise ConfigError(place, "no_sound", f"there is no sound file '{name}' here", "name it from this file on")
        try:
            read_telephone_wav(path)
        except (BadInput, OSError, EOFError, wave.Error):
            raise ConfigError(place, "bad_sound", f"'{name}' is not a mono 16-bit WAV file of 8000 Hz") from None
        found.append(path)
    return tuple(found)


def _run(one: Planned, exchange: Exchange, coverage: Coverage) -> Result:
    try:
        tenant, story = exchange.call(one.script)
    except BadInput as error:
        return Result(place=one.place, name=one.name, complaints=(error.message,), story=Story())
    coverage.add(tenant.id, story)
    return Result(place=one.place, name=one.name, complaints=tuple(_complaints(one.expect, story)), story=story)


def _script(scenario: Scenario, file: ScenarioFile, exchange: Exchange) -> Script:
    number = scenario.number or file.number
    if number is None:
        raise BadInput("no_number", "no 'number' is given, here or for the whole file")
    tenant = exchange.tenant_of(number)
    return Script(
        number=number,
        at=scenario.at or file.at,
        keys=scenario.press,
        after=scenario.after,
        says=scenario.say,
        waiting=exchange.queues(tenant, scenario.waiting),
        staff=exchange.queues(tenant, scenario.staff),
        outages=outages(scenario.outages),
        services=scenario.services,
        needs=needs(scenario.needs),
    )


def _complaints(expected: Expected, story: Story) -> Iterator[str]:
    found: Mapping[str, object] = {
        "outcome": story.outcome,
        "queue": story.queue,
        "priority": story.priority,
        "language": story.language,
        "note": story.note,
        "answers": story.answers,
    }
    for key, value in found.items():
        wanted = getattr(expected, key)
        if wanted is not None and wanted != value:
            yield f"{key}: expected {_or_nothing(wanted)}, was {_or_nothing(value)}"
    if (missing := _missing(expected.hears, story.heard)) is not None:
        yield f"hears: '{missing}' was not heard, or not in this order; heard: {', '.join(story.heard) or 'nothing'}"
    steps = [step for _, step in story.steps]
    if (missing := _missing(expected.steps, steps)) is not None:
        yield f"steps: '{missing}' was not reached, or not in this order; reached: {', '.join(steps) or 'none'}"
    for unwanted in expected.hears_not:
        if any(unwanted in one for one in story.heard):
            yield f"hears_not: '{unwanted}' was heard"


def _or_nothing(value: object) -> object:
    return "nothing" if value == "" else value


def _missing(wanted: tuple[str, ...], found: list[str]) -> str | None:
    """The first of ``wanted`` that does not come, in this order, in ``found``."""
    ahead = iter(found)
    for one in wanted:
        if not any(one == there or (" " in there and one in there) for there in ahead):
            return one
    return None
