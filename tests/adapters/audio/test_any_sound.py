"""Sound files of every kind that a laptop or a telephone makes give the same sound; what is none says why."""

from __future__ import annotations

import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from adapters.audio.any_sound import Samples, read_any
from kernel.errors import BadInput

pytestmark = pytest.mark.shell

_SECONDS, _HERTZ, _PEAK = 0.5, 440, 0.5


def tone(rate: int) -> Samples:
    at = np.arange(round(_SECONDS * rate)) / rate
    return (_PEAK * np.sin(2 * np.pi * _HERTZ * at)).astype(np.float32)


def write(path: Path, rate: int, *, width: int = 2, channels: int = 1) -> None:
    wide = (tone(rate).astype(np.float64) * (2**31 - 1)).astype("<i4")
    whole = np.repeat(wide, channels).view(np.uint8).reshape(-1, 4)
    data = whole[:, 4 - width :].copy()
    if width == 1:
        data += np.uint8(128)
    with wave.open(str(path), "wb") as out:
        out.setparams((channels, width, rate, 0, "NONE", ""))
        out.writeframes(data.tobytes())


def same(found: tuple[Samples, int], rate: int, within: float) -> None:
    assert found[1] == rate
    assert len(found[0]) == pytest.approx(_SECONDS * rate, rel=0.15)
    spectrum = np.abs(np.fft.rfft(found[0]))
    assert np.argmax(spectrum) * rate / len(found[0]) == pytest.approx(_HERTZ, abs=5)
    assert np.sqrt(np.mean(found[0] ** 2)) == pytest.approx(_PEAK / np.sqrt(2), rel=within)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize(("width", "channels"), [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (4, 2)])
def test_given_wav_of_any_rate_and_depth_when_read_then_the_same_tone(
    rate: int, width: int, channels: int, tmp_path: Path
) -> None:
    write(tmp_path / "a.wav", rate, width=width, channels=channels)
    same(read_any(tmp_path / "a.wav"), rate, 0.03)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp3", ()),
        ("a.ogg", ("-c:a", "libvorbis")),
        ("a.opus", ("-c:a", "libopus")),
        ("a.flac", ()),
        ("alaw.wav", ("-c:a", "pcm_alaw")),
        ("floats.wav", ("-c:a", "pcm_f32le")),
        # 24 bit with the extensible header, which Python's reader refuses before 3.12.
        ("extensible.wav", ("-c:a", "pcm_s24le", "-ac", "2")),
    ],
)
def test_given_another_format_when_read_then_the_same_tone(name: str, options: tuple[str, ...], tmp_path: Path) -> None:
    write(tmp_path / "from.wav", 48000)
    command = ("ffmpeg", "-v", "error", "-i", str(tmp_path / "from.wav"), *options, str(tmp_path / name))
    subprocess.run(command, check=True, timeout=60)  # noqa: S603 - a fixed list
    # ffmpeg makes one of two channels by -3 dB.
    same(read_any(tmp_path / name), 48000, 0.35)


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "is not there"), (b"", "is empty"), (b"not a sound at all" * 50, "no sound file"), (b"RIFF", "no sound")],
)
def test_given_no_sound_when_read_then_it_says_what_is_wrong(content: bytes | None, told: str, tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=told):
        read_any(path)


def test_given_a_header_without_samples_when_read_then_it_holds_no_sound(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "x.wav"), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
    with pytest.raises(BadInput, match="holds no sound"):
        read_any(tmp_path / "x.wav")


def test_given_no_ffmpeg_when_an_mp3_comes_then_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.mp3").write_bytes(b"ID3" + bytes(100))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInput, match="install ffmpeg"):
        read_any(tmp_path / "x.mp3")
