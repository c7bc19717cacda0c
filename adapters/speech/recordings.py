"""Prompts recorded ahead of time: small lossless files, found by language and text, so a changed text has none."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

#: Languages Kokoro's British voices speak. Welsh waits for a person.
LANGUAGES = ("en",)


def recorded_name(language: str, text: str) -> str:
    """Where the recording of a text lies; white space does not count."""
    return f"{language}/{sha256(' '.join(text.split()).encode()).hexdigest()[:16]}.flac"


class Recordings:
    """The folder they lie in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, language: str, text: str) -> Path | None:
        """The recording of a text, None when there is none."""
        path = self._folder / recorded_name(language, text)
        return path if path.is_file() else None
