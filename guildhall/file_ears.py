"""Recordings heard as calls are: cut to the speech, read by the same engines, by the same rule for a second opinion."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adapters.audio.any_sound import FILE_S, read_any
from adapters.speech.engines import ENGINES, SpeechEngine
from adapters.speech.joined import joined
from adapters.speech.model_files import ModelFiles
from adapters.speech.silero import RATE, WINDOW_S, Silero
from guildhall.settings import Settings
from guildhall.speech_models import model_files
from guildhall.speech_wiring import MODELS, SURE
from ivr.listening import MARGIN_S
from kernel.hearing import Heard, Reading
from lab.telephone import through_telephone

_BYTES_A_SECOND = 2 * RATE
#: A turn on a call has twelve seconds; no engine is made for half a minute.
LONGEST_S = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHeard:
    """One recording, heard."""

    heard: Heard
    #: Seconds of the recording, and from when to when somebody speaks in it (None: nobody does).
    seconds: float
    speech: tuple[float, float] | None
    #: What was not heard, in words: a file may be longer than any answer of a caller.
    left_out: tuple[str, ...]
    #: What each engine that was asked made of it.
    readings: dict[str, tuple[Reading, ...]]


def as_on_a_line(path: Path) -> bytes:
    """The samples of a file: as they are at 8000 a second, else sent through a telephone. Raises ``BadInput``."""
    sound, rate = read_any(path)
    return (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes() if rate == RATE else through_telephone(sound, rate)


def left_out(seconds: float, speech: tuple[float, float] | None) -> tuple[str, ...]:
    """What of a recording was not heard, in words; ``seconds`` of it were read."""
    told = []
    if seconds >= FILE_S:
        told.append(f"a recording is read for its first {FILE_S} s only")
    if speech is not None and speech[1] - speech[0] > LONGEST_S:
        told.append(f"of what is said the first {LONGEST_S} s are heard: a turn on a call has twelve")
    return tuple(told)


class FileEars:
    """The engines in this process, one after another: for the command line and for evaluations, not for calls."""

    def __init__(self, settings: Settings) -> None:
        """Find the models. Raises ``NoModel`` when the default engine's or the detector's is missing."""
        self._models: ModelFiles = model_files(settings)
        self._detector = Silero(self._models.open("silero-vad") / "silero_vad.onnx")
        self._engines: dict[str, SpeechEngine] = {}

    def load(self) -> None:
        """Load both engines now, so that several threads may ask. Raises ``NoModel`` without the default one."""
        first, second = MODELS
        self._engine(first)
        if not self._models.missing([MODELS[second]]):
            self._engine(second)

    def hear_file(self, path: Path) -> FileHeard:
        """Hear a sound file of any kind, as ``as_on_a_line`` gives it. Raises ``BadInput``."""
        return self.hear(as_on_a_line(path))

    def hear(self, pcm: bytes) -> FileHeard:
        """Hear 16-bit samples at 8000 a second."""
        began = time.monotonic()
        span = self._span(pcm)
        engine, best, asked = "none", tuple[Reading, ...](), dict[str, tuple[Reading, ...]]()
        if span is not None:
            speech = self._detector.speech_span(pcm, MARGIN_S)[: LONGEST_S * _BYTES_A_SECOND]
            first, second = MODELS
            engine, best = first, tuple(self._engine(first).read(speech))
            asked[first] = best
            if (not best or best[0].confidence < SURE) and not self._models.missing([MODELS[second]]):
                asked[second] = tuple(self._engine(second).read(speech))
                engine, best = joined(first, best, second, asked[second])
        words = best[0] if best else Reading(text="", confidence=0.0)
        heard = Heard(
            text=words.text,
            confidence=words.confidence,
            engine=engine,
            took_s=time.monotonic() - began,
            alternatives=tuple(one.text for one in best[1:]),
        )
        seconds = len(pcm) / _BYTES_A_SECOND
        return FileHeard(heard=heard, seconds=seconds, speech=span, left_out=left_out(seconds, span), readings=asked)

    def _span(self, pcm: bytes) -> tuple[float, float] | None:
        spoken = [number for number, sure in enumerate(self._detector.track(pcm)) if sure >= 0.5]  # noqa: PLR2004 - as speech_span
        return (spoken[0] * WINDOW_S, (spoken[-1] + 1) * WINDOW_S) if spoken else None

    def _engine(self, name: str) -> SpeechEngine:
        if name not in self._engines:
            self._engines[name] = ENGINES[name](self._models.open(MODELS[name]))
        return self._engines[name]
