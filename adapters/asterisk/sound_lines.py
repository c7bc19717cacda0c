"""A call's sound while a turn lasts: AGI hands it to the AudioSocket port, and takes it back in the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from adapters.asterisk.agi_channel import AgiLine
from adapters.asterisk.audio_in import AudioPort, CallSound
from kernel.errors import Refused
from kernel.hearing import NoSound

#: Asterisk takes the call back within milliseconds of our goodbye.
_BACK_S = 3.0


class SoundOfAgi:
    """Opens the sound of calls that are in an AGI session."""

    def __init__(self, port: AudioPort) -> None:
        self._port = port

    @asynccontextmanager
    async def open(self, line: AgiLine, longest_s: float) -> AsyncIterator[CallSound]:
        """The sound while inside. Raises ``NoSound``; ``LineGone`` when the caller has gone meanwhile.

        Refused connection, torn connection and hang-up look alike to AGI, ``result=-1``: the channel's own state then
        tells whether the caller is still there.
        """
        id_, coming = self._port.expect()
        lent = asyncio.create_task(line.lend_sound(str(id_), self._port.port, longest_s))
        try:
            both: set[asyncio.Future[Any]] = {lent, coming}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                # Refused: the line's own end, if that was it, is raised here.
                await lent
                await line.still_there()
                raise NoSound("refused", "the PBX could not reach the sound's port")
            sound = coming.result()
            try:
                yield sound
            except NoSound:
                await self._take_back(lent)
                await line.still_there()
                raise
            finally:
                sound.close()
            await self._take_back(lent)
        except Refused:
            raise NoSound("no_audiosocket", "the PBX has no AudioSocket: app_audiosocket is not loaded") from None
        finally:
            coming.cancel()
            if not lent.done():
                lent.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await lent

    async def _take_back(self, lent: asyncio.Task[bool]) -> None:
        """Wait until AGI has the line again, so that the next command is not lost."""
        try:
            async with asyncio.timeout(_BACK_S):
                await asyncio.shield(lent)
        except TimeoutError:
            raise NoSound("not_back", "the PBX does not end the sound") from None
