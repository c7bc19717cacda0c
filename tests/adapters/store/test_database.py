"""The database itself, of both kinds: writers side by side, migrations, what is refused, who may read the file."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.engine import migrate, open_engine
from adapters.store.tables import METADATA
from kernel.errors import BadInput

pytestmark = pytest.mark.contract


# docs/libraries.md: deferred transactions lost updates or failed at once; BEGIN IMMEDIATE 150 of 150.
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_given_writers_side_by_side_when_they_read_and_write_then_no_update_is_lost(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("INSERT INTO outbox VALUES ('n', 0)"))

    async def count_up() -> None:
        for _ in range(10):
            async with engine.begin() as connection:
                now = await connection.scalar(text("SELECT published_through FROM outbox"))
                await asyncio.sleep(0)
                await connection.execute(text("UPDATE outbox SET published_through = :n"), {"n": int(now or 0) + 1})

    await asyncio.gather(*(count_up() for _ in range(5)))
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT published_through FROM outbox")) == 50


async def test_given_the_migrations_when_run_twice_and_at_once_then_the_tables_are_as_declared(
    url: str, tableless: AsyncEngine
) -> None:
    await asyncio.gather(migrate(url), migrate(url))
    await migrate(url)

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))

    async with tableless.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.parametrize(
    "bad",
    ["mysql://localhost/facts", "sqlite:///facts.db", "postgresql://h/d", "sqlite+aiosqlite://", "no url s3cret"],
)
def test_given_another_driver_when_opened_then_refused_without_repeating_the_url(bad: str) -> None:
    with pytest.raises(BadInput, match="URL") as refusal:
        open_engine(bad)
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_given_a_new_database_file_when_opened_then_its_owner_alone_may_read_it(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    assert engine.dialect.name == "sqlite"
    assert (tmp_path / "facts.db").stat().st_mode & 0o777 == 0o600
