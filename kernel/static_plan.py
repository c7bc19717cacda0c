"""The static fallback: what is left of a flow when nobody but the PBX itself is there to carry it out.

Made by ``ivr/core/fallback.py``, written down as dialplan by ``adapters/asterisk/static_dialplan.py``. Every step names
its ways by the names of steps; ``RETURN`` leads out of a piece.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kernel.hours import Hours
from kernel.ids import QueueId, TenantId

RETURN = "return"
#: As in ``ivr/core/step.py``: after so many steps, or so many prompts in a row that are missing, it is a person.
MAX_STEPS, MAX_FAILURES = 100, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Play these prompts, then go on. Passed over by who has typed ahead, when it may be interrupted."""

    prompts: tuple[str, ...]
    interruptible: bool
    next: str
    #: Only between these two moments (aware), and then also to who has typed ahead.
    begins: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Say the choices, take one key."""

    prompts: tuple[str, ...]
    interruptible: bool
    keys: Mapping[str, str]
    #: Seconds.
    timeout_s: float
    #: The same when nothing could be said.
    silent_timeout_s: float
    tries: int
    no_input: str
    no_match: str
    no_input_prompt: str
    no_match_prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """By the hours of a desk."""

    hours: str
    open: str
    closed: str
    holiday: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """Something that is true or not.

    ``op``: ``open`` (the hours' name), ``same`` (texts) and ``number`` (sums): a sign, then the two sides with ``|``
    between; ``all``, ``any``, ``not`` of the parts; ``yes``, ``no``.
    """

    op: str
    parts: tuple[Test, ...] = ()
    #: Texts and numbers as they stand; names of what is known then as ``Known``.
    values: tuple[str | int | Known, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the PBX knows by itself of a call: ``number``, ``hour``, ``weekday``, ``language``."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose:
    """The first test that holds gives the way."""

    cases: tuple[tuple[Test, str], ...]
    otherwise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """On to another step."""

    next: str
    #: What was typed ahead was not meant for what comes.
    forgets: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Speak:
    """Another language from here on."""

    language: str
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Through another flow, and back."""

    flow: str
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The caller waits for a person."""

    queue: QueueId
    priority: int
    #: As they stand on a channel.
    skills: str
    #: None: the one the caller has.
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The call ends: ``informed`` or ``rejected``."""

    why: str


Step = Say | Ask | Look | Choose | Go | Speak | Piece | Wait | End


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticFlow:
    """One flow as the PBX can do it by itself."""

    tenant: TenantId
    name: str
    start: str
    steps: Mapping[str, Step]
    languages: tuple[str, ...]
    #: By every name the steps use.
    hours: Mapping[str, Hours] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What the fallback does not do as the flow says: told to people."""

    tenant: TenantId
    flow: str
    step: str
    what: str

    def __str__(self) -> str:
        return f"{self.tenant}/{self.flow}: {self.step}: {self.what}"
