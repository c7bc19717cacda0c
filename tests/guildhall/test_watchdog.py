"""The keeper's watchdog: an engine that shows no sign of life is ended; a busy, new or sleeping one is not."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from guildhall import processes
from guildhall.watchdog import Watchdog, show_life

pytestmark = pytest.mark.shell

LIMIT_S = 60.0


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    processes.remember(tmp_path / "engine.pid", process.pid)
    yield process
    process.kill()
    process.wait()


def _look(dog: Watchdog, begin: int, end: int) -> list[bool]:
    """Look each second, as the keeper does more often."""
    return [dog.look(float(now)) for now in range(begin, end)]


# Law 3: nothing can be stuck. A frozen engine leaves callers to the fallback; the next one takes over.
def test_given_an_engine_that_stands_still_when_the_limit_is_over_then_it_is_ended(
    tmp_path: Path, engine: subprocess.Popen[bytes]
) -> None:
    sign = tmp_path / "engine.life"
    sign.touch()
    dog = Watchdog(tmp_path / "engine.pid", sign, LIMIT_S)
    assert not any(_look(dog, 100, 161))
    assert dog.look(161.0)
    assert engine.wait(timeout=10) != 0


def test_given_signs_of_life_or_a_keeper_that_slept_when_looked_at_then_the_engine_is_left_alone(
    tmp_path: Path, engine: subprocess.Popen[bytes]
) -> None:
    sign = tmp_path / "engine.life"
    dog = Watchdog(tmp_path / "engine.pid", sign, LIMIT_S)
    for minute in range(3):
        sign.touch()
        os.utime(sign, ns=(minute, minute))
        assert not any(_look(dog, 100 + minute * 50, 150 + minute * 50))
    # The machine was suspended: the engine slept as well.
    assert not any(_look(dog, 10_000, 10_050))
    assert engine.poll() is None


async def test_given_a_loop_that_runs_when_it_shows_life_then_the_sign_changes(tmp_path: Path) -> None:
    sign = tmp_path / "engine.life"
    task = asyncio.create_task(show_life(sign))
    await asyncio.sleep(0)
    assert sign.exists()
    task.cancel()
