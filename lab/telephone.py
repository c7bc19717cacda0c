"""A telephone line for recordings: 300 to 3400 Hz, 8000 samples a second, A-law, and noise at a chosen distance."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kernel.errors import BadInput
from lab.g711 import A_LAW, RATE

#: Samples between -1 and 1.
Samples = npt.NDArray[np.float32]

#: ITU-T G.712: what an analogue telephone line lets through.
_LOW_HZ, _HIGH_HZ = 300.0, 3400.0
#: Width of the slopes at both ends, Hz.
_SLOPE_HZ = 100.0
#: A quiet talker on a telephone, about -26 dB below full scale (ITU-T P.56 nominal level).
_LEVEL_DBOV = -26.0
#: Speech is loud half of the time: windows quieter than this below the loudest count as pauses.
_PAUSE_DB = 30.0
_WINDOW_S = 0.02
_FULL_SCALE = 32768.0
_MONO_16_BIT = (1, 2)


def read_sound(path: Path) -> tuple[Samples, int]:
    """Read a mono 16-bit WAV file of any rate. Raises ``BadInput`` for another."""
    try:
        with wave.open(str(path), "rb") as file:
            if (file.getnchannels(), file.getsampwidth()) != _MONO_16_BIT:
                raise BadInput("bad_sound", f"{path.name} is not a mono 16-bit WAV file")
            frames, rate = file.readframes(file.getnframes()), file.getframerate()
    except (wave.Error, EOFError):
        raise BadInput("bad_sound", f"{path.name} is not a WAV file") from None
    return np.frombuffer(frames, "<i2").astype(np.float32) / np.float32(_FULL_SCALE), rate


def through_telephone(sound: Samples, rate: int, *, noise: Samples | None = None, snr_db: float | None = None) -> bytes:
    """What arrives at the far end: 16-bit samples at 8000 a second, at the nominal level.

    ``noise``: at 8000 a second, as long or shorter (it is then repeated); ``snr_db``: how far below the talker's active
    level it lies. The same input gives the same bytes.
    """
    speech = band(sound, rate)
    level = active_level(speech)
    speech = speech * np.float32(10 ** (_LEVEL_DBOV / 20) / level) if level > 0 else speech
    if noise is not None and snr_db is not None:
        bed = band(np.resize(noise, len(speech)), RATE)
        power = float(np.sqrt(np.mean(bed**2))) or 1.0
        speech = speech + bed * np.float32(10 ** ((_LEVEL_DBOV - snr_db) / 20) / power)
    pcm = (np.clip(speech, -1, 1) * (_FULL_SCALE - 1)).astype("<i2").tobytes()
    return bytes(A_LAW.decode(A_LAW.encode(pcm)))


def band(sound: Samples, rate: int) -> Samples:
    """Resample to 8000 a second and cut the band, in one go in the frequency domain."""
    count = len(sound)
    spectrum = np.fft.rfft(sound, n=_padded(count, rate))
    hertz = np.fft.rfftfreq(_padded(count, rate), 1 / rate)
    rise = np.clip((hertz - _LOW_HZ + _SLOPE_HZ) / _SLOPE_HZ, 0, 1)
    fall = np.clip((_HIGH_HZ + _SLOPE_HZ - hertz) / _SLOPE_HZ, 0, 1)
    wanted = _padded(count, rate) * RATE // rate
    kept = np.zeros(wanted // 2 + 1, dtype=np.complex128)
    size = min(len(kept), len(spectrum))
    kept[:size] = (spectrum * rise * fall)[:size]
    narrow = np.fft.irfft(kept, n=wanted) * (wanted / _padded(count, rate))
    return narrow[: round(count * RATE / rate)].astype(np.float32)


def active_level(sound: Samples) -> float:
    """RMS of the windows in which somebody speaks."""
    size = round(_WINDOW_S * RATE)
    windows = sound[: len(sound) // size * size].reshape(-1, size)
    if not len(windows):
        return 0.0
    power = np.mean(windows**2, axis=1)
    active = power[power > power.max() * 10 ** (-_PAUSE_DB / 10)]
    return float(np.sqrt(active.mean())) if len(active) else 0.0


def babble(voices: list[Samples]) -> Samples:
    """Several people at once, each as loud as the others; voices at 8000 a second."""
    length = max(len(voice) for voice in voices)
    mixed = np.zeros(length, dtype=np.float32)
    for number, voice in enumerate(voices):
        level = active_level(voice) or 1.0
        mixed += np.roll(np.resize(voice / np.float32(level), length), number * RATE // 2)
    return mixed / np.float32(len(voices))


def hum(length: int, number: int) -> Samples:
    """A room's hum and hiss (pink noise), at 8000 a second; another one for each number, the same in every run."""
    white = np.fft.rfft(np.random.default_rng(number).standard_normal(length))
    return np.fft.irfft(white / np.sqrt(np.maximum(1, np.arange(len(white)))), length).astype(np.float32)


def _padded(count: int, rate: int) -> int:
    """A length whose 8000-a-second twin is a whole number too."""
    step = rate // np.gcd(rate, RATE)
    return int(-(-count // step) * step + step * 8)
