"""AudioSocket's frames: any chunks give the same frames, and nothing that is not a frame gets through."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.asterisk.audio_wire import (
    GOODBYE,
    AudioDecoder,
    Frame,
    Named,
    WrongFrame,
    audio_frame,
    named_frame,
)
from kernel.hearing import KeyDown, SoundOver, Spoken

pytestmark = pytest.mark.unit

ID = UUID("12345678-1234-4234-8234-123456789abc")
KEY = bytes((0x03, 0, 1))


def _frames(decoder: AudioDecoder, chunks: list[bytes]) -> list[Frame]:
    return [frame for chunk in chunks for frame in decoder.feed(chunk)]


FRAMES = st.lists(
    st.one_of(
        st.binary(min_size=2, max_size=640).map(lambda pcm: (audio_frame(pcm), Spoken(pcm=pcm[: len(pcm) & ~1]))),
        st.sampled_from("0123456789*#").map(lambda key: (KEY + key.encode(), KeyDown(key=key))),
    ),
    max_size=12,
)


# STYLE: "codecs … hypothesis-tested: any chunking gives the same messages".
@given(frames=FRAMES, cuts=st.lists(st.integers(min_value=1, max_value=400), max_size=40))
def test_given_frames_when_cut_anywhere_then_the_same_frames_come_out(
    frames: list[tuple[bytes, Frame]], cuts: list[int]
) -> None:
    wire = named_frame(ID) + b"".join(data for data, _ in frames) + GOODBYE
    chunks, at = [], 0
    for cut in cuts:
        chunks.append(wire[at : at + cut])
        at += cut
    assert _frames(AudioDecoder(), [*chunks, wire[at:]]) == [Named(id=ID), *(one for _, one in frames), SoundOver()]


# SECURITY V14: "frame length checks"; the id comes first, once.
@pytest.mark.parametrize(
    ("wire", "code"),
    [
        (audio_frame(bytes(320)), "audio_order"),
        (named_frame(ID) * 2, "audio_order"),
        (named_frame(ID) + bytes((0x10, 0xFF, 0xFF)), "audio_size"),
        (named_frame(ID) + bytes((0x42, 0, 1)), "audio_kind"),
        (bytes((0x01, 0, 4, 1, 2, 3, 4)), "audio_id"),
        (named_frame(ID) + KEY + b"\n", "audio_key"),
        (named_frame(ID) + bytes((0x03, 0, 0)), "audio_key"),
        (b"GET / HTTP/1.1\r\n\r\n", "audio_kind"),
    ],
)
def test_v14_given_what_is_no_frame_when_read_then_it_is_refused_at_its_head(wire: bytes, code: str) -> None:
    with pytest.raises(WrongFrame) as refused:
        AudioDecoder().feed(wire)
    assert refused.value.code == code


@given(st.binary(max_size=2000))
def test_v14_given_anything_at_all_when_read_then_it_is_frames_or_refused(noise: bytes) -> None:
    try:
        frames = AudioDecoder().feed(noise)
    except WrongFrame:
        return
    assert not frames or isinstance(frames[0], Named)
