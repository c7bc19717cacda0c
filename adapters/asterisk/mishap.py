"""What a log may say of an unexpected exception: its kind and place, never its text, which may hold caller data."""

from __future__ import annotations

from pathlib import PurePath
from traceback import extract_tb


def kind_and_place(error: BaseException) -> dict[str, str]:
    """Return log fields: the exception's class, and file:line where it was raised."""
    frames = extract_tb(error.__traceback__)
    place = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return {"error": type(error).__name__, "place": place}
