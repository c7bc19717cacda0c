"""The header of a WAV file: hostile ones get a clear error, a cut-off call is saved."""

from __future__ import annotations

import os
import struct
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.audio.wav_header import check_original
from adapters.audio.workshop import Workshop
from kernel.errors import BadInput

pytestmark = pytest.mark.integration


def wav(  # noqa: PLR0913 - each field of the header may lie
    *, rate: int = 8000, channels: int = 1, bits: int = 16, kind: int = 1, claimed: int | None = None, data: int = 16000
) -> bytes:
    form = struct.pack("<HHIIHH", kind, channels, rate, 0, 0, bits)
    size = data if claimed is None else claimed
    head = b"RIFF" + struct.pack("<I", 0xFFFFFFFF) + b"WAVEfmt " + struct.pack("<I", len(form)) + form
    return head + b"data" + struct.pack("<I", size) + b"\1" * data


def checked(tmp_path: Path, content: bytes) -> object:
    path = tmp_path / "c1-1-1.wav"
    path.write_bytes(content)
    return check_original(path)


def test_given_a_file_of_the_pbx_when_checked_then_its_length_and_where_its_samples_begin(tmp_path: Path) -> None:
    path = tmp_path / "c1-1-1.wav"
    path.write_bytes(wav())
    found = check_original(path)
    assert (found.seconds, found.rate, found.channels, found.offset, found.finished) == (1.0, 8000, 1, 44, True)


# Asterisk writes the length when it closes the file: killed before that, the samples are good all the same.
def test_given_a_header_that_was_never_finished_when_checked_then_the_samples_count(tmp_path: Path) -> None:
    path = tmp_path / "c1-1-1.wav"
    path.write_bytes(wav(claimed=0, data=8001))
    found = check_original(path)
    assert (found.seconds, found.finished) == (0.5, False)


# Issue, "Bad input": "a WAV with a 4 GB header, 0 Hz, 0 channels: a clear error each".
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (wav(claimed=0xFFFFFFFF), "claims more audio"),
        (wav(claimed=16001), "claims more audio"),
        (wav(rate=0), "rate"),
        (wav(rate=4_000_000_000), "rate"),
        (wav(channels=0), "channel"),
        (wav(channels=65535), "channel"),
        (wav(bits=0), "16-bit"),
        (wav(bits=8), "16-bit"),
        (wav(kind=0xFFFE), "PCM"),
        (wav(data=0), "empty"),
        (wav()[:40], "no samples"),
        (wav()[:20], "cut short|no samples"),
        (b"", "no WAV"),
        (b"RIFF\0\0\0\0WAVEdata\xff\xff\xff\xff", "format"),
        (b"RIFF\0\0\0\0WAVEjunk\xff\xff\xff\xff" + bytes(100), "no samples"),
        (b"OggS" + bytes(100), "no WAV"),
        (bytes(5000), "no WAV"),
    ],
)
def test_given_a_hostile_header_when_checked_then_a_clear_error(content: bytes, told: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=told):
        checked(tmp_path, content)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=120))
def test_given_any_bytes_behind_riff_when_checked_then_an_answer_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.wav"
    path.write_bytes(b"RIFF\0\0\0\0WAVE" + content)
    try:
        found = check_original(path)
    except BadInput:
        return
    assert 0 < found.seconds <= len(content)


def test_given_a_file_of_four_gigabytes_when_checked_then_memory_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "c1-1-1.wav"
    path.write_bytes(wav(claimed=0xFFFFFFFF, data=0))
    os.truncate(path, (1 << 32) - 1)
    tracemalloc.start()
    try:
        with pytest.raises(BadInput):
            check_original(path)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_given_a_file_of_more_than_a_day_when_checked_then_refused_before_anything_is_read(tmp_path: Path) -> None:
    path = tmp_path / "c1-1-1.wav"
    path.write_bytes(wav(claimed=0, data=2))
    os.truncate(path, 44 + 2 * 8000 * 86401)
    with pytest.raises(BadInput, match="longer than a day"):
        check_original(path)


# SECURITY V05, V06: names with `../`, NUL, `&`; links; a FIFO that would stop the worker.
@pytest.mark.parametrize("name", ["../secret.wav", "a/b.wav", "", "..", "a\0.wav", "/etc/passwd"])
def test_given_a_hostile_name_when_worked_on_then_refused(name: str, tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    for work in (workshop.check, workshop.delete):
        with pytest.raises(BadInput):
            work(name)


def test_given_links_and_pipes_in_the_folder_when_checked_then_refused_and_not_listed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(wav())
    folder = tmp_path / "audio"
    folder.mkdir()
    (folder / "c1-1-1.wav").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "c1-2-1.wav")
    workshop = Workshop(folder)
    assert workshop.names() == ["c1-2-1.wav"]
    with pytest.raises(OSError, match="symbolic"):
        workshop.check("c1-1-1.wav")
    with pytest.raises(BadInput, match="regular"):
        workshop.check("c1-2-1.wav")
    assert Workshop(tmp_path / "nowhere").names() == []
