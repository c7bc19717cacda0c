"""Who waits for AMI answers: one reply, a list of events, or a callback in wire order."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from adapters.asterisk.ami_wire import Frame, Headers
from kernel.errors import GuildhallError, OutcomeUnknown, Refused

#: QueueStatus of 100 queues with 300 members each gives 30,000 events; more is a fault, not an answer.
_MAX_LIST = 100_000
#: Asterisk 22 says Error where the list is merely empty.
_EMPTY = frozenset({"no contacts found", "no endpoints found"})

_LOST = {
    "ami_lost": "the link to the PBX was lost before it answered; it may or may not have done what was asked",
    "ami_timeout": "the PBX did not answer in time; it may or may not have done what was asked",
}


def lost(code: str) -> OutcomeUnknown:
    """Return the error for an answer that never came."""
    return OutcomeUnknown(code, _LOST[code])


def refusal(reply: Frame, sent: Headers) -> Refused:
    """Return Asterisk's refusal in its own words, without the values we sent and without long digits."""
    message = reply.get("Message", "no reason given")
    values = sent.values() if hasattr(sent, "values") else (value for _, value in sent)
    for value in sorted((value for value in values if len(value) > 1), key=len, reverse=True):
        message = message.replace(value, "…")
    return Refused("ami_error", re.sub(r"\d{3,}", "…", message))


class OneReply:
    """Waits for the reply; events with its ActionID (OriginateResponse) are not its own."""

    __slots__ = ("_sent", "deadline", "future")

    def __init__(self, sent: Headers, deadline: float) -> None:
        self.deadline = deadline
        self.future: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._sent = sent

    def take(self, frame: Frame) -> bool | None:
        """See ``Waiter``."""
        if frame.event:
            return None
        if frame.get("Response") == "Error":
            _fail(self.future, refusal(frame, self._sent))
        elif not self.future.done():
            self.future.set_result(frame)
        return True

    def lose(self, code: str) -> None:
        """See ``Waiter``."""
        _fail(self.future, lost(code))


class ListReply:
    """Gathers the events between ``EventList: start`` and ``EventList: Complete``.

    Whether a list follows is told by that header, never guessed from the message's text (fault 1).
    """

    __slots__ = ("_items", "_sent", "deadline", "future")

    def __init__(self, sent: Headers, deadline: float) -> None:
        self.deadline = deadline
        self.future: asyncio.Future[list[Frame]] = asyncio.get_running_loop().create_future()
        self._items: list[Frame] = []
        self._sent = sent

    def take(self, frame: Frame) -> bool | None:
        """See ``Waiter``."""
        part = frame.get("EventList").lower()
        if not frame.event:
            return self._begin(frame, part)
        if part == "complete":
            if not self.future.done():
                self.future.set_result(self._items)
            return True
        if part == "cancelled" or len(self._items) >= _MAX_LIST:
            _fail(self.future, Refused("ami_list", "the PBX did not give the whole list"))
            return True
        self._items.append(frame)
        return False

    def _begin(self, frame: Frame, part: str) -> bool:
        empty = frame.get("Message").strip().lower() in _EMPTY
        if frame.get("Response") == "Error" and not empty:
            _fail(self.future, refusal(frame, self._sent))
        elif part != "start" and not self.future.done():
            self.future.set_result([])
        return part != "start" or self.future.done()

    def lose(self, code: str) -> None:
        """See ``Waiter``."""
        _fail(self.future, lost(code))


class ToldReply:
    """Hands the reply to a callback at once, in wire order; None when it will never come."""

    __slots__ = ("_index", "_on_reply", "deadline")

    def __init__(self, index: int, on_reply: Callable[[int, Frame | None], None] | None, deadline: float) -> None:
        self.deadline = deadline
        self._index = index
        self._on_reply = on_reply

    def take(self, frame: Frame) -> bool | None:
        """See ``Waiter``."""
        if frame.event:
            return None
        if self._on_reply is not None:
            self._on_reply(self._index, frame)
        return True

    def lose(self, code: str) -> None:
        """See ``Waiter``."""
        del code
        if self._on_reply is not None:
            self._on_reply(self._index, None)


def _fail(future: asyncio.Future[Frame] | asyncio.Future[list[Frame]], error: GuildhallError) -> None:
    if not future.done():
        future.set_exception(error)
