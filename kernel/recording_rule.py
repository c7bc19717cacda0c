"""The rule of recording: whether a queue's calls are recorded, what callers are told of it, who may pause."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Record(StrEnum):
    """Whether calls are recorded."""

    ALWAYS = "always"
    NEVER = "never"
    #: Only from the moment an agent asks for it.
    ON_DEMAND = "on_demand"


class Announce(StrEnum):
    """What a caller is told before waiting in the queue."""

    #: Nothing, by the switchboard: a flow's own words may have said it.
    NEVER = "never"
    ALWAYS = "always"
    #: The caller is asked, and recorded only after pressing 1.
    ASK = "ask"


class Told(StrEnum):
    """What a caller was told."""

    ANNOUNCED = "announced"
    ACCEPTED = "accepted"
    #: Asked, and did not press 1: not recorded.
    DECLINED = "declined"
    #: The notice could not be played.
    UNHEARD = "unheard"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRule:
    """A queue's rule. Times in seconds."""

    record: Record = Record.ALWAYS
    announce: Announce = Announce.NEVER
    #: Why it is kept: the council's retention goes by it.
    purpose: str = "service"
    #: An agent may pause it, for card details. Never stop it: it goes on by itself after ``longest_pause_s``.
    may_pause: bool = True
    longest_pause_s: float = 120.0
    #: The council's flow that takes secret digits in the middle of a talk; empty: none.
    secure_input: str = ""
