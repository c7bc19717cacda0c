"""Prompts without the silence at their ends."""

from __future__ import annotations

import pytest

from adapters.speech.trimmed import trimmed
from lab.voice import tone

pytestmark = pytest.mark.unit

SILENCE = bytes(2 * 8000)


# A question of two prompts ("Council Tax." "Is that right?") had 0.8 s of silence in it; each question came 0.3 s late.
def test_given_silence_around_a_prompt_when_trimmed_then_little_of_it_is_left() -> None:
    said = tone(400)
    found = trimmed(SILENCE + said + SILENCE)
    assert said in found
    assert len(found) / 16000 == pytest.approx(1.0 + 0.06 + 0.2, abs=0.021)
    assert trimmed(found) == found


@pytest.mark.parametrize("pcm", [b"", b"\0", SILENCE, b"\5\0" * 8000, tone(400)])
def test_given_a_prompt_without_such_ends_or_without_sound_when_trimmed_then_it_stays(pcm: bytes) -> None:
    assert trimmed(pcm) == pcm
