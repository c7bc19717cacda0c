"""The day file: who calls when and how patiently, who works when; read with the path of every mistake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from kernel.errors import BadInput

#: A file with more mistakes than this has one cause; the rest is noise.
MAX_ERRORS = 20

#: A fact's ``t`` has microseconds; two arrivals that look the same there must be the same here.
_DECIMALS = 6

Moment = Annotated[float, AfterValidator(lambda value: round(value, _DECIMALS))]
Seconds = Annotated[float, Field(ge=0)]
Name = Annotated[str, Field(min_length=1)]
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
    priority: int = 0
    skills: Levels = Field(default_factory=dict)
    #: In the queue before hanging up; None waits for ever.
    patience: Seconds | None
    #: Talk.
    service: Seconds
    #: After-call work.
    wrap: Seconds = 0.0


class DayAgent(_Part):
    """One agent and her hours. Times in seconds of the day, lengths in seconds."""

    agent: Name
    #: ``*`` takes the calls of every council.
    council: Name
    queues: tuple[Name, ...]
    skills: Levels = Field(default_factory=dict)
    on: Moment
    off: Moment
    #: Of ringing, before she answers.
    answer_delay: Seconds = 0.0
    #: The chance that an offer rings out.
    rona_p: Annotated[float, Field(ge=0, le=1)] = 0.0
    breaks: tuple[tuple[Moment, Moment], ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> DayAgent:
        if self.off < self.on:
            raise ValueError("off lies before on")
        if any(end < begin for begin, end in self.breaks):
            raise ValueError("a break ends before it begins")
        return self

    def on_duty(self, t: float) -> bool:
        """Whether she means to take calls at ``t`` (seconds of the day)."""
        return self.on <= t < self.off and not any(begin <= t < end for begin, end in self.breaks)


class Day(_Part):
    """A day: its calls and its agents."""

    calls: tuple[DayCall, ...]
    agents: tuple[DayAgent, ...]


def read_day(text: str | bytes) -> Day:
    """Read a day file. Raises ``BadInput`` with the path of each mistake, such as ``calls[3].queue``."""
    try:
        day = Day.model_validate_json(text)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        raise _refusal(_sentence(detail) for detail in details) from None
    if twice := [*_twice("calls", "call", (one.call for one in day.calls))]:
        raise _refusal(twice)
    if twice := [*_twice("agents", "agent", (one.agent for one in day.agents))]:
        raise _refusal(twice)
    return day


def _refusal(mistakes: Iterable[str]) -> BadInput:
    told = list(mistakes)
    more = [f"and {len(told) - MAX_ERRORS} more"] if len(told) > MAX_ERRORS else []
    return BadInput("bad_day", "the day file cannot be used:\n  " + "\n  ".join(told[:MAX_ERRORS] + more))


def _twice(part: str, key: str, names: Iterable[str]) -> Iterator[str]:
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in first:
            yield f"{part}[{index}].{key}: the same name as {part}[{first[name]}]"
        first.setdefault(name, index)


def _sentence(detail: ErrorDetails) -> str:
    path = ""
    for part in detail["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    what = "is missing" if detail["type"] == "missing" else detail["msg"].removeprefix("Value error, ")
    return f"{path or '(the whole file)'}: {what[:1].lower() + what[1:]}"
