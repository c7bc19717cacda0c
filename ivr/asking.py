"""Effects that ask a service of the outside: each within a time limit, each failure a way on, never a silence.

A service that is not there, fails or is late comes back as ``NotDone``: the verb then takes its own way of failure, and
the loader saw to it that every such way ends at a person or an honest message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import structlog

from ivr.core.effects import AskService, BookCallback, NoteAnswer, OfferCallback, RecordMessage, Say, Transfer
from ivr.core.inputs import CallbackOffered, Done, Input, LookedUp, NotDone, NothingFound, PlaybackFailed, Played
from ivr.outside import Outside
from ivr.ports import Speech
from kernel import errors
from kernel.needs import Need

log = structlog.get_logger()

#: Never dead air (P15: 3 s): the limit of whatever happens while the caller hears nothing.
SILENT_LIMIT_S = 2.0
#: Asked before the first prompt, while she hears nothing: a comfort that is worth no longer silence.
_NEEDS_LIMIT_S = 0.5
#: Added to what the caller does meanwhile: speaking, waiting for the far end.
_GRACE_S = 5.0
#: While they talk, the flow waits; the PBX ends the ringing in time, and a talk after two hours.
_TALK_LIMIT_S = 7500.0

T = TypeVar("T")


class Failed(Exception):
    """A service did not do it; the reason is in the log."""


async def within(seconds: float, service: str, asked: Awaitable[T]) -> T:
    """Wait for a service. Raises ``Failed``, or ``LineGone`` when the caller went meanwhile."""
    try:
        async with asyncio.timeout(seconds):
            return await asked
    except errors.LineGone:
        raise
    except Exception as error:  # noqa: BLE001 - however a service fails, the caller goes on
        # Type only: the text may hold what the caller typed.
        log.error("a service failed", service=service, error=type(error).__name__)  # noqa: TRY400 - the same
        raise Failed from None


def absent(service: str) -> NotDone:
    """What a service that is not there comes to."""
    log.error("nothing here does this: the flow takes its way of failure", service=service)
    return NotDone()


async def known_needs(outside: Outside) -> frozenset[Need]:
    """The needs registered for the caller's number; none when that cannot be told in good time."""
    line, needs = outside.line, outside.services.needs
    if needs is None or not line.caller:
        return frozenset()
    try:
        return await within(_NEEDS_LIMIT_S, "needs", needs.of(line.tenant, line.caller))
    except Failed:
        return frozenset()


async def say(effect: Say, outside: Outside) -> Input:
    """Speak a text; without a synthesiser it is a prompt that failed: two in a row, and a person it is."""
    speech, line = outside.services.speech, outside.line
    if speech is None:
        absent("speech")
        return PlaybackFailed()
    try:
        path = await within(SILENT_LIMIT_S, "speech", speech.path(line.tenant, effect.language, effect.text))
        return (
            PlaybackFailed()
            if path is None
            else Played(keys=await line.play([path], interruptible=effect.interruptible))
        )
    except (Failed, errors.PlaybackFailed):
        return PlaybackFailed()


async def instead(speech: Speech, tenant: str, language: str, prompt: str) -> str | None:
    """The words of a lost prompt as a sound, in good time or not at all."""
    try:
        return await within(SILENT_LIMIT_S, "speech", speech.instead(tenant, language, prompt))
    except Failed:
        return None


async def ask_service(effect: AskService, outside: Outside) -> Input:
    """Look up."""
    lookups = outside.services.lookups
    if lookups is None:
        return absent("lookups")
    try:
        fields = await within(SILENT_LIMIT_S, "lookups", lookups.find(outside.line.tenant, effect.service, effect.key))
    except Failed:
        return NotDone()
    return NothingFound() if fields is None else LookedUp(fields=dict(fields))


async def transfer(effect: Transfer, outside: Outside) -> Input | None:
    """Join with an outside number; None: the call has left the flow."""
    transfers = outside.services.transfers
    if transfers is None:
        return absent("transfers")
    try:
        left = await within(_TALK_LIMIT_S, "transfers", transfers.join(outside.line, effect.to, effect.ring_s))
    except Failed:
        return NotDone()
    return None if left else NotDone()


async def record_message(effect: RecordMessage, outside: Outside) -> Input:
    """Take a message."""
    messages = outside.services.messages
    if messages is None:
        return absent("messages")
    asked = messages.record(outside.line, effect.box, effect.longest_s)
    return await _done(effect.longest_s + _GRACE_S, "messages", asked)


async def note_answer(effect: NoteAnswer, outside: Outside) -> Input:
    """Keep an answer."""
    answers = outside.services.answers
    if answers is None:
        return absent("answers")
    return await _done(SILENT_LIMIT_S, "answers", answers.note(outside.line.tenant, effect.survey, effect.answer))


async def offer_callback(effect: OfferCallback, outside: Outside) -> Input:
    """Which number may be rung back."""
    callbacks = outside.services.callbacks
    if callbacks is None:
        return absent("callbacks")
    try:
        number = await within(SILENT_LIMIT_S, "callbacks", callbacks.offer(outside.line, effect.typed))
    except Failed:
        return NotDone()
    return NotDone() if number is None else CallbackOffered(number=number)


async def book_callback(effect: BookCallback, outside: Outside) -> Input:
    """Promise to ring back."""
    callbacks = outside.services.callbacks
    if callbacks is None:
        return absent("callbacks")
    asked = callbacks.book(outside.line, effect.queue, effect.language, effect.number)
    return await _done(SILENT_LIMIT_S, "callbacks", asked)


async def _done(seconds: float, service: str, asked: Awaitable[bool]) -> Input:
    try:
        return Done() if await within(seconds, service, asked) else NotDone()
    except Failed:
        return NotDone()
