"""A call's sound while a turn lasts: AGI hands it to the AudioSocket port, and takes it back in the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from adapters.asterisk.agi_channel import AgiLine
from adapters.asterisk.audio_in import AudioPort, CallSound
from kernel.errors import GuildhallError, Refused
from kernel.hearing import NoSound

#: Asterisk takes the call back within milliseconds of our goodbye.
_BACK_S = 3.0


#: Tells the PBX for how many seconds from now a channel may stay in our hands. Raises ``GuildhallError``.
Hold = Callable[[str, int], Awaitable[None]]

#: P15: a caller inside AGI() when the engine freezes is with a person within ten seconds. A turn lasts half a minute
#: and AGI is busy in it, so the limit is renewed from the side.
HELD_S, HOLD_AGAIN_S = 8, 2.5


class SoundOfAgi:
    """Opens the sound of calls that are in an AGI session.

    ``hold``: without it a caller whose engine freezes waits for the end of the longest turn.
    """

    def __init__(self, port: AudioPort, hold: Hold | None = None, *, hold_again_s: float = HOLD_AGAIN_S) -> None:
        self._port, self._hold, self._hold_again_s = port, hold, hold_again_s

    @asynccontextmanager
    async def open(self, line: AgiLine, longest_s: float) -> AsyncIterator[CallSound]:
        """The sound while inside. Raises ``NoSound``; ``LineGone`` when the caller has gone meanwhile.

        Refused connection, torn connection and hang-up look alike to AGI, ``result=-1``: the channel's own state then
        tells whether the caller is still there.
        """
        id_, coming = self._port.expect()
        lent = asyncio.create_task(line.lend_sound(str(id_), self._port.port, longest_s))
        try:
            sound = await self._come(line, lent, coming)
            over = asyncio.Event()
            holding = asyncio.create_task(self._holding(line.channel, over))
            try:
                yield sound
            except NoSound:
                await self._take_back(lent)
                await line.still_there()
                raise
            except GuildhallError:
                # A recogniser's failure: the sound itself is sound, and AGI takes the call back as ever.
                sound.close()
                await self._take_back(lent)
                raise
            finally:
                # No renewal may be under way when AGI sets a limit of its own again.
                over.set()
                await holding
                sound.close()
            await self._take_back(lent)
        finally:
            coming.cancel()
            if not lent.done():
                lent.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await lent

    async def _come(self, line: AgiLine, lent: asyncio.Task[bool], coming: asyncio.Future[CallSound]) -> CallSound:
        both: set[asyncio.Future[Any]] = {lent, coming}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not coming.done():
            # Refused: the line's own end, if that was it, is raised here.
            await self._lent(lent)
            await line.still_there()
            raise NoSound("refused", "the PBX could not reach the sound's port")
        return coming.result()

    @staticmethod
    async def _lent(lent: asyncio.Task[bool]) -> None:
        """Wait for it. Only here: a recogniser that is full is ``Refused`` as well, and another matter."""
        try:
            await lent
        except Refused:
            raise NoSound("no_audiosocket", "the PBX has no AudioSocket: app_audiosocket is not loaded") from None

    async def _holding(self, channel: str, over: asyncio.Event) -> None:
        while self._hold is not None and not over.is_set():
            # A link that is down: the turn's own limit stands, or after it the last one given.
            with contextlib.suppress(GuildhallError):
                await self._hold(channel, HELD_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._hold_again_s):
                    await over.wait()

    async def _take_back(self, lent: asyncio.Task[bool]) -> None:
        """Wait until AGI has the line again, so that the next command is not lost."""
        try:
            async with asyncio.timeout(_BACK_S):
                await asyncio.shield(lent)
        except TimeoutError:
            raise NoSound("not_back", "the PBX does not end the sound") from None
