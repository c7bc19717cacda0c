"""The hours' line: somebody in charge rings, keys in a PIN, and closes or keeps open a desk at short notice."""

from __future__ import annotations

import asyncio
import hmac
from collections import deque
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Protocol

import structlog

from kernel.errors import BadInput, LineGone, PlaybackFailed

log = structlog.get_logger()

#: A PIN of eight digits and five guesses in a quarter of an hour: 100 million / (5 * 96 a day) days.
GUESSES, GUESSES_WITHIN_S = 5, 900.0
_TRIES = 3
_KEY_S = 6.0
_MOST_DIGITS = 16
_MAKING_S = 0.1
#: Choices before we hang up: nobody needs more, and nobody holds the line for ever.
_MOST_CHOICES = 20


class What(StrEnum):
    """What can be done by a key."""

    CLOSE = "1"
    EXTEND = "2"
    TAKE_BACK = "3"


class StaffLine(Protocol):
    """A telephone. Raises ``LineGone`` when its owner hung up."""

    async def play(self, sounds: Sequence[str], *, interruptible: bool) -> str:
        """Play sounds in order; return the keys pressed meanwhile."""
        ...

    async def listen(self, seconds: float, /) -> str | None:
        """Wait for one key; None when none came."""
        ...


class Voice(Protocol):
    """Speaks a text."""

    async def __call__(self, text: str, /) -> str | None:
        """The sound's path as the PBX sees it; None when it cannot be made."""
        ...


class HoursDesk(Protocol):
    """One council's hours, in sentences that can be spoken."""

    def names(self) -> Sequence[str]:
        """The hours there are."""
        ...

    def state(self, name: str) -> str:
        """How it stands now and until when."""
        ...

    def plan(self, name: str, what: What) -> tuple[str, Callable[[], None]]:
        """What exactly a change would do and when it is over, and the deed itself. Raises ``BadInput``."""
        ...


class PinLock:
    """Who may in. One for a council: guesses count whoever makes them."""

    def __init__(self, pin: str, now: Callable[[], float]) -> None:
        self._pin, self._now = pin, now
        self._wrong: deque[float] = deque(maxlen=GUESSES)

    def locked(self) -> bool:
        """Whether there were too many wrong guesses lately."""
        return len(self._wrong) == GUESSES and self._now() - self._wrong[0] < GUESSES_WITHIN_S

    def fits(self, pin: str) -> bool:
        """Whether this is the PIN; a wrong one is counted. Takes as long for any."""
        if not self.locked() and hmac.compare_digest(pin.encode(), self._pin.encode()):
            self._wrong.clear()
            return True
        self._wrong.append(self._now())
        return False


async def answer_hours_line(line: StaffLine, desk: HoursDesk, lock: PinLock, voice: Voice) -> None:
    """Serve one call, to its end. Never raises for what the caller does."""
    phone = _Phone(line, voice)
    try:
        if await _let_in(phone, lock):
            await _serve(phone, desk)
        else:
            await phone.say("Goodbye.")
    except (LineGone, PlaybackFailed):
        return


async def _let_in(phone: _Phone, lock: PinLock) -> bool:
    for _ in range(_TRIES):
        if lock.locked():
            log.warning("the hours' line is locked after wrong guesses")
            await phone.say("There were too many wrong tries. Please ring again in fifteen minutes.")
            return False
        await phone.say("Please key in your PIN, then press hash.")
        if lock.fits(await phone.digits()):
            return True
        log.warning("wrong PIN on the hours' line")
        await phone.say("That PIN is not right.")
    return False


async def _serve(phone: _Phone, desk: HoursDesk) -> None:
    name = await _choose(phone, desk.names())
    for _ in range(_MOST_CHOICES if name is not None else 0):
        assert name is not None  # noqa: S101 - the loop's condition, told to the type checker
        key = await phone.ask(
            f"{desk.state(name)} To close now, press 1. To stay open an hour longer, press 2. "
            "To take back the last change, press 3. To hear this again, press star. To end, hang up."
        )
        if key is None:
            break
        if key in set(What):
            await _change(phone, desk, name, What(key))
    await phone.say("Goodbye.")


async def _choose(phone: _Phone, names: Sequence[str]) -> str | None:
    """The hours that are meant; the only ones without a question."""
    if len(names) < 2:  # noqa: PLR2004 - a choice needs two
        return names[0] if names else None
    told = " ".join(f"For {name.replace('_', ' ')}, press {number}." for number, name in enumerate(names[:9], start=1))
    for _ in range(_TRIES):
        key = await phone.ask(told)
        if key is not None and key.isdecimal() and 0 < int(key) <= min(len(names), 9):
            return names[int(key) - 1]
    return None


async def _change(phone: _Phone, desk: HoursDesk, name: str, what: What) -> None:
    try:
        told, deed = desk.plan(name, what)
        if await phone.ask(f"{told} To confirm, press 1. To leave it, press any other key.") != "1":
            await phone.say("Nothing was changed.")
            return
        deed()
    except BadInput as error:
        await phone.say(f"That cannot be done. {error.message}.")
        return
    log.info("hours changed by telephone", hours=name, what=what.name.lower())
    await phone.say("Done.")


class _Phone:
    """A line that speaks sentences and takes keys."""

    def __init__(self, line: StaffLine, voice: Voice) -> None:
        self._line, self._voice = line, voice
        self._keys = ""

    async def say(self, text: str) -> None:
        """Speak; keys pressed meanwhile are kept."""
        making = asyncio.ensure_future(self._voice(text))
        try:
            # Between two AGI commands Asterisk throws away what is pressed (res_agi.c reads the idle channel), and a
            # new sentence takes up to a second to make: listen meanwhile.
            while not (await asyncio.wait((making,), timeout=0))[0]:
                self._keys += await self._line.listen(_MAKING_S) or ""
        finally:
            making.cancel()
        path = await making
        if path is not None:
            self._keys += await self._line.play([path], interruptible=True)

    async def ask(self, text: str) -> str | None:
        """Speak, then take one key; None when none came, twice."""
        for _ in range(2):
            await self.say(text)
            if (key := await self._key()) is not None:
                return key
        return None

    async def digits(self) -> str:
        """Take digits up to the hash; what came until a silence, or too many."""
        taken = ""
        while len(taken) < _MOST_DIGITS:
            key = await self._key()
            if key is None or key == "#":
                break
            taken += key
        return taken

    async def _key(self) -> str | None:
        if self._keys:
            key, self._keys = self._keys[0], self._keys[1:]
            return key
        return await self._line.listen(_KEY_S)
