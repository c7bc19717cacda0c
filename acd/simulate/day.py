"""The day file: who calls when and how patiently, who works when; read with the path of every mistake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from kernel.errors import BadInput
from kernel.located_json import JsonText
from kernel.schema import Duration

#: A file with more mistakes than this has one cause; the rest is noise.
MAX_ERRORS = 20

#: A fact's ``t`` has microseconds; two arrivals that look the same there must be the same here.
_DECIMALS = 6

#: Longer than any day with its nights: a slip of the unit (milliseconds) is a mistake, not a run without end.
LONGEST_S = 31 * 86_400.0

#: Far above what `queues.yaml` may say, and still below an emergency (acd/core/score.py).
MOST_PRIORITY = 100_000

Moment = Annotated[float, AfterValidator(lambda value: round(value, _DECIMALS))]
Seconds = Annotated[float, Field(ge=0, le=LONGEST_S)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Chance = Annotated[float, Field(ge=0, le=1)]
Levels = dict[Name, Annotated[int, Field(ge=0)]]


class _Part(BaseModel):
    # JSON has one kind of number, so a whole one may stand for seconds; a text or a boolean may not.
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, allow_inf_nan=False)


class DayCall(_Part):
    """One call. Times in seconds of the day, lengths in seconds."""

    call: Name
    t: Moment
    queue: Name
    council: Name
    #: Without these two the queue's hold.
    priority: Annotated[int, Field(ge=-MOST_PRIORITY, le=MOST_PRIORITY)] | None = None
    skills: Levels = Field(default_factory=dict)
    language: str = "en"
    #: Who is to take it, and how long it waits for her.
    preferred: Name | None = None
    preferred_wait: Seconds | None = None
    #: Where in the queue, from 1, among those of the same priority; without it the last.
    place: Annotated[int, Field(ge=1)] | None = None
    #: The chance that the caller agrees when asked, and takes a callback when one is offered.
    agrees: Chance = 1.0
    #: In the queue before hanging up; None, or longer than any day, waits for ever.
    patience: Annotated[float, Field(ge=0)] | None
    #: Talk.
    service: Seconds
    #: After-call work; without it the queue's.
    wrap: Seconds | None = None


class Serves(_Part):
    """A queue she serves; written as its bare name where there is nothing more to say, as in ``people.yaml``."""

    queue: Name
    order: Annotated[int, Field(ge=1, le=99)] = 1
    delay: Annotated[Duration, Field(ge=0)] = 0.0

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: object) -> object:
        return {"queue": value} if isinstance(value, str) else value


class DayAgent(_Part):
    """One agent and her hours. Times in seconds of the day, lengths in seconds."""

    agent: Name
    #: ``*`` takes the calls of every council.
    council: Name
    queues: tuple[Serves, ...]
    #: Whose calls she may take; without it those of ``council``.
    councils: tuple[Name, ...] = ()
    skills: Levels = Field(default_factory=dict)
    on: Moment
    off: Moment
    #: Of ringing, before she answers.
    answer_delay: Seconds = 0.0
    #: The chance that an offer rings out.
    rona_p: Chance = 0.0
    breaks: tuple[tuple[Moment, Moment], ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> DayAgent:
        if self.off < self.on:
            raise ValueError("off lies before on")
        if any(end < begin for begin, end in self.breaks):
            raise ValueError("a break ends before it begins")
        serves: dict[str, Serves] = {}
        for one in self.queues:
            if serves.setdefault(one.queue, one) != one:
                raise ValueError(f"queue {one.queue} stands twice, with another order or delay")
        return self

    def on_duty(self, t: float) -> bool:
        """Whether she means to take calls at ``t`` (seconds of the day)."""
        return self.on <= t < self.off and not any(begin <= t < end for begin, end in self.breaks)


class Day(_Part):
    """A day: its calls and its agents."""

    calls: tuple[DayCall, ...]
    agents: tuple[DayAgent, ...]
    #: Queues and councils in the words of their own files; read where those files are (adapters/files/day_shape.py).
    routing: object = None


#: Where in the file, and what is wrong there.
_Mistake = tuple[tuple[str | int, ...], str]


def read_day(text: str, file: str = "day.json") -> Day:
    """Read a day file. Raises ``BadInput`` with line and path of each mistake, such as ``calls[3].queue``."""
    try:
        day = Day.model_validate_json(text)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        if details[0]["type"] == "json_invalid":
            # Nothing else can be told of such a file, and its own words name line and column.
            raise BadInput("bad_day", f"{file}: {_sentence(details[0])}") from None
        _refuse_doubled(text, file)
        raise _refusal(text, file, [(detail["loc"], _sentence(detail)) for detail in details]) from None
    _refuse_doubled(text, file)
    if twice := [*_twice("calls", "call", (one.call for one in day.calls))]:
        raise _refusal(text, file, twice)
    if twice := [*_twice("agents", "agent", (one.agent for one in day.agents))]:
        raise _refusal(text, file, twice)
    if far := [*_far(day)]:
        raise _refusal(text, file, far)
    return day


def _far(day: Day) -> Iterator[_Mistake]:
    """Moments that belong to no day of the first one's: another clock, or another unit."""
    moments: list[tuple[tuple[str, int, str], float]] = [
        *((("calls", index, "t"), one.t) for index, one in enumerate(day.calls)),
        *((("agents", index, key), getattr(one, key)) for index, one in enumerate(day.agents) for key in ("on", "off")),
    ]
    first = min((t for _, t in moments), default=0.0)
    for path, t in moments:
        if t - first > LONGEST_S:
            name = f"{path[0]}[{path[1]}].{path[2]}"
            yield path, f"{name}: {t:g} s lies more than 31 days behind the first moment of the day, {first:g} s"


def _refuse_doubled(text: str, file: str) -> None:
    """A key that stands twice: whichever was meant, the other would be dropped without a word."""
    doubled = JsonText(text, file).doubled()
    told = [
        f"{file}:{one.place.line}: {_named(one.path)}: stands twice, first in line {one.first.line}"
        for one in islice(doubled, MAX_ERRORS)
    ]
    if told:
        raise _cannot_be_used(told, ["and more"] if next(doubled, None) else [])


def _refusal(text: str, file: str, mistakes: Sequence[_Mistake]) -> BadInput:
    places = JsonText(text, file)
    told = [f"{file}:{places.at(path).line}: {what}" for path, what in mistakes[:MAX_ERRORS]]
    return _cannot_be_used(told, [f"and {len(mistakes) - MAX_ERRORS} more"] if len(mistakes) > MAX_ERRORS else [])


def _cannot_be_used(told: list[str], more: list[str]) -> BadInput:
    return BadInput("bad_day", "the day file cannot be used:\n  " + "\n  ".join(told + more))


def _twice(part: str, key: str, names: Iterable[str]) -> Iterator[_Mistake]:
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in first:
            yield (part, index, key), f"{part}[{index}].{key}: the same name as {part}[{first[name]}]"
        first.setdefault(name, index)


def _named(path: Iterable[str | int]) -> str:
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name


def _sentence(detail: ErrorDetails) -> str:
    what = "is missing" if detail["type"] == "missing" else detail["msg"].removeprefix("Value error, ")
    return f"{_named(detail['loc']) or '(the whole file)'}: {what[:1].lower() + what[1:]}"
