"""Codecs, voices and ears: A-law and µ-law, tones, loudness, silence."""

from __future__ import annotations

import warnings
from itertools import pairwise
from pathlib import Path

import pytest

from kernel.errors import BadInput
from lab.g711 import A_LAW, FRAME, LAWS, MU_LAW, RATE, Law
from lab.listen import QUIET_DBFS, SILENCE_DBFS, energy_per_window, hears, read_wav, rms_dbfs, silence_gaps, tone_share
from lab.rtp import Sender, key_ended, pack, unpack
from lab.voice import read_telephone_wav, tone, voice_of, write_telephone_wav

pytestmark = pytest.mark.unit


# ITU-T G.711 tables 1a and 2a, at 16 bits: smallest and largest levels of either sign.
@pytest.mark.parametrize(
    ("law", "code", "level"),
    [
        (A_LAW, 0xD5, 8),
        (A_LAW, 0x55, -8),
        (A_LAW, 0xAA, 32256),
        (A_LAW, 0x2A, -32256),
        (MU_LAW, 0xFF, 0),
        (MU_LAW, 0x80, 32124),
        (MU_LAW, 0x00, -32124),
    ],
)
def test_given_a_code_when_decoded_then_its_level(law: Law, code: int, level: int) -> None:
    assert law.levels[code] == level
    assert law.decode(bytes([code])) == level.to_bytes(2, "little", signed=True)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_given_every_code_when_decoded_and_encoded_then_the_same_level(law: Law) -> None:
    codes = bytes(range(256))
    assert law.decode(law.encode(law.decode(codes))) == law.decode(codes)


# A foreign witness, while Python still has one (audioop leaves with 3.13).
@pytest.mark.parametrize(("law", "name"), [(A_LAW, "alaw2lin"), (MU_LAW, "ulaw2lin")])
def test_given_every_code_when_decoded_then_as_pythons_own_codec(law: Law, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        audioop = pytest.importorskip("audioop")
    assert law.decode(bytes(range(256))) == getattr(audioop, name)(bytes(range(256)), 2)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_given_silence_when_encoded_then_the_silent_byte(law: Law) -> None:
    assert law.encode(bytes(4)) == law.silence * 2
    assert rms_dbfs(law.decode(law.silence * FRAME)) < QUIET_DBFS


def test_given_two_tones_when_listening_then_each_has_its_share() -> None:
    pcm = A_LAW.decode(A_LAW.encode(tone(440)))
    assert tone_share(pcm, 440) > 0.99
    assert tone_share(pcm, 1000) < 0.01
    both = bytes(tone(440, 0.5)) + bytes(tone(1000, 0.5))
    assert tone_share(both, 440) == pytest.approx(0.5, abs=0.01)
    assert hears(both, 440)
    assert hears(both, 1000)
    assert not hears(both, 700)
    assert not hears(bytes(RATE), 440)


def test_given_a_pause_when_listening_then_the_gap_is_found() -> None:
    pcm = tone(440, 0.5) + bytes(2 * RATE // 2) + tone(440, 0.3)
    assert rms_dbfs(tone(440)) == pytest.approx(-15.3, abs=0.1)
    assert rms_dbfs(bytes(100)) == SILENCE_DBFS
    [gap] = silence_gaps(pcm)
    assert gap.start == pytest.approx(0.5, abs=0.03)
    assert gap.seconds == pytest.approx(0.5, abs=0.03)
    assert [level > QUIET_DBFS for level in energy_per_window(pcm, window_s=0.25)] == [True, True, False, False, True]


# measured: a WAV of any other rate makes a silent call; so it is refused before the call.
def test_given_a_wav_when_read_then_only_the_telephones_rate(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    write_telephone_wav(path, tone(440, 0.1))
    assert read_telephone_wav(path) == tone(440, 0.1)
    assert read_wav(path).seconds == pytest.approx(0.1)
    data = bytearray(path.read_bytes())
    data[24:28] = (16000).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(BadInput, match="8000"):
        read_telephone_wav(path)


# RFC 4733 §2.5.1: one timestamp a key, growing duration, the end three times; audio goes on afterwards.
def test_given_keys_when_sent_then_events_as_the_standard_has_them() -> None:
    sender = Sender(payload_type=8, event_type=101, voice=voice_of(440, A_LAW))
    sender.press("5", gap_packets=2)
    sender.press("#", gap_packets=0)
    packets = [unpack(sender.next_packet()) for _ in range(19)]
    events = [packet for packet in packets if packet.payload_type == 101]
    assert [len({p.timestamp for p in events[:8]}), len({p.timestamp for p in events[8:]})] == [1, 1]
    assert [key_ended(p.payload) for p in events] == [None] * 5 + ["5"] * 3 + [None] * 5 + ["#"] * 3
    assert [int.from_bytes(p.payload[2:]) for p in events[:8]] == [160, 320, 480, 640, 800, 960, 960, 960]
    assert [p.marker for p in events[:8]] == [True] + [False] * 7
    assert [p.payload_type for p in packets[8:10]] == [8, 8]
    assert packets[18].payload_type == 8
    assert not sender.pressing
    steps = {(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(packets)}
    assert steps == {1}
    assert unpack(pack(packets[0])) == packets[0]


def test_given_no_telephone_key_when_pressed_then_refused() -> None:
    sender = Sender(payload_type=8, event_type=101, voice=voice_of(None, A_LAW))
    with pytest.raises(BadInput):
        sender.press("x", gap_packets=0)
