"""Databases for the store's tests: a fresh one each, of both kinds, on one PostgreSQL for all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.engine import migrate, open_engine
from tests.fakes.postgres import Postgres, postgres


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """Run a PostgreSQL, started once for all of them."""
    with postgres() as running:
        yield running


@pytest.fixture(params=("sqlite", "postgresql"))
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, not migrated."""
    if request.param == "postgresql":
        running: Postgres = request.getfixturevalue("server")
        return await running.new_database()
    return f"sqlite+aiosqlite:///{tmp_path}/facts.db"


@pytest.fixture
async def tableless(url: str) -> AsyncIterator[AsyncEngine]:
    """It opened, as an engine finds it that came before the database was ready."""
    opened = open_engine(url)
    yield opened
    await opened.dispose()


@pytest.fixture
async def engine(url: str, tableless: AsyncEngine) -> AsyncEngine:
    """It opened, with its tables made."""
    await migrate(url)
    return tableless
