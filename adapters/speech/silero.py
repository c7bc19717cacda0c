"""silero-vad by onnxruntime: how likely each 32 ms of telephone sound is speech; many callers in one run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime

from adapters.speech.quiet_onnx import quiet_options
from adapters.speech.sound import Floats, floats

RATE = 8000
#: Samples the model takes at 8000 a second, and how many of the window before stand in front of them.
WINDOW, _CONTEXT = 256, 32
WINDOW_S = WINDOW / RATE
_STATE = (2, 1, 128)
#: From here on a window counts as speech (its makers' threshold).
_SURE = 0.5


class Stream:
    """The model's memory of one caller."""

    def __init__(self) -> None:
        self.state = np.zeros(_STATE, dtype=np.float32)
        self.context = np.zeros(_CONTEXT, dtype=np.float32)


class Silero:
    """The model; 2.3 MB, about 0.2 ms a window. Each caller has a ``Stream``."""

    def __init__(self, path: Path) -> None:
        """Load it. Raises onnxruntime's errors when the file is not that model."""
        self._session = onnxruntime.InferenceSession(str(path), quiet_options(), providers=["CPUExecutionProvider"])
        self._rate = np.array(RATE, dtype=np.int64)

    def probabilities(self, asked: Sequence[tuple[Stream, Floats]]) -> list[float]:
        """Speech, from 0 to 1, in the next window (``WINDOW`` samples) of each of these streams."""
        if not asked:
            return []
        sound = np.stack([np.concatenate((stream.context, window)) for stream, window in asked])
        state = np.concatenate([stream.state for stream, _ in asked], axis=1)
        output, after = self._session.run(None, {"input": sound, "state": state, "sr": self._rate})
        for number, (stream, window) in enumerate(asked):
            stream.state = after[:, number : number + 1]
            stream.context = window[-_CONTEXT:]
        return [float(one) for one in output[:, 0]]

    def track(self, pcm: bytes) -> list[float]:
        """The probabilities of a whole recording, a window each."""
        stream, sound = Stream(), floats(pcm)
        windows = [sound[at : at + WINDOW] for at in range(0, len(sound) - WINDOW + 1, WINDOW)]
        return [self.probabilities([(stream, window)])[0] for window in windows]

    def speech_span(self, pcm: bytes, margin_s: float) -> bytes:
        """A recording from its first to its last speech with a margin on both sides; empty when nobody speaks."""
        spoken = [number for number, probability in enumerate(self.track(pcm)) if probability >= _SURE]
        if not spoken:
            return b""
        begin = max(0, round((spoken[0] * WINDOW_S - margin_s) * RATE))
        end = round(((spoken[-1] + 1) * WINDOW_S + margin_s) * RATE)
        return pcm[2 * begin : 2 * end]
