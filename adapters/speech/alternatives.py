"""Readings of one sentence as an engine finds them, best first: those that say something else and may well be right."""

from __future__ import annotations

from kernel.hearing import Reading, plain

#: Readings much worse than the best one are no alternatives.
_WORTH = 0.5


class Alternatives:
    """Takes readings, the best one first."""

    def __init__(self) -> None:
        self._found: dict[str, Reading] = {}

    def offer(self, text: str, confidence: float) -> None:
        """Keep it when it has words, other ones than those before, and is nearly as sure as the best."""
        best = next(iter(self._found.values()), None)
        if (
            text
            and (words := plain(text)) not in self._found
            and (best is None or confidence >= best.confidence * _WORTH)
        ):
            self._found[words] = Reading(text=text, confidence=confidence)

    def kept(self) -> tuple[Reading, ...]:
        """Those that were kept, best first."""
        return tuple(self._found.values())
