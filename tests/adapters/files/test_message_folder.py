"""Callers' messages as files: an end after a month, also under an engine that runs for longer than that."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from adapters.files.message_folder import KEPT_S, MessageFolder
from lab.service import eventually

pytestmark = pytest.mark.unit

DAY_S = 24 * 3600.0


def left(folder: Path, name: str, days_ago: float) -> Path:
    """A message that was left so long ago."""
    path = folder / f"{name}.wav"
    path.write_bytes(b"RIFF")
    at = time.time() - days_ago * DAY_S
    os.utime(path, (at, at))
    return path


# `guildhall voicemail --help`: a message deletes itself after a month.
def test_given_messages_when_swept_then_those_older_than_a_month_are_gone(tmp_path: Path) -> None:
    old, young, other = left(tmp_path, "c1", 31.1), left(tmp_path, "c2", 30.9), tmp_path / "notes.txt"
    other.write_text("")
    os.utime(other, (0, 0))
    assert MessageFolder(tmp_path).sweep() == 1
    assert [old.exists(), young.exists(), other.exists()] == [False, True, True]
    assert MessageFolder(tmp_path / "not there").sweep() == 0


# ... not only as the engine starts.
async def test_given_an_engine_that_runs_on_when_a_message_grows_old_then_it_goes_too(tmp_path: Path) -> None:
    first = left(tmp_path, "c1", 32)
    sweeping = asyncio.create_task(MessageFolder(tmp_path).keep_swept(0.01))
    await eventually(lambda: not first.exists())
    second = left(tmp_path, "c2", 1)
    os.utime(second, (time.time() - KEPT_S - 1,) * 2)
    await eventually(lambda: not second.exists())
    sweeping.cancel()
