"""A caller's line without a telephone: a script of keys on a time line, and a record of all that was done."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from kernel.errors import LineGone, PlaybackFailed

#: Every sound lasts so long, in seconds on the line's own time.
SOUND_S = 4.0


class FakeCallerLine:
    """Meets ``ivr.ports.CallerLine``. Time passes only while something is played or listened for.

    ``keys``: (seconds since the start, key) pairs in order. ``hangs_up_at``: seconds; from then on ``LineGone``.
    ``broken``: sounds that cannot be played; ``"*"`` breaks all.
    """

    def __init__(  # noqa: PLR0913 - a script has many lines
        self,
        *,
        number: str = "03069990001",
        tenant: str = "northmere",
        contact: str = "c1764000000-12",
        caller: str = "01632960123",
        relay: bool = False,
        keys: Sequence[tuple[float, str]] = (),
        hangs_up_at: float | None = None,
        broken: Collection[str] = (),
    ) -> None:
        self.contact = contact
        self.tenant = tenant
        self.number = number
        self.caller = caller
        self.relay = relay
        self.now = 0.0
        self.heard: list[str] = []
        self.variables: dict[str, str] = {}
        self.events: list[tuple[str, dict[str, str]]] = []
        self.answered = False
        self.recorded: list[str] = []
        #: Numbers rung outside, and what was shown.
        self.reached: list[tuple[str, str]] = []
        self._keys = list(keys)
        self._hangs_up_at = hangs_up_at
        self._broken = broken

    async def answer(self) -> None:
        """Answer."""
        self._still_there()
        self.answered = True

    async def play(self, sounds: Sequence[str], *, interruptible: bool) -> str:
        """Let each sound's time pass; keys that fall into it come back."""
        pressed = ""
        for sound in sounds:
            if "*" in self._broken or sound in self._broken:
                raise PlaybackFailed("playback_failed", "a prompt could not be played")
            self.heard.append(sound)
            end = self.now + SOUND_S
            while self._keys and self._keys[0][0] <= end:
                at, key = self._keys.pop(0)
                pressed += key
                if interruptible:
                    self._pass_to(max(self.now, at))
                    return pressed
            self._pass_to(end)
        return pressed

    async def listen(self, seconds: float) -> str | None:
        """Let time pass until the next key or the end."""
        end = self.now + seconds
        if self._keys and self._keys[0][0] <= end:
            at, key = self._keys.pop(0)
            self._pass_to(max(self.now, at))
            return key
        self._pass_to(end)
        return None

    async def record(self, name: str, longest_s: float, silence_s: float) -> None:
        """Let the caller speak until her next key, or as long as she may."""
        self.recorded.append(name)
        del silence_s
        await self.listen(longest_s)

    async def reach(self, number: str, ring_s: float, shown: str) -> str:
        """Ring somebody who does not answer."""
        self.reached.append((number, shown))
        self._pass_to(self.now + ring_s)
        return "NOANSWER"

    async def set_variables(self, variables: Mapping[str, str]) -> None:
        """Write onto the channel."""
        self._still_there()
        self.variables.update(variables)

    async def user_event(self, name: str, fields: Mapping[str, str]) -> None:
        """Say aloud."""
        self._still_there()
        self.events.append((name, dict(fields)))

    def _pass_to(self, when: float) -> None:
        self.now = when
        self._still_there()

    def _still_there(self) -> None:
        if self._hangs_up_at is not None and self.now >= self._hangs_up_at:
            raise LineGone("line_gone", "the caller's line is gone")
