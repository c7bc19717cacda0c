"""Steering by the phrases a flow names, word for word: what there is without an intent model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ivr.core.inputs import KeyPressed, NoKey, NotUnderstood, Understood
from ivr.ports import CallerLine, Ears, Heard
from kernel.errors import GuildhallError
from kernel.hearing import Ask, Deaf, NothingSaid, Pressed, plain
from kernel.hearing import Heard as Words


class NobodyListens(GuildhallError):
    """No turn could be had: the flow goes the way it has without an engine."""


class PhraseSteering:
    """Meets ``ivr.ports.Steering``."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears

    async def hear(
        self, line: CallerLine, sounds: Sequence[str], language: str, intents: Mapping[str, tuple[str, ...]]
    ) -> Heard:
        """Play, listen, and look for a phrase in each reading, best first. Raises ``NobodyListens``."""
        del language
        match await self._ears.turn(line, Ask(sounds=tuple(sounds))):
            case Pressed(keys=keys):
                return KeyPressed(key=keys[0])
            case NothingSaid():
                return NoKey()
            case Deaf(why=why):
                raise NobodyListens("nobody_listens", f"no speech now: {why}")
            case Words(text=text, alternatives=others):
                return _meant((text, *others), intents)


def _meant(readings: Sequence[str], intents: Mapping[str, tuple[str, ...]]) -> Heard:
    for reading in readings:
        words = f" {plain(reading)} "
        for intent, phrases in intents.items():
            if any(f" {plain(phrase)} " in words for phrase in (intent.replace("_", " "), *phrases)):
                return Understood(intent=intent)
    return NotUnderstood()
