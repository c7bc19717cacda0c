"""Facts of what flows ask of the outside: promises to ring back, messages, answers. Part of ``kernel/facts.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kernel.fact import Fact
from kernel.ids import ContactId, TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackPromised(Fact):
    """The caller may leave the line and keeps the place; rung back when it is the call's turn, not before ``due``."""

    ev: ClassVar[str] = "callback"
    call: ContactId
    #: Unix seconds.
    due: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLeft(Fact):
    """The caller left a message in a box. An added kind; the sound is personal data and is not here."""

    ev: ClassVar[str] = "message"
    call: ContactId
    council: TenantId
    box: str
    seconds: float
    #: Of the file.
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAnswered(Fact):
    """Somebody answered a question. An added kind; never says who."""

    ev: ClassVar[str] = "survey"
    council: TenantId
    survey: str
    answer: str
