"""The keys that Asterisk noted on the channel, also those pressed between two commands (asterisk_conf/keys.conf)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

#: Noted there behind this letter, which says that keys are noted at all.
VARIABLE, _MARK = "GH_DTMF", "k"
KEYS = "0123456789*#"
#: Begun anew from here on: StoreDTMF reads its variable into 512 bytes.
_LONG = 256

#: Reads and writes a channel variable; None: it is not set.
Read = Callable[[str], Awaitable[str | None]]
Write = Callable[[str, str], Awaitable[None]]


class KeptKeys:
    """One line's keys, each told once."""

    def __init__(self, read: Read, write: Write, told: int = 0) -> None:
        """``told``: how many of the first keys are known already."""
        self._read, self._write = read, write
        self._told = told
        #: None until we looked: not every Asterisk notes keys.
        self._noted: bool | None = None

    async def fresh(self, heard: str = "") -> str:
        """The keys pressed since the last look. ``heard``: what a command told, all there is where none are noted."""
        if self._noted is False:
            return heard
        value = await self._read(VARIABLE)
        self._noted = value is not None and value.startswith(_MARK)
        if value is None or not self._noted:
            return heard
        all_ = value[len(_MARK) :]
        # Shorter than before: it was begun anew, for instance after a talk with the outside.
        told = self._told if self._told <= len(all_) else 0
        self._told = len(all_)
        if self._told > _LONG:
            self._told = 0
            await self._write(VARIABLE, _MARK)
        # The note is made before the command sees the key: what was heard is among them.
        return "".join(key for key in all_[told:] if key in KEYS) or heard
