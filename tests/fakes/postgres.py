"""A PostgreSQL of its own for a test module: a fresh cluster on a unix socket, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


class Postgres:
    """One cluster; ``stop`` cuts it off like a power failure, ``start`` brings it back."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self._folder = folder
        self._binaries = binaries
        self._made = 0

    def make(self) -> None:
        """Create the cluster. fsync off: the disk of a test needs to survive nothing."""
        self._call("initdb", "-D", "data", "-A", "trust", "-U", "postgres", "--no-sync", "--locale=C", "-E", "UTF8")

    def start(self) -> None:
        """Start the server; returns when it takes connections."""
        options = f"-c listen_addresses='' -c unix_socket_directories='{self._folder}' -c fsync=off"
        self._call("pg_ctl", "-D", "data", "-l", "log", "-w", "-o", options, "start")

    def stop(self) -> None:
        """Stop it at once, as a crash would."""
        self._call("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")

    def url(self, database: str) -> str:
        """Return the address of a database in it."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self._folder}"

    async def new_database(self) -> str:
        """Create an empty database and return its address."""
        self._made += 1
        name = f"facts{self._made}"
        engine = create_async_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        try:
            async with engine.connect() as connection:
                await connection.execute(text(f"CREATE DATABASE {name}"))
        finally:
            await engine.dispose()
        return self.url(name)

    def _call(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), *arguments]
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        # To a file, not a pipe: the server inherits it, and a pipe would stay open as long as the server runs.
        with (self._folder / "calls").open("ab") as said:
            done = subprocess.run(  # noqa: S603  # fixed programs, arguments of this file
                command, cwd=self._folder, stdout=said, stderr=said, stdin=subprocess.DEVNULL, timeout=60, check=False
            )
        if done.returncode != 0:
            pytest.fail(f"{program} failed: {(self._folder / 'calls').read_text()[-2000:]}")


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a cluster of the newest PostgreSQL on this machine; skips the test when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if not found:
        pytest.skip("PostgreSQL is not installed")
    # Not under pytest's folder: the user postgres may not enter root's; and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="gh-pg-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
        server = Postgres(folder, found[-1].parent)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
