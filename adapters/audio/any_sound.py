"""Reads whatever sound file it is given: WAV of any depth itself, everything else by ffmpeg."""

from __future__ import annotations

import os
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kernel.errors import BadInput

#: Samples between -1 and 1.
Samples = npt.NDArray[np.float32]

#: Names of sound files; ffmpeg knows many more by their content.
SOUNDS = frozenset(
    {".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".aac", ".webm", ".aif", ".aiff"}
)
#: A turn lasts twelve seconds. More of a file than this is not a caller's answer, and ten minutes of it are 40 MB.
FILE_S = 60
_LEAST_RATE, _MOST_RATE = 4000, 384_000
_BYTE, _WORD, _THREE, _FOUR = 1, 2, 3, 4
_TIMEOUT_S = 60


def read_any(path: Path) -> tuple[Samples, int]:
    """One channel of a file, its channels averaged, and its samples a second; the first minute of it.

    Raises ``BadInput`` for a file that is missing, empty, no sound, or that only a missing ffmpeg could read.
    """
    check_there(path)
    try:
        found = _wav(path)
    except (wave.Error, EOFError):
        # Not a plain WAV file: A-law, floats, the extensible header, or another format altogether.
        found = _by_ffmpeg(path)
    if not len(found[0]):
        raise BadInput("bad_sound", f"{path.name} holds no sound")
    if not _LEAST_RATE <= found[1] <= _MOST_RATE:
        raise BadInput("bad_sound", f"{path.name} says {found[1]} samples a second: no recorder makes that")
    return found


def check_there(path: Path) -> None:
    """What can be told without reading it. Raises ``BadInput``."""
    try:
        size = path.stat().st_size
    except OSError as error:
        reason = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read ({type(error).__name__})"
        raise BadInput("no_sound_file", f"{path} {reason}") from None
    if not path.is_file():
        raise BadInput("no_sound_file", f"{path} is no file")
    if size == 0:
        raise BadInput("bad_sound", f"{path.name} is empty (0 bytes)")


def _wav(path: Path) -> tuple[Samples, int]:
    with path.open("rb") as opened, wave.open(opened) as file:
        rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
        data = file.readframes(min(file.getnframes(), FILE_S * rate))
    samples = _numbers(data[: len(data) // (width * channels) * width * channels], width)
    return samples.reshape(-1, channels).mean(axis=1, dtype=np.float32), rate


def _numbers(data: bytes, width: int) -> Samples:
    """Samples of 8 (unsigned, by the format's own rule), 16, 24 or 32 bit."""
    if width == _BYTE:
        return (np.frombuffer(data, np.uint8).astype(np.float32) - np.float32(128)) / np.float32(128)
    if width == _WORD:
        return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(1 << 15)
    if width == _THREE:
        # Three bytes become the upper three of four.
        wide = np.zeros((len(data) // _THREE, _FOUR), np.uint8)
        wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, _THREE)
        return (wide.reshape(-1).view("<i4").astype(np.float64) / (1 << 31)).astype(np.float32)
    if width == _FOUR:
        return (np.frombuffer(data, "<i4").astype(np.float64) / (1 << 31)).astype(np.float32)
    raise wave.Error(f"{8 * width} bit")


def _by_ffmpeg(path: Path) -> tuple[Samples, int]:
    with tempfile.TemporaryDirectory(prefix="gh-sound-") as scratch:
        made = Path(scratch, "sound.wav")
        command = (
            *("ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file,pipe,fd"),
            *("-i", f"file:{path}", "-map", "a:0", "-t", str(FILE_S), "-ac", "1", "-c:a", "pcm_s16le", str(made)),
        )
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
        try:
            subprocess.run(command, capture_output=True, check=True, timeout=_TIMEOUT_S, env=environment)  # noqa: S603 - a fixed list, no shell; the path is behind "file:"
            return _wav(made)
        except FileNotFoundError:
            message = f"{path.name} is not a plain WAV file: install ffmpeg, or convert it to WAV"
            raise BadInput("no_ffmpeg", message) from None
        except (subprocess.SubprocessError, wave.Error, EOFError):
            raise BadInput("bad_sound", f"{path.name} is no sound file that can be read") from None
