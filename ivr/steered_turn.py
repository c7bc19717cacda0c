"""One turn of a spoken conversation: the question is played, the caller speaks or presses, words become a meaning."""

from __future__ import annotations

from ivr.asking import SILENT_LIMIT_S, Failed, absent, within
from ivr.core.effects import NoteSteering, Steer
from ivr.core.inputs import Input, KeyPressed, NoKey, NotDone, NotUnderstood, Understood
from ivr.outside import Outside
from kernel.facts_steering import CallSteered
from kernel.hearing import Ask, Deaf, Heard, NothingSaid, Pressed, TurnEnd
from kernel.ids import ContactId

#: A prompt and a sentence of the caller.
_TURN_LIMIT_S = 60.0
#: For who needs more time: twice as long to begin, and a pause for breath is no end.
_PATIENT = {"no_input_s": 8.0, "hangover_s": 1.6, "long_hangover_s": 2.4, "longest_s": 20.0}


async def steer(effect: Steer, outside: Outside) -> Input:
    """Play, listen, understand. Without ears or understanding, or when they fail, ``NotDone``: the menu."""
    services, line = outside.services, outside.line
    if services.ears is None or services.understanding is None:
        return absent("steering")
    paths = [outside.sounds.path(line.tenant, effect.language, prompt) for prompt in effect.prompts]
    ask = Ask(
        sounds=tuple(path for path in paths if path is not None),
        barge_in=effect.interruptible,
        **(_PATIENT if effect.patient else {}),
    )
    try:
        ended = await within(_TURN_LIMIT_S, "steering", services.ears.turn(line, ask))
        if isinstance(ended, Heard) and ended.text:
            asked = services.understanding.understand(line.tenant, ended, effect.language, effect.intents)
            meaning = await within(SILENT_LIMIT_S, "understanding", asked)
            return Understood(intent=meaning.guesses[0].intent if meaning.guesses else "", meaning=meaning)
    except Failed:
        return NotDone()
    return _wordless(ended)


def _wordless(ended: TurnEnd) -> Input:
    match ended:
        case Pressed(keys=keys) if keys:
            return KeyPressed(key=keys)
        case Pressed() | NothingSaid():
            return NoKey()
        case Deaf():
            return NotDone()
        case Heard():
            return NotUnderstood()


async def note_steering(effect: NoteSteering, outside: Outside) -> None:
    """Publish what was understood; the words are never said."""
    outside.facts.publish(
        CallSteered(
            t=outside.clock.now(),
            call=ContactId(outside.line.contact),
            flow=effect.flow,
            step=effect.step,
            intent=effect.intent,
            sure=round(effect.sure, 3),
            way=effect.way,
            urgency=effect.urgency,
        )
    )
