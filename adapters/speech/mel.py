"""What Whisper hears: 80 mel bands of logarithmic power, 100 frames a second (Radford 2022)."""

from __future__ import annotations

from functools import cache

import numpy as np

from adapters.speech.sound import ENGINE_RATE, Floats

_BANDS, _WINDOW, _HOP = 80, 400, 160
#: Slaney's mel scale: linear to 1000 Hz, logarithmic above.
_LINEAR_HZ, _BREAK_HZ, _LOG_STEP = 200 / 3, 1000.0, np.log(6.4) / 27


def log_mel(sound: Floats, seconds: float) -> Floats:
    """(80, frames) of the first so many seconds, silence behind."""
    wanted = round(seconds * ENGINE_RATE)
    whole = np.pad(sound[:wanted], (0, max(0, wanted - len(sound))))
    framed = np.lib.stride_tricks.sliding_window_view(np.pad(whole, _WINDOW // 2, mode="reflect"), _WINDOW)
    frames = framed[::_HOP][: wanted // _HOP] * np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    bands = np.log10(np.maximum(_filters() @ power.T, 1e-10))
    made: Floats = ((np.maximum(bands, bands.max() - 8.0) + 4.0) / 4.0).astype(np.float32)
    return made


@cache
def _filters() -> Floats:
    hertz = np.linspace(0, ENGINE_RATE / 2, _WINDOW // 2 + 1)
    mels = np.linspace(0, _mel(ENGINE_RATE / 2), _BANDS + 2)
    linear = mels * _LINEAR_HZ
    edges = np.where(linear < _BREAK_HZ, linear, _BREAK_HZ * np.exp(_LOG_STEP * (mels - _BREAK_HZ / _LINEAR_HZ)))
    widths = np.diff(edges)
    rise = (hertz[None] - edges[:-2, None]) / widths[:-1, None]
    fall = (edges[2:, None] - hertz[None]) / widths[1:, None]
    area = 2.0 / (edges[2:] - edges[:-2])
    made: Floats = (np.maximum(0.0, np.minimum(rise, fall)) * area[:, None]).astype(np.float32)
    return made


def _mel(hertz: float) -> float:
    return float(_BREAK_HZ / _LINEAR_HZ + np.log(hertz / _BREAK_HZ) / _LOG_STEP)
