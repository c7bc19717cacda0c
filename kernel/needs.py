"""What is known of a caller's needs: said by herself, set by an agent, or registered for her number; never guessed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from kernel.ids import TenantId


class Need(StrEnum):
    """One need, and what we do about it."""

    #: Longer time-outs, and a voice does not interrupt a prompt.
    MORE_TIME = "more_time"
    #: Welsh from the first prompt on, where the council speaks it.
    WELSH = "welsh"
    #: A relay assistant speaks for her, even where she rang without 18001: never steered, no end for silence.
    RELAY = "relay"


#: As the councils' files name the language.
_WELSH = "cy"


def first_language(languages: Sequence[str], needs: Collection[Need]) -> str:
    """The language a council speaks to such a caller until she chooses; ``languages``: the council's, in order."""
    return _WELSH if Need.WELSH in needs and _WELSH in languages else languages[0]


class NeedSource(StrEnum):
    """By whose word a need is known. There is none for "the system thought so"."""

    #: She said it.
    CALLER = "caller"
    #: An agent set it during or after a call.
    AGENT = "agent"
    #: Registered for the number from outside a call, by somebody of the council.
    REGISTERED = "registered"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNeed:
    """One need of one caller, for one council, with its end."""

    #: Keyed digest of the number.
    subject: str = field(repr=False)
    council: TenantId
    need: Need
    source: NeedSource
    #: Who wrote it down: an agent's id, or a user of the machine.
    by: str
    #: Why it is kept, in the council's words; no names, no diagnosis.
    purpose: str
    #: Unix seconds.
    since: float
    until: float
