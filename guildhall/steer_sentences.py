"""Sentences to judge steering by: CSV files with a header, or folders of sound named after their intents."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from pathlib import Path

from ivr.steering.classify import Lesson
from kernel.errors import BadInput

#: 100,000 sentences take ten minutes; more is a mistake.
_MOST = 200_000
_SOUND = ".wav"
#: The column of intents: ours, and BANKING77's.
_INTENT = ("intent", "category", "label")

Sentence = tuple[str, str]


def read_sentences(path: Path) -> tuple[list[Sentence], list[tuple[Path, str]]]:
    """Texts and sound files with what is meant ("" is out of scope). Raises ``BadInput`` for what cannot be read."""
    if path.is_dir():
        listed = sorted(path.glob("*.csv"))
        if not listed:
            return [], _folders(path)
        found = [_csv(one) for one in listed]
        return [one for texts, _ in found for one in texts], [one for _, sounds in found for one in sounds]
    return _csv(path)


def few_shots(sentences: Iterable[Sentence], shots: int | None, seed: int) -> Lesson:
    """A lesson of so many sentences an intent, drawn by ``seed``; of all when ``shots`` is None."""
    by_intent: dict[str, list[str]] = {}
    for text, intent in sentences:
        by_intent.setdefault(intent, []).append(text)
    draw = random.Random(seed)  # noqa: S311 - a repeatable draw, no secret
    kept = [
        (text, intent)
        for intent, texts in sorted(by_intent.items())
        for text in (texts if shots is None else draw.sample(texts, min(shots, len(texts))))
    ]
    return Lesson(phrases=tuple(text for text, _ in kept), intents=tuple(intent for _, intent in kept))


def _csv(path: Path) -> tuple[list[Sentence], list[tuple[Path, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as source:
            rows = csv.DictReader(source)
            names = rows.fieldnames or []
            intent = next((name for name in _INTENT if name in names), None)
            if intent is None or not {"text", "file"} & set(names):
                raise BadInput("bad_csv", f"{path.name}: the header is 'text,intent' or 'file,intent'")
            texts: list[Sentence] = []
            sounds: list[tuple[Path, str]] = []
            for row in rows:
                if len(texts) + len(sounds) >= _MOST:
                    raise BadInput("too_much", f"{path.name}: more than {_MOST} sentences")
                meant = (row[intent] or "").strip()
                if text := (row.get("text") or "").strip():
                    texts.append((text, meant))
                elif file := (row.get("file") or "").strip():
                    sounds.append((path.parent / file, meant))
            return texts, sounds
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput("bad_csv", f"{path.name} cannot be read ({type(error).__name__})") from None


def _folders(path: Path) -> list[tuple[Path, str]]:
    """``<intent>/*.wav``; a folder called `none` holds what is out of scope."""
    found = [
        (sound, "" if sound.parent.name == "none" else sound.parent.name) for sound in sorted(path.glob(f"*/*{_SOUND}"))
    ]
    if not found:
        raise BadInput("nothing_there", "neither a *.csv nor folders of *.wav named after intents are here")
    return found
