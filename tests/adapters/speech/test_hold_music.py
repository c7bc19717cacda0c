"""The hold music: what a telephone plays, softer than speech, without a click, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.speech.hold_music import write_hold_music
from lab.listen import energy_per_window, hears, read_wav, rms_dbfs, silence_gaps

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hold_music(tmp_path_factory.mktemp("moh"))


def test_given_the_music_when_read_then_16_seconds_of_8_khz_mono(music: Path) -> None:
    sound = read_wav(music)
    assert (music.name, sound.rate, len(sound.channels), sound.seconds) == ("hold.wav", 8000, 1, 16.0)


# "well below speech, so that prompts stand out": our prompts measure about -20 dBFS.
def test_given_the_music_when_measured_then_softer_than_speech_and_never_long_silent(music: Path) -> None:
    [pcm] = read_wav(music).channels
    assert -35 < rms_dbfs(pcm) < -24
    assert max(energy_per_window(pcm)) < -20
    assert not [gap for gap in silence_gaps(pcm) if gap.seconds > 0.7]


# It begins again after its end: neither there nor between two chords may it jump.
def test_given_the_music_when_it_goes_round_then_no_click(music: Path) -> None:
    [pcm] = read_wav(music).channels
    samples = memoryview(pcm).cast("h")
    steps = [abs(samples[at] - samples[at - 1]) for at in range(len(samples))]
    assert max(steps) < 1200
    assert hears(pcm[:32000], 261.63, least_share=0.1)


def test_given_the_music_is_there_when_asked_again_then_left_as_it_is(tmp_path: Path) -> None:
    own = tmp_path / "hold.wav"
    own.write_bytes(b"the council's own music")
    assert write_hold_music(tmp_path) == own
    assert own.read_bytes() == b"the council's own music"


def test_given_a_folder_when_written_then_nothing_half_done_stays(music: Path) -> None:
    assert [path.name for path in music.parent.iterdir()] == ["hold.wav"]
