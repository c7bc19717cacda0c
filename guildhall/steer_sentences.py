"""Sentences to judge steering by: CSV files with a header, or folders of sound named after their intents."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.audio.any_sound import SOUNDS
from ivr.steering.classify import Lesson
from kernel.errors import BadInput

#: 100,000 sentences take ten minutes; more is a mistake.
_MOST = 200_000
#: The column of intents: ours, and BANKING77's.
_INTENT = ("intent", "category", "label")
#: What spreadsheets write between cells.
_BETWEEN = (",", ";", "\t")
#: A folder of what is out of scope.
_NONE = "none"

Sentence = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Texts and sound files with what is meant ("" is out of scope), and intent -> the first place that names it."""

    texts: tuple[Sentence, ...] = ()
    sounds: tuple[tuple[Path, str], ...] = ()
    places: Mapping[str, str]

    def __add__(self, other: Found) -> Found:
        return Found(
            texts=self.texts + other.texts,
            sounds=self.sounds + other.sounds,
            places={**other.places, **self.places},
        )


def read_sentences(path: Path) -> Found:
    """A CSV file, a folder of them, or folders of sound. Raises ``BadInput`` for what cannot be read."""
    if not path.exists():
        raise BadInput("nothing_there", f"{path} is not there")
    if not path.is_dir():
        return _csv(path)
    listed = sorted(path.glob("*.csv"))
    return sum((_csv(one) for one in listed), Found(places={})) if listed else _folders(path)


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


def _csv(path: Path) -> Found:
    texts: list[Sentence] = []
    sounds: list[tuple[Path, str]] = []
    places: dict[str, str] = {}
    for place, row in _rows(path):
        if len(texts) + len(sounds) >= _MOST:
            raise BadInput("too_much", f"{path.name}: more than {_MOST} sentences")
        meant = row["intent"]
        places.setdefault(meant, place)
        if file := row.get("file", ""):
            sounds.append((_beside(path, file), meant))
        elif text := row.get("text", ""):
            texts.append((text, meant))
        else:
            raise BadInput("bad_csv", f"{place}: no text and no file")
    return Found(texts=tuple(texts), sounds=tuple(sounds), places=places)


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Where each row stands, and its cells by the header's names, in small letters; empty rows are passed over."""
    content = _decoded(path)
    first = content.lstrip("\r\n").partition("\n")[0]
    between = max(_BETWEEN, key=first.count)
    rows = csv.reader(io.StringIO(content.lstrip("\r\n"), newline=""), delimiter=between, strict=True)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        meant = _column_of_intents(path, names)
        for row in rows:
            place = f"{path.name}, line {rows.line_num}"
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if len(cells) != len(names):
                message = f"{place}: {len(cells)} cells in place of {len(names)}; quote text that holds '{between}'"
                raise BadInput("bad_csv", message)
            found = dict(zip(names, cells, strict=True))
            yield place, {**found, "intent": found[meant]}
    except csv.Error as error:
        raise BadInput("bad_csv", f"{path.name}, line {rows.line_num}: {error}") from None


def _column_of_intents(path: Path, names: Sequence[str]) -> str:
    if twice := next((name for name in names if name and names.count(name) > 1), None):
        raise BadInput("bad_csv", f"{path.name}, line 1: column '{twice}' stands twice")
    found = [name for name in _INTENT if name in names]
    if not found or not {"text", "file"} & set(names):
        raise BadInput("bad_csv", f"{path.name}: the header must be 'text,intent' or 'file,intent'")
    if len(found) > 1 and found[0] != _INTENT[0]:
        message = f"columns '{found[0]}' and '{found[1]}' may both hold what is meant: call the one 'intent'"
        raise BadInput("bad_csv", f"{path.name}, line 1: {message}")
    return found[0]


def _decoded(path: Path) -> str:
    """Spreadsheets write UTF-8 with a mark, UTF-16, or Windows' own letters."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput("bad_csv", f"{path.name} cannot be read ({type(error).__name__})") from None
    if b"\0" in data and data[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        raise BadInput("bad_csv", f"{path.name} is no text: a CSV file or a folder is expected")
    try:
        return data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _beside(path: Path, file: str) -> Path:
    """A file of a list lies beside the list; else where the command was given."""
    beside = path.parent / file
    return Path(file) if not beside.exists() and Path(file).exists() else beside


def _folders(path: Path) -> Found:
    """``<intent>/*.wav`` (or another sound file); a folder called `none` holds what is out of scope."""
    files = sorted(one for one in path.glob("*/*") if one.suffix.lower() in SOUNDS)
    if not files:
        raise BadInput("nothing_there", f"{path} holds neither a *.csv nor folders of sound files named after intents")
    sounds = tuple((file, "" if file.parent.name == _NONE else file.parent.name) for file in files)
    return Found(sounds=sounds, places={intent: file.parent.name + "/" for file, intent in sounds})
