"""One turn of listening: says the question, lets the caller interrupt, knows when she has finished, has it read."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import structlog

from ivr.core import endpoint
from ivr.core.endpoint import WINDOW_S, Listening, Moment, Patience
from ivr.hearing_ports import CallSound, Detectors, Reader, SoundFiles, SoundLines, SpeechDetector
from ivr.ports import CallerLine
from kernel.hearing import (
    Ask,
    Deaf,
    EngineFailed,
    Heard,
    KeyDown,
    NoSound,
    NothingSaid,
    Pressed,
    Reading,
    SoundOver,
    SpeechFull,
    Spoken,
    TurnEnd,
    Why,
)

log = structlog.get_logger()

_RATE, _SAMPLE = 8000, 2
_WINDOW = round(WINDOW_S * _RATE) * _SAMPLE
#: Moonshine gave no text for 21 of 52 clips with long silences around them: cut to the span of speech and this much.
MARGIN_S = 0.25
#: No packet for so long, and the time of the turn goes on without sound.
_PATIENCE_S = 0.5
#: What a turn may take beyond its prompt and its speech.
_GRACE_S = 8.0


class Listener:
    """Meets ``ivr.ports.Ears``. ``most_turns``: callers listened to at once; the next one gets the menu."""

    def __init__(
        self,
        *,
        lines: SoundLines,
        detectors: Detectors,
        reader: Reader,
        files: SoundFiles,
        most_turns: int = 80,
    ) -> None:
        self._lines, self._detectors, self._reader, self._files = lines, detectors, reader, files
        self._most_turns = most_turns
        self._turns = 0
        #: Call -> loop time of the last decision that she had finished: the next prompt is measured from it.
        self._decided: WeakKeyDictionary[CallerLine, float] = WeakKeyDictionary()

    async def turn(self, line: CallerLine, ask: Ask) -> TurnEnd:
        """Say, listen, read. Raises ``LineGone``; every other failure is ``Deaf`` with its reason."""
        if self._turns >= self._most_turns or not self._reader.has_room:
            return _deaf(line, Why.FULL)
        self._turns += 1
        try:
            return await self._turn(line, ask)
        except SpeechFull:
            return _deaf(line, Why.FULL)
        except EngineFailed:
            return _deaf(line, Why.NO_ENGINE)
        except NoSound:
            return _deaf(line, Why.NO_SOUND)
        finally:
            self._turns -= 1

    async def _turn(self, line: CallerLine, ask: Ask) -> TurnEnd:
        detector = self._detectors.detector()
        pieces = [await self._files.pcm(sound) for sound in ask.sounds]
        if None in pieces:
            # A question with a hole in it, or none at all, is no question: whoever asked says it another way.
            return _deaf(line, Why.NO_PROMPT)
        said = b"".join(piece for piece in pieces if piece is not None)
        longest = len(said) / _SAMPLE / _RATE + ask.no_input_s + ask.longest_s + ask.long_hangover_s + _GRACE_S
        async with self._lines.open(line, longest) as sound:
            sound.say(said)
            if (decided := self._decided.pop(line, None)) is not None:
                log.info("the next prompt began", after_s=round(asyncio.get_running_loop().time() - decided, 3))
            turn = _Turn(sound, detector, self._reader, ask)
            try:
                return await turn.run()
            finally:
                turn.forget_reading()
                if turn.decided_at is not None:
                    self._decided[line] = turn.decided_at


class _Turn:
    """What is known of one turn while it runs."""

    def __init__(self, sound: CallSound, detector: SpeechDetector, reader: Reader, ask: Ask) -> None:
        self._sound, self._detector, self._reader = sound, detector, reader
        self._state = Listening(
            patience=Patience(
                no_input_s=ask.no_input_s,
                hangover_s=ask.hangover_s,
                long_hangover_s=ask.long_hangover_s,
                longest_s=ask.longest_s,
                barge_in=ask.barge_in,
            )
        )
        #: All sound of the turn, and how much of it the detector has had.
        self._pcm, self._detected = bytearray(), 0
        self._came = False
        self._reading: asyncio.Task[tuple[str, Sequence[Reading]]] | None = None
        #: Loop time of the decision that she had finished.
        self.decided_at: float | None = None

    async def run(self) -> TurnEnd:
        """Until something ends the turn."""
        while True:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    event = await self._sound.next()
            except TimeoutError:
                # A handset that sends nothing must not stop the clock.
                event = Spoken(pcm=b"")
                self._pcm += bytes(round(_PATIENCE_S / WINDOW_S) * _WINDOW)
            match event:
                case KeyDown(key=key):
                    self._sound.hush()
                    return Pressed(keys=key)
                case SoundOver():
                    raise NoSound("torn", "the call's sound ended in the middle of a turn")
                case Spoken(pcm=pcm):
                    self._came = self._came or bool(pcm)
                    self._pcm += pcm
                    if (ended := await self._listen()) is not None:
                        return ended

    async def _listen(self) -> TurnEnd | None:
        while len(self._pcm) - self._detected >= _WINDOW:
            window = bytes(self._pcm[self._detected : self._detected + _WINDOW])
            self._detected += _WINDOW
            self._mark_unfinished()
            probability = await self._detector.probability(window)
            self._state, moment = endpoint.hear(self._state, probability, saying=self._sound.saying)
            match moment:
                case Moment.BEGAN:
                    self._sound.hush()
                case Moment.PAUSED:
                    self._read_early()
                case Moment.RESUMED | Moment.DROPPED:
                    self.forget_reading()
                case Moment.NO_INPUT:
                    return NothingSaid(line_alive=self._came)
                case Moment.ENDED:
                    return await self._heard()
                case None:
                    pass
        return None

    def _read_early(self) -> None:
        """Hides the decoding in the pause; only with room to spare, for it may be in vain."""
        if self._reading is None and self._reader.has_room:
            self._reading = asyncio.create_task(self._reader.read(self._speech()))

    def forget_reading(self) -> None:
        """What was being read is of no use any more."""
        if self._reading is not None:
            self._reading.cancel()
            # Its failure, if any, was nobody's turn.
            self._reading.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._reading = None

    def _mark_unfinished(self) -> None:
        reading = self._reading
        if reading is None or not reading.done() or reading.cancelled() or reading.exception() is not None:
            return
        _, readings = reading.result()
        if readings and endpoint.sounds_unfinished(readings[0].text):
            self._state = endpoint.unfinished(self._state)

    async def _heard(self) -> TurnEnd:
        """Her words; a key pressed while they are read is the later wish."""
        self.decided_at = decided = asyncio.get_running_loop().time()
        if self._reading is None:
            self._reading = asyncio.create_task(self._reader.read(self._speech()))
        key = asyncio.create_task(self._key())
        try:
            await asyncio.wait({self._reading, key}, return_when=asyncio.FIRST_COMPLETED)
            if key.done() and not self._reading.done():
                return key.result()
            engine, readings = await self._reading
        finally:
            key.cancel()
            with contextlib.suppress(asyncio.CancelledError, NoSound):
                await key
        took_s = asyncio.get_running_loop().time() - decided
        log.info("speech was read", engine=engine, took_s=round(took_s, 3), words=bool(readings))
        best = readings[0] if readings else Reading(text="", confidence=0.0)
        return Heard(
            text=best.text,
            confidence=best.confidence,
            engine=engine,
            took_s=took_s,
            alternatives=tuple(one.text for one in readings[1:]),
        )

    async def _key(self) -> Pressed:
        while True:
            match await self._sound.next():
                case KeyDown(key=key):
                    return Pressed(keys=key)
                case SoundOver():
                    raise NoSound("torn", "the call's sound ended while her words were read")

    def _speech(self) -> bytes:
        begin, end = endpoint.span(self._state, MARGIN_S)
        return bytes(self._pcm[_at(begin) : _at(end)])


def _at(seconds: float) -> int:
    return round(seconds * _RATE) * _SAMPLE


def _deaf(line: CallerLine, why: Why) -> Deaf:
    log.warning("a caller who should be heard gets the keys", contact=line.contact, why=str(why))
    return Deaf(why=why)
