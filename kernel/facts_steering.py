"""Facts of steering: what was understood, what came of it, what the call was about; never the words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kernel.fact import Fact
from kernel.ids import AgentId, ContactId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSteered(Fact):
    """What steering made of something a caller said, and what came of it. An added kind; never says her words."""

    ev: ClassVar[str] = "steer"
    call: ContactId
    flow: str
    step: str
    #: The likeliest intent.
    intent: str | None
    #: Calibrated probability of it, 0 to 1.
    sure: float
    #: straight, confirmed, chosen, question, choice, again, menu, person, urgent or danger.
    way: str
    #: none, urgent or danger.
    urgency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonGiven(Fact):
    """What the call was about, as its agent says in the talk or at wrap-up; the last word counts. An added kind."""

    ev: ClassVar[str] = "reason"
    call: ContactId
    agent: AgentId
    #: An intent of the council, or ``none``: it was none of them.
    reason: str
