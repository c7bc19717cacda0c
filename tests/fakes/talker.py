"""A caller of a switchboard that listens: what she says and when, what she hears, and how long nobody spoke to her."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from guildhall.prompts import host_sound
from lab.calling import OutgoingLeg
from lab.listen import QUIET_DBFS, energy_per_window
from lab.town import Town
from lab.voice import read_telephone_wav
from tests.fakes.service import HOME, Service, eventually, of
from tests.fakes.stretch import stretch

#: The sample county's number that listens.
STEERED = "03069990008"
_VOICES = (HOME / "tests" / "voices", HOME / "dialplans" / "northmere" / "speech")
_WINDOW_S = 0.1
#: A-law's own silence is at -72; the noise of an open line is a few dB above it (adapters/speech/quiet.py).
_DEAD_DBFS = -70.0
#: Between two prompts of one question there is less.
_OVER_S = 0.5


#: Of a prompt's last words so much is looked for, in pieces of so much: a packet may be lost.
_LAST_S, _PIECE_S = 1.2, 0.3
#: In what she heard so lately: two to the seventeenth samples.
_LATELY_S = 15.0
#: A-law alone leaves 1.00 of likeness; other words of the same voice reached 0.77 with pieces of 0.2 s.
_THE_SAME = 0.9


def voice(name: str) -> Path:
    """The sound file of a sentence: the sample county's, or the tests' own."""
    return next(path for folder in _VOICES if (path := folder / f"{name}.wav").is_file())


class Talker:
    """One call."""

    def __init__(self, service: Service, leg: OutgoingLeg, call: str) -> None:
        self.service, self.leg, self.call = service, leg, call
        self._answers = 0
        #: Unix seconds at which her sentences ended.
        self.ends: list[float] = []

    @classmethod
    async def dials(cls, service: Service, town: Town, caller: str, number: str = STEERED) -> Talker:
        """Call the number that listens. One at a time: facts do not tell who calls."""
        leg, call = await service.dial(await town.caller(caller), number)
        return cls(service, leg, call)

    async def asked(self) -> None:
        """Wait until the first question begins, or the one that follows what she said last."""
        if not self.ends and not self._answers:
            await self.service.fact(self.call, "step", within_s=30, step="ask")
            return
        await eventually(self._more_steered, within_s=40)

    async def _more_steered(self) -> bool:
        notes = of(await self.service.story(self.call), "steer")
        more = len(notes) > self._answers
        self._answers = max(self._answers, len(notes))
        return more

    async def hears_out(self, *, within_s: float = 20.0) -> None:
        """Wait until whoever speaks to her has finished."""
        since = time.time()
        await eventually(lambda: self._sound(since) and not self._sound(time.time() - _OVER_S), within_s=within_s)

    def _sound(self, since: float) -> bool:
        return any(level > QUIET_DBFS for level in energy_per_window(self.leg.media.heard(since), window_s=_WINDOW_S))

    async def says(self, sentence: str, *, over_s: float | None = 0.7) -> None:
        """Say a sentence ``over_s`` into the question, or politely after it (None); return when it is said."""
        await self.asked()
        if over_s is None:
            await self.hears_out()
        else:
            await stretch(over_s)
        await self.speaks(sentence)

    async def speaks(self, sentence: str) -> None:
        """Say it now."""
        path = voice(sentence)
        self.leg.speak(path)
        await stretch(len(read_telephone_wav(path)) / 16000)
        self.ends.append(time.time())

    async def presses(self, keys: str) -> None:
        """Answer the question by a key, in the middle of it."""
        await self.asked()
        await stretch(0.4)
        await self.leg.press(keys)

    async def arrives(self, queue: str, priority: int = 0) -> None:
        """She must come to wait there."""
        found = await self.service.fact(self.call, "arrive", within_s=60)
        assert (found["queue"], found["priority"]) == (queue, priority), self.told(await self.story())

    def heard_to_the_end(self, prompt: str, language: str = "en") -> bool:
        """Whether the last words of the county's prompt came to her ear."""
        return self.heard_last_of(host_sound(self.service.settings, "northmere", language, prompt))

    async def hears_to_the_end(self, prompt: str, language: str = "en", since: float = 0.0) -> None:
        """Wait until the prompt was said to her, after Unix time ``since``, and nothing more is said."""
        await self.hears_last_of(host_sound(self.service.settings, "northmere", language, prompt), since)
        await eventually(lambda: not self._sound(time.time() - _OVER_S), within_s=20)

    async def hears_last_of(self, sound: Path, since: float = 0.0) -> None:
        """Wait for the last words of a sound file. Beside the loop: the phones of all talkers have to go on."""
        await eventually(lambda: asyncio.to_thread(self.heard_last_of, sound, since), 40, 0.5)

    def heard_last_of(self, sound: Path, since: float = 0.0) -> bool:
        """The same of any sound file of the service."""
        pcm = read_telephone_wav(sound)
        loud = [at for at, level in enumerate(energy_per_window(pcm, window_s=_WINDOW_S)) if level > QUIET_DBFS]
        end = round((loud[-1] + 1) * _WINDOW_S * 8000) if loud else 0
        wanted = np.frombuffer(pcm, "<i2")[max(0, end - round(_LAST_S * 8000)) : end].astype(np.float64)
        lately = self.leg.media.heard(max(since, time.time() - _LATELY_S))
        heard = np.frombuffer(bytes(lately), "<i2").astype(np.float64)
        size = round(_PIECE_S * 8000)
        pieces = [wanted[at : at + size] for at in range(0, len(wanted) - size + 1, size)]
        return len(heard) > size and _most_alike(heard, pieces[-3:]) > _THE_SAME

    async def story(self) -> list[dict[str, Any]]:
        """Her call's facts."""
        return await self.service.story(self.call)

    async def ways(self) -> list[str]:
        """What steering made of what she said, in order."""
        return [str(one["way"]) for one in of(await self.story(), "steer")]

    async def steps(self) -> list[str]:
        """The steps of the flow she came to."""
        return [str(one["step"]) for one in of(await self.story(), "step")]

    @staticmethod
    def told(story: list[dict[str, Any]]) -> str:
        """A story for a failing test: none of it holds her words."""
        kept = ("ev", "step", "way", "intent", "sure", "queue", "priority", "agent", "why", "src")
        return " | ".join(" ".join(str(one[key]) for key in kept if key in one) for one in story)

    def answered_after(self) -> list[float]:
        """Seconds from each end of her sentences to the next sound she heard: the endpointer's pause is in it."""
        found = []
        for end in self.ends:
            levels = energy_per_window(self.leg.media.heard(end), window_s=_WINDOW_S)
            loud = next((at for at, level in enumerate(levels) if level > QUIET_DBFS), len(levels))
            found.append(loud * _WINDOW_S)
        return found

    def longest_silence(self) -> float:
        """Seconds in which nobody spoke and nothing sounded, of all she heard."""
        return self._longest_below(QUIET_DBFS)

    def dead_line(self) -> float:
        """The same, without even the noise of an open line."""
        return self._longest_below(_DEAD_DBFS)

    def _longest_below(self, level: float) -> float:
        longest = now = 0
        for one in energy_per_window(self.leg.media.heard(), window_s=_WINDOW_S):
            now = now + 1 if one < level else 0
            longest = max(longest, now)
        return longest * _WINDOW_S


def _most_alike(heard: npt.NDArray[np.float64], pieces: list[npt.NDArray[np.float64]]) -> float:
    """How alike a piece and the stretch of ``heard`` that is most like it are, at best: 1 is the same but for loudness.

    Quick, for the phones of all talkers wait meanwhile: a power of two, and the long sound is transformed once.
    """
    long = 1 << (len(heard) + max(map(len, pieces))).bit_length()
    spectrum, power = np.fft.rfft(heard, long), np.concatenate(([0.0], np.cumsum(heard**2)))
    best = 0.0
    for piece in pieces:
        together = np.fft.irfft(spectrum * np.conj(np.fft.rfft(piece, long)), long)[: len(heard) - len(piece) + 1]
        theirs = power[len(piece) :] - power[: -len(piece)]
        ours = max(1.0, float((piece**2).sum()))
        best = max(best, float(np.max(together / np.sqrt(np.maximum(theirs, 1.0) * ours))))
    return best
