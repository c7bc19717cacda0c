"""How hearing is wired: prompts as samples, and what there is when the models are not."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.speech.model_files import ModelFiles
from adapters.speech.second_opinion import SecondOpinion
from guildhall.settings import PBX_SOUNDS, Settings
from guildhall.speech_models import model_files
from guildhall.speech_wiring import PromptSamples, reader_of, workers_of
from kernel.hearing import EngineFailed
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


# "Models … absence said plainly and survived": which model is missing, and nobody is asked what nobody can hear.
async def test_given_no_models_when_hearing_is_wired_then_it_is_said_and_there_is_room_for_nobody(
    tmp_path: Path,
) -> None:
    settings = Settings(cache=tmp_path)
    with capture_logs() as logs:
        workers = workers_of(model_files(settings), settings)
    assert workers == []
    assert [(one["log_level"], one["engine"]) for one in logs] == [("error", "moonshine"), ("error", "whisper")]
    assert all("make setup" in one["reason"] for one in logs)
    reader = reader_of(workers)
    assert not reader.has_room
    with pytest.raises(EngineFailed):
        await reader.read(b"")


# 0051: a first reading goes before a second opinion, and no long turn costs the second engine its worker.
def test_given_both_models_when_hearing_is_wired_then_the_second_engine_gives_way_and_may_take_longer(
    tmp_path: Path,
) -> None:
    listed = []
    for name in ("moonshine-base/model", "whisper-small/model"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"weights")
        listed.append({"file": name, "sha256": hashlib.sha256(b"weights").hexdigest()})
    (tmp_path / "models.json").write_text(json.dumps({"files": listed}))
    workers = workers_of(
        ModelFiles(folder=tmp_path, listed=tmp_path / "models.json"), Settings(cache=tmp_path, speech_patience=1.5)
    )
    first, second = (one.pool for one in workers)
    assert (first.limit_s, first.stuck_s, second.limit_s, second.stuck_s) == (1.5, None, 1.5, 6.0)
    assert first.nice < second.nice
    both = reader_of(workers)
    assert isinstance(both, SecondOpinion)
    assert both.sure_when_busy < both.sure
    assert both.takes_s < both.within_s < 2
