"""The shapes of a council's files: what stands in `tenant.yaml`, `queues.yaml`, `people.yaml`, `prompts.yaml`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, field_validator, model_validator

from adapters.files.announce_shape import AnnounceShape
from adapters.files.hours_shape import HoursShape, Moment
from adapters.files.limits_shape import LimitsShape
from adapters.files.recording_shape import Days, PurposeOrAny, RecordingShape
from kernel.queues import IdleAfterLost, LastResort, Strategy, WrapUpMode
from kernel.schema import Count, Duration, Id, Number, Schema, YesNo

#: BCP 47, two letters: it becomes a folder's name.
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Level = Annotated[Count, Field(ge=1, le=5)]
#: What people read.
Label = Annotated[str, StringConstraints(min_length=1, max_length=100)]
#: What is spoken; a minute of speech has about 900 characters.
Spoken = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
#: Queues and skills stand on a channel with `:`, `/` between them, and a queue's short name is joined with a dot.
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


#: Kinds of numbers as `outside:` names them (``kernel/number_kind.py``).
Kind = Literal["ordinary", "mobile", "free", "short", "service", "premium", "personal", "abroad"]


class NumberShape(Schema):
    """One number; exactly one of ``flow`` and ``queue``."""

    number: Number
    flow: Id | None = None
    queue: Id | None = None


class ServiceShape(Schema):
    """Something verb `lookup` may ask over the network; ``{key}`` in the address is what is looked for."""

    url: Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9.-]{1,200}(:\d{1,5})?/[^\s{}]*(\{key\}[^\s{}]*)?$")]
    timeout: Annotated[Duration, Field(ge=0.1, le=2)] = 2.0


class OutsideShape(Schema):
    """What may be dialled at all. Emergency numbers always may; what is not named here never."""

    may_reach: tuple[Kind, ...] = ("ordinary", "mobile", "free", "short")
    #: Calls out in any sixty minutes.
    per_hour: Annotated[Count, Field(ge=1, le=10_000)] = 60


class DefinitionShape(Schema):
    """How figures are reckoned from a day on."""

    begins: Annotated[date, BeforeValidator(date.fromisoformat)]
    short_abandon: Annotated[Duration, Field(ge=0, le=60)] = 5.0
    service_level: Annotated[Duration, Field(ge=1, le=3600)] | None = None


class TenantFile(Schema):
    """``tenant.yaml``."""

    name: Label
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    default_queue: Id
    numbers: tuple[NumberShape, ...]
    emergency_queue: Id | None = None
    #: Per cent of the agents at work: what the council is guaranteed, and the most its callers may use.
    share: Annotated[Count, Field(ge=1, le=100)] | None = None
    cap: Annotated[Count, Field(ge=1, le=100)] | None = None
    hours: dict[Name, HoursShape] = Field(default_factory=dict)
    hours_line: Number | None = None
    transfer_to: dict[Name, Number] = Field(default_factory=dict)
    outside: OutsideShape = Field(default_factory=OutsideShape)
    services: dict[Name, ServiceShape] = Field(default_factory=dict)
    figures: Annotated[tuple[DefinitionShape, ...], Field(max_length=50)] = ()
    #: Days recordings are kept, by purpose.
    retention: dict[PurposeOrAny, Days] = Field(default_factory=dict)

    @field_validator("figures")
    @classmethod
    def _each_day_once(cls, figures: tuple[DefinitionShape, ...]) -> tuple[DefinitionShape, ...]:
        days = [one.begins for one in figures]
        if twice := next((day for day in days if days.count(day) > 1), None):
            raise ValueError(f"two definitions begin on {twice}")
        return figures


class AskShape(Schema):
    """What a waiting caller is asked, and the key that says yes."""

    prompts: Annotated[tuple[Id, ...], Field(min_length=1, max_length=5)]
    key: Annotated[str, StringConstraints(pattern=r"^[0-9]$")] = "1"
    #: 0: once only.
    again: Annotated[Duration, Field(ge=0, le=3600)] = 60.0


class RelaxShape(Schema):
    """Less is required after so long; a skill that is not named is no longer required."""

    after: Annotated[Duration, Field(ge=1, le=3600)]
    skills: dict[Name, Level] = Field(default_factory=dict)
    #: The caller is asked first.
    ask: AskShape | None = None


class AgeShape(Schema):
    """After so long a wait the contact has at least this priority."""

    after: Annotated[Duration, Field(ge=1, le=7200)]
    priority: Annotated[Count, Field(le=100)]


Rest = Annotated[Duration, Field(ge=0, le=600)]


class QueueShape(Schema):
    """One queue; times with a unit."""

    id: Name
    name: Label
    skills: dict[Name, Level] = Field(default_factory=dict)
    priority: Annotated[Count, Field(le=100)] = 0
    weight: Annotated[Count, Field(le=100)] = 0
    languages: dict[Language, dict[Name, Level]] = Field(default_factory=dict)
    floor: Annotated[Count, Field(le=100)] = 0
    #: 0: never.
    alarm_after: Annotated[Duration, Field(ge=0, le=3600)] | None = None
    ring_at_once: Annotated[Count, Field(ge=1, le=8)] = 1
    preferred_wait: Annotated[Duration, Field(ge=0, le=3600)] = 0.0
    ring_time: Annotated[Duration, Field(ge=3, le=120)] = 15.0
    wrap_up: Annotated[Duration, Field(ge=0, le=3600)] = 10.0
    wrap_up_mode: WrapUpMode = WrapUpMode.TIMED
    wrap_up_longest: Annotated[Duration, Field(ge=0, le=3600)] = 600.0
    rona_exclude: Annotated[Duration, Field(ge=0, le=3600)] = 60.0
    service_level: Annotated[Duration, Field(ge=1, le=3600)] = 20.0
    recording: RecordingShape = Field(default_factory=RecordingShape)
    #: So many refused or unreachable offers in a row set an agent not ready; 0: never.
    failures_in_row: Annotated[Count, Field(le=20)] = 3
    #: So many ring-outs in a row do.
    ronas_in_row: Annotated[Count, Field(ge=1, le=20)] = 1
    #: How long a phone rests after a failed offer, by the reason.
    rests: dict[Literal["rona", "reject", "busy", "unreachable"], Rest] = Field(default_factory=dict)
    strategy: Strategy = Strategy.LONGEST_IDLE
    #: The idle time of who was rung when the caller hung up.
    idle_after_lost: IdleAfterLost = IdleAfterLost.KEPT
    relaxing: Annotated[tuple[RelaxShape, ...], Field(max_length=10)] = ()
    skip_empty: YesNo = False
    last_resort: LastResort = LastResort.STAY
    last_resort_after: Annotated[Duration, Field(ge=0, le=3600)] = 0.0
    last_resort_ask: AskShape | None = None
    ageing: Annotated[tuple[AgeShape, ...], Field(max_length=10)] = ()
    limits: LimitsShape = LimitsShape()
    announce: AnnounceShape | None = None


class QueuesFile(Schema):
    """``queues.yaml``."""

    queues: Annotated[tuple[QueueShape, ...], Field(min_length=1)]


class ServesShape(Schema):
    """A queue she serves; written as its bare name where there is nothing more to say."""

    queue: Id
    #: A queue of a higher number is served when none of a lower has a call for her.
    order: Annotated[Count, Field(ge=1, le=99)] = 1
    #: She is not offered a call before it has waited so long.
    delay: Annotated[Duration, Field(ge=0, le=7200)] = 0.0

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: object) -> object:
        return {"queue": value} if isinstance(value, str) else value


class AgentShape(Schema):
    """One agent."""

    id: Id
    name: Label
    #: Also the name of her endpoint in Asterisk, so it must not be one of the house's own.
    sip_user: Annotated[str, StringConstraints(pattern=r"^[a-z][0-9]{2,6}$")]
    councils: Annotated[tuple[Id, ...], Field(min_length=1)]
    queues: Annotated[tuple[ServesShape, ...], Field(min_length=1)]
    skills: dict[Name, Level] = Field(default_factory=dict)
    #: Her own after-call work; without it the queue's holds.
    wrap_up: Annotated[Duration, Field(ge=0, le=3600)] | None = None
    #: May listen, whisper, barge, pull and the like, for the councils named here.
    supervisor: YesNo = False


class PeopleFile(Schema):
    """``people.yaml``."""

    agents: tuple[AgentShape, ...]


class PromptsFile(Schema):
    """``prompts.yaml``."""

    prompts: dict[Id, dict[Language, Spoken]]


class SkillsFile(Schema):
    """``_shared/skills.yaml``."""

    skills: dict[Name, Label]


class TablesFile(Schema):
    """``tables.yaml``: table -> key -> field -> text."""

    tables: dict[Name, dict[Annotated[str, StringConstraints(min_length=1, max_length=64)], dict[Name, Label]]]


class IncidentShape(Schema):
    """One announcement with an end."""

    prompts: Annotated[tuple[Id, ...], Field(min_length=1)]
    begins: Moment
    ends: Moment

    @model_validator(mode="after")
    def _in_order(self) -> IncidentShape:
        if self.ends <= self.begins:
            raise ValueError("it ends before it begins")
        return self


class IncidentsFile(Schema):
    """``incidents.yaml``."""

    incidents: dict[Name, IncidentShape]
