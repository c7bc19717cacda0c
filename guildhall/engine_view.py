"""The engine's view of now, for programs beside it that look often: a look costs a millisecond, not a process."""

from __future__ import annotations

from typing import Any

from adapters.control.client import ask
from guildhall.settings import Settings
from kernel.commands import ShowState
from kernel.errors import GuildhallError


def engine_view(settings: Settings) -> dict[str, Any]:
    """What `guildhall status --json` prints under ``state``. Blocks, 2 s at most.

    Raises ``GuildhallError`` when the engine does not answer.
    """
    outcome = ask(settings.control, ShowState(), timeout=2.0)
    if not isinstance(outcome.data, dict):
        raise GuildhallError(outcome.code, outcome.message)
    return outcome.data
