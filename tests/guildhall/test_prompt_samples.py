"""Prompts as samples for the AudioSocket: read from disk once, and read again until they can be."""

from __future__ import annotations

from pathlib import Path

import pytest

from guildhall.settings import PBX_SOUNDS
from guildhall.speech_wiring import PromptSamples
from lab.voice import write_telephone_wav

pytestmark = pytest.mark.unit

SOUND = f"{PBX_SOUNDS}/northmere/en/steer_ask"


# A prompt that could not be read once was taken for unreadable until the engine was started again.
async def test_c45_given_a_broken_prompt_when_it_is_mended_then_the_next_caller_hears_it(tmp_path: Path) -> None:
    file = tmp_path / "northmere" / "en" / "steer_ask.wav"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"no sound")
    samples = PromptSamples(tmp_path)
    assert await samples.pcm(SOUND) is None
    write_telephone_wav(file, b"\1\0" * 80)
    assert await samples.pcm(SOUND) == b"\1\0" * 80
    file.unlink()
    assert await samples.pcm(SOUND) == b"\1\0" * 80
    assert await samples.pcm("/srv/../etc/passwd") is None
