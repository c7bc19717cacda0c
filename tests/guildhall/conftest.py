"""A database of the test's own, for what is wired to one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.engine import migrate, open_engine
from adapters.vault.key_file import FileKeys, open_keys


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """It opened, with its tables made."""
    url = f"sqlite+aiosqlite:///{tmp_path}/facts.db"
    await migrate(url)
    opened = open_engine(url)
    yield opened
    await opened.dispose()


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    """The keys that seal what is kept there."""
    return open_keys(tmp_path / "key", None)
