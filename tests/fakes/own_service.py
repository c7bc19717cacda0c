"""A service of a test's own: in a folder with a short name, started before it and stopped after it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.service import Service


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder with a short name, which Asterisk's user may enter: a unix socket's name has at most 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="gh-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def own_service(prepared: Callable[[Path], Service] = Service) -> Iterator[Service]:
    """Start what ``prepared`` makes in such a folder; afterwards stop it. The invariants must have held."""
    with short_folder() as place:
        running = prepared(place)
        try:
            running.up()
            yield running
            breaches = running.breaches()
        finally:
            running.down()
        assert not breaches, breaches
