"""`guildhall` on the command line, as a test runs it."""

from __future__ import annotations

from typer.testing import CliRunner

from guildhall.cli import app


def run(*arguments: str) -> tuple[int, list[str]]:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output.splitlines()
