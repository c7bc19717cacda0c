"""The noise of an open line, as a telephone gives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.speech import quiet
from lab.g711 import A_LAW
from lab.listen import QUIET_DBFS, energy_per_window
from lab.voice import read_telephone_wav

pytestmark = pytest.mark.unit


# A-law made -71 dBFS of what was meant to be faint noise: beside the -72 of its own silence, a dead line.
def test_given_the_noise_of_an_open_line_when_sent_through_a_telephone_then_it_is_faint_and_no_silence(
    tmp_path: Path,
) -> None:
    quiet.write_line_sounds(tmp_path)
    samples = read_telephone_wav(tmp_path / quiet.FOLDER / f"{quiet.QUIET}.wav")
    assert len(samples) / 16000 == quiet.QUIET_S
    levels = energy_per_window(bytes(A_LAW.decode(A_LAW.encode(samples[:160_000]))))
    assert min(levels) > -66
    assert max(levels) < QUIET_DBFS - 3


# P15: the static menu plays just as much of it as it waits for a key.
def test_given_lengths_when_written_then_the_noise_is_there_in_each_of_them(tmp_path: Path) -> None:
    quiet.write_line_sounds(tmp_path, [2.5, 3.0])
    for seconds in (2.5, 3.0):
        samples = read_telephone_wav(tmp_path / quiet.FOLDER / f"{quiet.quiet_for(seconds)}.wav")
        assert len(samples) == seconds * 16000
        assert min(energy_per_window(bytes(samples))) > -66
