"""What is known of a caller's needs: said by herself, set by an agent, or registered for her number; never guessed."""

from __future__ import annotations

from enum import StrEnum


class Need(StrEnum):
    """One need, and what we do about it."""

    #: Longer time-outs, and a voice does not interrupt a prompt.
    MORE_TIME = "more_time"
