"""The workshop with the real ffmpeg: sides stay apart, copies sound the same, limits hold, a stop is a stop."""

from __future__ import annotations

import threading
import time
import wave
from array import array
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from random import Random

import pytest

from adapters.audio.limited import Limits, ProgramFailed, run
from adapters.audio.workshop import Workshop
from kernel.errors import BadInput
from recordings.core.figures import difference, figures
from tests.fakes.recordings_bench import RATE, speech, write_wav

pytestmark = pytest.mark.integration


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_wav(tmp_path / "caller.wav", speech(4.0, 1))
    write_wav(tmp_path / "agent.wav", speech(3.0, 2))
    write_wav(tmp_path / "silent.wav", array("h", bytes(2 * 4 * RATE)))
    return tmp_path


@pytest.fixture
def workshop(folder: Path) -> Workshop:
    return Workshop(folder)


# Issue: "two sides apart"; "mix to stereo": caller left, agent right, the shorter one padded.
def test_given_two_sides_when_encoded_then_each_is_a_channel_of_its_own_and_sounds_the_same(
    workshop: Workshop,
) -> None:
    sides = [workshop.check("caller.wav"), workshop.check("agent.wav")]
    was = workshop.loudness(sides)
    encoded = b"".join(workshop.encode(sides))
    assert encoded.startswith(b"OggS")
    came = workshop.listen([encoded], 2, 4.0)
    assert (was.windows, difference(was, came)) == (40, None)
    swapped = workshop.loudness(sides[::-1])
    assert difference(swapped, came) is not None
    assert max(was.rms[1][31:]) < -90


def test_given_a_dead_side_when_encoded_then_the_other_does_not_leak_into_it(workshop: Workshop) -> None:
    sides = [workshop.check("caller.wav"), workshop.check("silent.wav")]
    assert [workshop.dead(side) for side in sides] == [False, True]
    came = workshop.listen(workshop.encode(sides), 2, 4.0)
    assert max(came.rms[1]) < max(came.rms[0]) - 35
    told = figures(came, ["caller", "agent"])
    assert told["together_s"] == 0.0


# A bad line loses packets and an agent pauses often: each is an edge, and its recording is no less one.
@pytest.mark.parametrize("packets_lost", [0.1, 0.5, 0.7])
def test_given_a_line_that_loses_packets_when_sealed_then_the_copy_is_found_the_same(
    folder: Path, workshop: Workshop, packets_lost: float
) -> None:
    lost = Random(7)  # noqa: S311 - packets, not secrets
    for name, seed in (("caller.wav", 1), ("agent.wav", 2)):
        heard = speech(8.0, seed)
        for at in range(0, len(heard), RATE // 50):
            if lost.random() < packets_lost or 200 < at // (RATE // 50) % 300 < 280:
                heard[at : at + RATE // 50] = array("h", bytes(2 * RATE // 50))
        write_wav(folder / name, heard)
    sides = [workshop.check("caller.wav"), workshop.check("agent.wav")]
    was, came = workshop.loudness(sides), workshop.listen(workshop.encode(sides), 2, 8.0)
    assert difference(was, came) is None
    assert difference(workshop.loudness(sides[::-1]), came) is not None


def test_given_only_the_mix_when_encoded_then_one_channel(workshop: Workshop) -> None:
    sides = [workshop.check("caller.wav")]
    was = workshop.loudness(sides)
    assert difference(was, workshop.listen(workshop.encode(sides), 1, 4.0)) is None


def test_given_a_recording_when_exported_then_as_wav_mp3_or_opus(workshop: Workshop) -> None:
    encoded = b"".join(workshop.encode([workshop.check("caller.wav"), workshop.check("agent.wav")]))
    raw = b"".join(workshop.convert([encoded], "wav", 4.0))
    # Into a pipe: ffmpeg cannot go back and write the length, so that it claims the most there can be.
    with wave.open(BytesIO(raw), "rb") as audio:
        assert (audio.getnchannels(), audio.getframerate()) == (2, RATE)
    assert b"".join(workshop.convert([encoded], "opus", 4.0)).startswith(b"OggS")
    assert len(b"".join(workshop.convert([encoded], "mp3", 4.0))) > 10_000
    with pytest.raises(BadInput, match="opus, mp3, wav"):
        workshop.convert([encoded], "exe", 4.0)


@pytest.mark.parametrize("junk", [b"", b"not audio at all" * 100, b"OggS" + bytes(1000)])
def test_given_something_that_is_no_audio_when_listened_to_then_an_error(workshop: Workshop, junk: bytes) -> None:
    with pytest.raises(ProgramFailed):
        workshop.listen([junk], 2, 1.0)


def test_given_a_cut_copy_when_compared_then_not_the_same(workshop: Workshop) -> None:
    sides = [workshop.check("caller.wav"), workshop.check("agent.wav")]
    was = workshop.loudness(sides)
    encoded = b"".join(workshop.encode(sides))
    try:
        came = workshop.listen([encoded[: len(encoded) // 2]], 2, 4.0)
    except ProgramFailed:
        return
    assert difference(was, came) == "it is not as long"


# LIBRARIES §5: "ffmpeg as a subprocess (argv, time and memory limits)".
def test_given_a_program_that_takes_too_long_when_run_then_ended() -> None:
    began = time.monotonic()
    with pytest.raises(ProgramFailed):
        list(run(["sleep", "60"], Limits(wall_s=0.2)))
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("program", "limits"),
    [
        (["python3", "-c", "bytearray(1 << 30)"], Limits(memory=256 << 20)),
        (["python3", "-c", "while True: pass"], Limits(cpu_s=1)),
        (["dd", "if=/dev/zero", "of=/dev/stderr", "bs=1M", "count=4"], Limits()),
        (["no-such-program-anywhere"], Limits()),
        (["false"], Limits()),
    ],
)
def test_given_a_program_beyond_its_limits_when_run_then_failed(program: list[str], limits: Limits) -> None:
    with pytest.raises(ProgramFailed):
        list(run(program, limits))


def test_given_a_feeder_that_fails_when_run_then_its_error_and_not_half_a_result() -> None:
    def failing() -> Iterator[bytes]:
        yield b"some"
        raise BadInput("bad", "the vault is damaged")

    with pytest.raises(BadInput, match="damaged"):
        list(run(["cat"], Limits(), failing()))


def test_given_a_reader_who_stops_when_closed_then_the_program_is_gone() -> None:
    stream = run(["cat", "/dev/zero"], Limits())
    assert next(stream)
    stream.close()  # type: ignore[attr-defined]  # a generator


def test_given_much_fed_and_much_written_when_run_then_all_comes_through() -> None:
    fed = (bytes([number % 251]) * 65536 for number in range(200))
    assert sum(map(len, run(["cat"], Limits(), fed))) == 200 * 65536


def test_given_work_under_way_when_stopped_then_it_ends_with_an_error(folder: Path) -> None:
    write_wav(folder / "long.wav", speech(10.0, 3) * 200)
    workshop = Workshop(folder)
    side = workshop.check("long.wav")
    failed: list[bool] = []

    def encode() -> None:
        try:
            b"".join(workshop.encode([side]))
        except ProgramFailed:
            failed.append(True)

    worker = threading.Thread(target=encode)
    worker.start()
    deadline = time.monotonic() + 20
    while worker.is_alive() and time.monotonic() < deadline:
        workshop.stop()
    worker.join()
    assert failed == [True]
