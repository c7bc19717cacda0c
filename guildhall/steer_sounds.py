"""Sound files become sentences by the same recogniser as on a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from guildhall.settings import Settings
from kernel.errors import GuildhallError


def written_down(
    settings: Settings, sounds: Sequence[tuple[Path, str]], say: Callable[[str], None]
) -> list[tuple[str, str]]:
    """What the recogniser makes of each file, with its intent. Raises ``GuildhallError`` without a recogniser."""
    if not sounds:
        return []
    del settings, say
    raise GuildhallError("no_recogniser", "sound files need a recogniser, and none is here: give a CSV of texts")
