"""How the effects of a flow are done on a line: the table at the end is the whole of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from ivr import asking
from ivr.core.effects import (
    AskService,
    BookCallback,
    Effect,
    Enqueue,
    HangUp,
    Listen,
    LookAround,
    NoteAnswer,
    NoteStep,
    Play,
    RecordMessage,
    Say,
    Steer,
    Transfer,
)
from ivr.core.inputs import Input, KeyPressed, LookedAround, NoKey, PlaybackFailed, Played
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
    """Play what there is; nothing at all, or a failing playback, comes back as ``PlaybackFailed``."""
    line = outside.line
    found = {prompt: outside.sounds.path(line.tenant, effect.language, prompt) for prompt in effect.prompts}
    paths = [path for prompt in effect.prompts if (path := found[prompt]) is not None]
    if len(paths) < len(effect.prompts):
        missing = [prompt for prompt, path in found.items() if path is None]
        log.error("prompt missing", tenant=line.tenant, prompts=missing, language=effect.language)
    if not paths:
        return PlaybackFailed()
    try:
        return Played(keys=await line.play(paths, interruptible=effect.interruptible))
    except errors.PlaybackFailed:
        log.error("playback failed", tenant=line.tenant, prompts=effect.prompts, language=effect.language)  # noqa: TRY400 - an expected fault, told without a traceback
        return PlaybackFailed()


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
    await outside.line.set_variables(
        {
            "GH_QUEUE": effect.queue,
            "GH_PRIORITY": str(effect.priority),
            "GH_SKILLS": written_skills(effect.skills),
            "GH_LANG": effect.language,
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
    BookCallback: asking.book_callback,
    Steer: asking.steer,
}
