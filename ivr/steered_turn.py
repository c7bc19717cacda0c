"""One turn of a spoken conversation: the question is played, the caller speaks or presses, words become a meaning."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ivr.asking import SILENT_LIMIT_S, Failed, absent, within
from ivr.core.effects import NoteSteering, Steer
from ivr.core.inputs import Input, KeyPressed, NoKey, NotDone, NotUnderstood, Understood
from ivr.lost_prompt import spoken_instead
from ivr.outside import Outside
from kernel.facts_steering import CallSteered
from kernel.hearing import Ask, Deaf, Heard, NothingSaid, Pressed, TurnEnd, Why
from kernel.ids import ContactId

#: A question read out and all that may follow it, beyond what the step itself allows.
_TURN_LIMIT_S = 40.0
#: Where her words hang ("it is about my"), the pause that ends them is so much longer.
_HANGING = 1.5


async def steer(effect: Steer, outside: Outside) -> Input:
    """Play, listen, understand. Without ears or understanding, or when they fail, ``NotDone``: the menu."""
    services, line = outside.services, outside.line
    if services.ears is None or services.understanding is None:
        return absent("steering")
    if not services.understanding.knows(line.tenant, effect.intents):
        # In the first seconds of an engine: asked in vain, twice, is worse than the keys at once.
        return absent("understanding")
    # Together: what has to be spoken first must not add up to a silence.
    sounds = await asyncio.gather(*(_sound(prompt, effect, outside) for prompt in effect.prompts))
    try:
        ended = await _turn(sounds, effect, outside)
        if ended == Deaf(why=Why.NO_PROMPT):
            # Once more, in the synthesiser's words: which file is broken was told by the ears.
            spoken = (spoken_instead(outside, effect.language, prompt) for prompt in effect.prompts)
            ended = await _turn(await asyncio.gather(*spoken), effect, outside)
        if isinstance(ended, Heard) and ended.text:
            asked = services.understanding.understand(line.tenant, ended, effect.language, effect.intents)
            meaning = await within(SILENT_LIMIT_S, "understanding", asked)
            if services.words is not None:
                services.words.keep(line, ended, meaning)
            return Understood(intent=meaning.guesses[0].intent if meaning.guesses else "", meaning=meaning)
    except Failed:
        return NotDone()
    return _wordless(ended)


async def _turn(sounds: Sequence[str | None], effect: Steer, outside: Outside) -> TurnEnd:
    """Ask with the sounds there are. Raises ``Failed`` when there is none: nobody is listened to unasked."""
    ears, asked = outside.services.ears, tuple(sound for sound in sounds if sound is not None)
    if ears is None or not asked:
        raise Failed
    patience = effect.patience
    ask = Ask(
        sounds=asked,
        barge_in=effect.interruptible,
        no_input_s=patience.begin_s,
        hangover_s=patience.pause_s,
        long_hangover_s=patience.pause_s * _HANGING,
        longest_s=patience.longest_s,
    )
    limit_s = _TURN_LIMIT_S + patience.begin_s + patience.longest_s
    return await within(limit_s, "steering", ears.turn(outside.line, ask))


async def _sound(prompt: str, effect: Steer, outside: Outside) -> str | None:
    path = outside.sounds.path(outside.line.tenant, effect.language, prompt)
    return path or await spoken_instead(outside, effect.language, prompt)


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
