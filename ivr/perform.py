"""How the effects of a flow are done on a line: the table at the end is the whole of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from ivr import asking, steered_turn
from ivr.core.effects import (
    AskService,
    BookCallback,
    Effect,
    Enqueue,
    HangUp,
    Listen,
    LookAround,
    NoteAnswer,
    NoteSteering,
    NoteStep,
    OfferCallback,
    Play,
    RecordMessage,
    Say,
    Steer,
    Transfer,
)
from ivr.core.inputs import Input, KeyPressed, LookedAround, NoKey, PlaybackFailed, Played
from ivr.lost_prompt import spoken_instead
from ivr.outside import Outside
from kernel import errors
from kernel.facts import FlowStepped
from kernel.ids import ContactId
from kernel.skill import Skills

__all__ = ["PERFORM", "Outside", "perform"]

log = structlog.get_logger()


async def perform(effect: Effect, outside: Outside) -> Input | None:
    """Do one effect; return what came of it, or None. Raises ``LineGone``."""
    return await PERFORM[type(effect)](effect, outside)


async def play(effect: Play, outside: Outside) -> Input:
    """Play the prompts; for a lost one its words are spoken, or a tone is played. No words: ``PlaybackFailed``."""
    keys, heard = "", False
    for prompt in effect.prompts:
        played = await _play_one(prompt, effect, outside)
        if played is None:
            continue
        keys, heard = keys + played, True
        if keys and effect.interruptible:
            break
    return Played(keys=keys) if heard else PlaybackFailed()


async def _play_one(prompt: str, effect: Play, outside: Outside) -> str | None:
    """Return the keys pressed meanwhile; None when nothing at all could be played."""
    line = outside.line
    path = outside.sounds.path(line.tenant, effect.language, prompt)
    if path is not None:
        try:
            return await line.play([path], interruptible=effect.interruptible)
        except errors.PlaybackFailed:
            path = None
    spoken = await spoken_instead(outside, effect.language, prompt)
    for sound in filter(None, (spoken, outside.sounds.tone())):
        try:
            keys = await line.play([sound], interruptible=effect.interruptible)
        except errors.PlaybackFailed:
            continue
        # A tone is no words: the flow is told that she heard nothing, and two of those lead to a person.
        return keys if keys or sound == spoken else None
    return None


async def listen(effect: Listen, outside: Outside) -> Input:
    """Wait for a key."""
    key = await outside.line.listen(effect.seconds)
    return NoKey() if key is None else KeyPressed(key=key)


async def note_step(effect: NoteStep, outside: Outside) -> None:
    """Publish the step; which key led there is never said."""
    contact = ContactId(outside.line.contact)
    outside.facts.publish(FlowStepped(t=outside.clock.now(), call=contact, flow=effect.flow, step=effect.step))


async def enqueue(effect: Enqueue, outside: Outside) -> None:
    """Write the wish onto the channel (law 1); the dialplan goes on to ``[hold]`` when the session returns."""
    if effect.note and outside.services.notes is not None:
        outside.services.notes.note(outside.line, effect.note)
    await outside.line.set_variables(
        {
            "GH_QUEUE": effect.queue,
            "GH_PRIORITY": str(effect.priority),
            "GH_SKILLS": written_skills(effect.skills),
            "GH_LANG": effect.language,
            **({"GH_SURVEY": effect.survey} if effect.survey else {}),
            **({"GH_PREFERRED": f"{effect.preferred}/{effect.preferred_s:.0f}"} if effect.preferred else {}),
            # Last: until it is there, the dialplan takes its own way to a person.
            "GH_NEXT": "hold",
        }
    )


async def hang_up(effect: HangUp, outside: Outside) -> None:
    """Say why, then let the dialplan hang up."""
    await outside.line.user_event("GuildhallOutcome", {"Contact": outside.line.contact, "Why": effect.why})
    await outside.line.set_variables({"GH_NEXT": "bye"})


def written_skills(skills: Skills) -> str:
    """Skills as they stand on a channel: ``waste:1/welsh:2``; empty when there are none."""
    # No comma between: a comma would end an argument of the dialplan's UserEvent().
    return "/".join(f"{name}:{level}" for name, level in sorted(skills.items()))


async def look_around(effect: LookAround, outside: Outside) -> Input:
    """The time, and how the queues stand as far as somebody tells."""
    now, floor = outside.clock.now(), outside.services.floor
    if floor is None:
        return LookedAround(now=now)
    try:
        waiting = {queue: count for queue in effect.queues if (count := floor.waiting(queue)) is not None}
        staff = {queue: count for queue in effect.queues if (count := floor.staff(queue)) is not None}
        return LookedAround(now=now, waiting=waiting, staff=staff, notices=floor.notices(outside.line.tenant))
    except Exception as error:  # noqa: BLE001 - whatever fails there, the caller is told the time and goes on
        log.error("the floor cannot be seen", tenant=outside.line.tenant, error=type(error).__name__)  # noqa: TRY400 - an expected fault, told without a traceback
        return LookedAround(now=now)


#: Effect -> function. Any: each function takes its own kind of effect.
PERFORM: dict[type[Effect], Callable[[Any, Outside], Awaitable[Input | None]]] = {
    NoteStep: note_step,
    Play: play,
    Listen: listen,
    Enqueue: enqueue,
    HangUp: hang_up,
    LookAround: look_around,
    Say: asking.say,
    AskService: asking.ask_service,
    Transfer: asking.transfer,
    RecordMessage: asking.record_message,
    NoteAnswer: asking.note_answer,
    OfferCallback: asking.offer_callback,
    BookCallback: asking.book_callback,
    Steer: steered_turn.steer,
    NoteSteering: steered_turn.note_steering,
}
