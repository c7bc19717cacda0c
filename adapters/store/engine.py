"""Opening a database: SQLite or PostgreSQL by URL, with the settings that lose nothing; and its migrations."""

from __future__ import annotations

import os
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import PoolProxiedConnection

from kernel.errors import BadInput

_SQLITE = "sqlite+aiosqlite"
_POSTGRESQL = "postgresql+asyncpg"
#: How long a writer waits for another one, milliseconds.
_BUSY_TIMEOUT_MS = 5000
#: Any fixed number: two engines that start at once migrate one after the other ("guil" in ASCII).
_MIGRATION_LOCK = 0x6775696C


def open_engine(url: str) -> AsyncEngine:
    """Open the database that ``url`` names; nothing is connected yet. Call ``dispose()`` at the end.

    Raises ``BadInput`` for a driver other than ``sqlite+aiosqlite`` (with a file) and ``postgresql+asyncpg``.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        # The URL may hold a password: it is not repeated.
        raise BadInput("bad_database_url", "the database URL cannot be read: it looks like driver://...") from None
    if parsed.drivername == _SQLITE:
        return _open_sqlite(parsed)
    if parsed.drivername == _POSTGRESQL:
        # pre_ping: a reader after a restart of the server gets a fresh connection instead of an error.
        return create_async_engine(
            parsed, hide_parameters=True, pool_pre_ping=True, pool_size=4, connect_args={"timeout": 5}
        )
    raise BadInput("bad_database_url", f"the database URL must begin with {_SQLITE}:// or {_POSTGRESQL}://")


def reading(engine: AsyncEngine) -> AsyncEngine:
    """Return the same engine for readers: on SQLite their transactions take no write lock."""
    return engine.execution_options(guildhall_reads_only=True)


def _open_sqlite(url: URL) -> AsyncEngine:
    if not url.database or url.database == ":memory:":
        # :memory: is one connection shared by all: a reader would see the writer's half-done transaction.
        raise BadInput("bad_database_url", "a SQLite URL must name a file: sqlite+aiosqlite:////path/to/facts.db")
    path = Path(url.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_async_engine(url, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: PoolProxiedConnection, _record: object) -> None:
    # The driver's own BEGIN is deferred: 131 "database is locked" out of 150 in a test, and lost updates. Ours below.
    connection.isolation_level = None  # type: ignore[attr-defined]  # an attribute of sqlite3's connection
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    # NORMAL survives a kill of the process; a power cut may lose the last moments (FULL: a third of the speed).
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reads_only = connection.get_execution_options().get("guildhall_reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


async def migrate(url: str) -> None:
    """Bring the database to the newest schema, all or nothing. Harmless when it is there already.

    Raises ``BadInput`` for a bad URL, SQLAlchemy's and the driver's errors when the database is away.
    """
    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    config = Config()
    # Config is a ConfigParser: a % in a checkout's path would be read as an interpolation.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
