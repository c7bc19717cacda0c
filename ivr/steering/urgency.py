"""Whether what was said asks for haste: by the council's phrases, or by the probability of an urgent intent.

Explicit and explained: words and probabilities of words, never a guess at somebody's feelings from her voice.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.steering.phrases import found_in
from kernel.meaning import Urgency
from kernel.steering import SteeringBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Haste:
    """How urgent, and why in words that hold nothing of the caller's."""

    urgency: Urgency
    because: str = ""


def haste(book: SteeringBook, said: str, urgent: float, danger: float = 0.0) -> Haste:
    """``urgent``: the probability of what is taught as urgent; ``danger``: of danger to life, a part of it.

    A phrase wins, danger before haste.
    """
    if (phrase := found_in(said, book.danger)) is not None:
        return Haste(urgency=Urgency.DANGER, because=f"phrase '{phrase}'")
    if danger > book.danger_above:
        return Haste(urgency=Urgency.DANGER, because=f"like danger to life {danger:.2f} > {book.danger_above:.2f}")
    if (phrase := found_in(said, book.urgent)) is not None:
        return Haste(urgency=Urgency.URGENT, because=f"phrase '{phrase}'")
    if urgent > book.urgent_above:
        return Haste(urgency=Urgency.URGENT, because=f"urgent intents {urgent:.2f} > {book.urgent_above:.2f}")
    return Haste(urgency=Urgency.NONE)
