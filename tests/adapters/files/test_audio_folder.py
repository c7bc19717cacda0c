"""The contract of a folder of recordings, met alike by the real directory and by the fake."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.files.audio_folder import DirectoryOfAudio
from kernel.errors import BadInput
from kernel.ids import ContactId
from recordings.ports import AudioFolder
from tests.fakes.audio_tape import AudioTape

pytestmark = pytest.mark.contract

K1, K2 = ContactId("c1764000000-12"), ContactId("c1764000000-120")
RATE = 8000

#: Puts a file there: name, seconds; None for one the PBX still writes.
Put = Callable[[str, float | None], None]


def write_wav(path: Path, seconds: float, *, finished: bool = True) -> None:
    """Write a WAV as Asterisk does: the length stands in the header only once it is closed."""
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(b"\0\0" * round(seconds * RATE))
    if not finished:
        content = bytearray(path.read_bytes())
        content[40:44] = bytes(4)
        path.write_bytes(content)


@pytest.fixture(params=["fake", "directory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[AudioFolder, Put]]:
    if request.param == "fake":
        tape = AudioTape()
        yield tape, tape.files.__setitem__
        return
    audio = tmp_path / "audio"
    audio.mkdir()
    yield (
        DirectoryOfAudio(audio),
        lambda name, seconds: write_wav(
            audio / name, 1.0 if seconds is None else seconds, finished=seconds is not None
        ),
    )


def test_given_files_of_two_contacts_when_asked_then_ones_own_in_order(folder: tuple[AudioFolder, Put]) -> None:
    audio, put = folder
    for name in (f"{K1}-2.wav", f"{K1}-1.wav", f"{K1}-1-caller.wav", f"{K2}-1.wav"):
        put(name, 1.0)
    assert list(audio.of(K1)) == [f"{K1}-1-caller.wav", f"{K1}-1.wav", f"{K1}-2.wav"]
    assert list(audio.of(K2)) == [f"{K2}-1.wav"]
    assert list(audio.of(ContactId("c9"))) == []


def test_given_a_finished_file_when_measured_then_its_seconds(folder: tuple[AudioFolder, Put]) -> None:
    audio, put = folder
    put("c1-1-1.wav", 2.5)
    assert audio.seconds("c1-1-1.wav") == pytest.approx(2.5)


def test_given_a_file_still_written_when_measured_then_none(folder: tuple[AudioFolder, Put]) -> None:
    audio, put = folder
    put("c1-1-1.wav", None)
    assert audio.seconds("c1-1-1.wav") is None


# An offer nobody answered leaves a file of only a header.
def test_given_an_empty_file_when_measured_then_nothing_in_it(folder: tuple[AudioFolder, Put]) -> None:
    audio, put = folder
    put("c1-1-1.wav", 0.0)
    assert audio.seconds("c1-1-1.wav") == 0.0


def test_given_a_file_that_is_gone_when_measured_then_an_os_error(folder: tuple[AudioFolder, Put]) -> None:
    with pytest.raises(FileNotFoundError):
        folder[0].seconds("c1-1-9.wav")


def test_given_a_file_when_asked_then_when_it_was_written_and_one_that_is_gone_is_an_os_error(
    folder: tuple[AudioFolder, Put],
) -> None:
    audio, put = folder
    put("c1-1-1.wav", None)
    assert audio.written("c1-1-1.wav") > 0
    with pytest.raises(FileNotFoundError):
        audio.written("c1-1-9.wav")


def test_given_a_file_when_deleted_then_gone_and_a_second_time_is_no_error(folder: tuple[AudioFolder, Put]) -> None:
    audio, put = folder
    put("c1-1-1.wav", 0.0)
    audio.delete("c1-1-1.wav")
    audio.delete("c1-1-1.wav")
    assert list(audio.of(ContactId("c1-1"))) == []


# SECURITY V05, V06: nothing outside the folder is ever touched, and no pattern is taken for a name.
@pytest.mark.parametrize("name", ["../outside.wav", "/nowhere/outside.wav", "", "..", "sub/c1-1-1.wav"])
def test_given_a_name_that_leads_out_when_used_then_refused(folder: tuple[AudioFolder, Put], name: str) -> None:
    with pytest.raises(BadInput):
        folder[0].delete(name)
    with pytest.raises(BadInput):
        folder[0].seconds(name)


@pytest.mark.parametrize("contact", ["*", "c1/..", "", "../c1", "[a-z]"])
def test_given_a_contact_that_is_no_id_when_asked_then_refused(folder: tuple[AudioFolder, Put], contact: str) -> None:
    with pytest.raises(BadInput):
        list(folder[0].of(ContactId(contact)))


# A link in the folder would make us measure and delete what is not ours.
def test_given_a_symbolic_link_when_asked_then_not_a_recording(tmp_path: Path) -> None:
    write_wav(tmp_path / "elsewhere", 1.0)
    (tmp_path / f"{K1}-1.wav").symlink_to(tmp_path / "elsewhere")
    assert list(DirectoryOfAudio(tmp_path).of(K1)) == []


@pytest.mark.parametrize("content", [b"", b"RIFF", b"RIFF\xff\xff\xff\xffWAVE" + b"x" * 60, b"\0" * 200])
def test_given_a_damaged_file_when_measured_then_empty_or_not_finished(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c1-1-1.wav").write_bytes(content)
    assert not DirectoryOfAudio(tmp_path).seconds("c1-1-1.wav")


# A header that promises more than the file holds: the disk was full, or it is still being written.
def test_given_a_header_that_promises_too_much_when_measured_then_not_finished(tmp_path: Path) -> None:
    path = tmp_path / "c1-1-1.wav"
    write_wav(path, 2.0)
    path.write_bytes(path.read_bytes()[:8000])
    assert DirectoryOfAudio(tmp_path).seconds(path.name) is None


# P5: what is looked at while the PBX still writes: how much is there, and whether anything can be heard in it.
def test_given_files_being_written_when_looked_at_then_their_bytes_and_their_silence(
    folder: tuple[AudioFolder, Put],
) -> None:
    audio, put = folder
    put(f"{K1}-1.wav", None)
    put(f"{K1}-2.wav", 0.0)
    assert [audio.held(f"{K1}-{join}.wav") for join in (1, 2, 3)] == [16000, 0, 0]
    assert audio.dead(f"{K1}-1.wav")
    with pytest.raises(BadInput):
        audio.held("../outside.wav")


def test_given_a_voice_after_silence_when_listened_to_then_it_is_not_dead(tmp_path: Path) -> None:
    write_wav(tmp_path / f"{K1}-1.wav", 3.0, finished=False)
    with (tmp_path / f"{K1}-1.wav").open("ab") as out:
        out.write((-900).to_bytes(2, "little", signed=True) * 80)
    assert not DirectoryOfAudio(tmp_path).dead(f"{K1}-1.wav")
