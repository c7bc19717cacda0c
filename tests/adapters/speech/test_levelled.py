"""All prompts are as loud as each other where somebody speaks, whatever pauses, clicks and faults are in the file."""

from __future__ import annotations

import math
import random
import wave
from array import array
from pathlib import Path

import pytest

from adapters.speech.levelled import level_wave
from adapters.speech.measured import loudness
from lab.listen import energy_per_window
from lab.voice import read_telephone_wav, write_telephone_wav

pytestmark = pytest.mark.shell

SPEECH = Path(__file__).parents[3] / "dialplans/northmere/speech"


def levelled(folder: Path, pcm: bytes) -> Path:
    path = folder / "one.wav"
    write_telephone_wav(path, pcm)
    assert level_wave(path)
    return path


def louder(pcm: bytes, by: float, constant: int = 0) -> bytes:
    return array("h", (round(sample * by) + constant for sample in array("h", pcm))).tobytes()


# Issue 5: "loudness even across files", by an ear's measure; a file's pauses made it louder than others.
def test_given_the_same_words_when_levelled_then_as_loud_whatever_the_file(tmp_path: Path) -> None:
    words = read_telephone_wav(SPEECH / "missed_bin.wav")
    click = bytearray(words)
    click[8000:8004] = array("h", [32767, -32768]).tobytes()
    forms = {
        "as it is": words,
        "a fifth as loud": louder(words, 0.2),
        "long pauses": bytes(32000) + words + bytes(32000),
        "a click": bytes(click),
        "a constant beneath": louder(words, 0.5, 3000),
    }
    heard = {name: loudness(levelled(tmp_path, pcm)) for name, pcm in forms.items()}
    assert max(heard.values()) - min(heard.values()) < 1.0, heard
    assert -21.5 < heard["as it is"] < -17.0


def test_given_different_voices_when_levelled_then_as_loud_and_none_overdriven(tmp_path: Path) -> None:
    heard = {}
    for name in ("missed_bin", "homeless", "gas", "person", "yes_please"):
        path = levelled(tmp_path, read_telephone_wav(SPEECH / f"{name}.wav"))
        heard[name] = loudness(path)
        samples = array("h", read_telephone_wav(path))
        assert 20 * math.log10(max(map(abs, samples)) / 32768) < -1.9
        assert abs(sum(samples) / len(samples)) < 50
    assert max(heard.values()) - min(heard.values()) < 3.0, heard


# "check for NaN/DC/level": what holds no speech is refused, and the file is left as it was.
@pytest.mark.parametrize("kind", ["silence", "a constant", "hum of a line", "nothing"])
def test_given_no_speech_when_levelled_then_refused(tmp_path: Path, kind: str) -> None:
    rolled = random.Random(5)  # noqa: S311 - noise, not a secret
    samples = {
        "silence": [0] * 8000,
        "a constant": [9000] * 8000,
        "hum of a line": [rolled.randint(-8, 8) for _ in range(8000)],
        "nothing": [],
    }[kind]
    path = tmp_path / "one.wav"
    write_telephone_wav(path, array("h", samples).tobytes())
    before = path.read_bytes()
    assert not level_wave(path)
    assert path.read_bytes() == before


def test_given_speech_when_levelled_then_its_pauses_stay_pauses(tmp_path: Path) -> None:
    words = read_telephone_wav(SPEECH / "missed_bin.wav")
    with wave.open(str(levelled(tmp_path, bytes(8000) + louder(words, 0.3))), "rb") as file:
        assert max(energy_per_window(file.readframes(3900))) < -80
