"""Everything there is of recordings, in a folder of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.recordings_bench import RecordingsBench


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[RecordingsBench]:
    """It, opened."""
    opened = await RecordingsBench(tmp_path).open()
    yield opened
    await opened.close()
