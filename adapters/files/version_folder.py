"""The versions of the councils' files on disk: a read-only copy each, and an append-only journal, hash-chained."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from adapters.files.open_inside import read_inside
from kernel.chain import GENESIS, digest, link
from kernel.errors import BadInput, Refused
from kernel.number import parse_dialled
from kernel.versions import How, Publication, Stage

JOURNAL = "journal.jsonl"
#: What Asterisk runs by itself is not the flows' (dialplans/agi-bin/README.md), and lies in the live folder.
_NOT_KEPT = {"agi-bin", "__pycache__"}
#: More is no councils' folder: recorded prompts take 1 MB a minute.
_MAX_FILES, _MAX_BYTES = 5000, 512 << 20


class VersionFolder:
    """One folder: ``0001/<name>/`` … and the journal. One writer at a time: hold ``alone()``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def journal(self) -> tuple[Publication, ...]:
        """Everything published, in order. Raises ``BadInput`` when the journal was changed or cut."""
        return tuple(publication for publication, _ in self._lines())

    def files(self, version: int) -> Path:
        """The copy of the councils' folder that a version is. Raises ``BadInput`` when it is not there."""
        place = self.root / f"{version:04d}"
        found = [one for one in place.iterdir() if one.is_dir()] if place.is_dir() else []
        if len(found) != 1:
            raise BadInput("no_version", f"there is no version {version}: see 'guildhall history'")
        return found[0]

    def place(self, version: int) -> Path:
        """Where else a version's things may lie: its manifest of prompts."""
        return self.root / f"{version:04d}"

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one who publishes. Raises ``Refused`` when another does."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Refused("publishing", "somebody is publishing just now: try again in a moment") from None
            yield

    def keep(self, folder: Path) -> tuple[int, str]:
        """Copy a folder as a new version; (number, digest). A folder that is a version already is not copied again."""
        found = dict(_contents(folder))
        told = _digest(found)
        for one in reversed(self.journal()):
            if one.digest == told:
                return one.version, told
        version = max((int(one.name) for one in self.root.iterdir() if one.name.isdecimal()), default=0) + 1
        part = self.root / f".part-{os.getpid()}"
        shutil.rmtree(part, ignore_errors=True)
        for name, data in found.items():
            path = part / folder.name / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(0o444)
        part.replace(self.root / f"{version:04d}")
        return version, told

    def append(self, publication: Publication) -> Publication:
        """Write the next line of the journal, durably; ``seq`` is given here."""
        last = self._lines()
        numbered = replace(publication, seq=len(last) + 1)
        body = _body(numbered)
        row = {**body, "hash": link(last[-1][1] if last else GENESIS, digest(body))}
        with (self.root / JOURNAL).open("a", encoding="utf-8") as out:
            out.write(json.dumps(row, ensure_ascii=True) + "\n")
            out.flush()
            os.fsync(out.fileno())
        return numbered

    def _lines(self) -> list[tuple[Publication, str]]:
        try:
            text = (self.root / JOURNAL).read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        rows: list[tuple[Publication, str]] = []
        for number, line in enumerate(text.splitlines(), start=1):
            try:
                row = json.loads(line)
                told = row.pop("hash")
                publication = _publication(row)
            except (ValueError, KeyError, TypeError, AttributeError):
                raise BadInput("bad_journal", f"{self.root / JOURNAL}:{number}: cannot be read") from None
            before = rows[-1][1] if rows else GENESIS
            if publication.seq != number or told != link(before, digest(_body(publication))):
                raise BadInput("bad_journal", f"{self.root / JOURNAL}:{number}: was changed, or a line is missing")
            rows.append((publication, told))
        return rows


def digest_of(folder: Path) -> str:
    """SHA-256 of everything a version of this folder would hold. Raises ``ConfigError`` for what cannot be read."""
    return _digest(dict(_contents(folder)))


def _contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    total = 0
    for count, path in enumerate(_files(folder)):
        data, _ = read_inside(path, folder) if path.suffix == ".yaml" else (path.read_bytes(), "")
        total += len(data)
        if count >= _MAX_FILES or total > _MAX_BYTES:
            raise BadInput("too_much", f"more than {_MAX_FILES} files or {_MAX_BYTES >> 20} MiB: no councils' folder")
        yield path.relative_to(folder).as_posix(), data


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        # An editor's leavings begin with a dot or end with a tilde.
        if path.name in _NOT_KEPT or path.name.startswith(".") or path.name.endswith("~") or path.is_symlink():
            continue
        if path.is_dir():
            yield from _files(path)
        elif path.is_file():
            yield path


def _digest(contents: dict[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, data in sorted(contents.items()):
        whole.update(f"{name}\0{len(data)}\0".encode())
        whole.update(data)
    return whole.hexdigest()


def _body(one: Publication) -> dict[str, object]:
    return {
        "seq": one.seq,
        "version": one.version,
        "t": one.t,
        "at": one.at,
        "how": one.how.value,
        "by": one.by,
        "note": one.note,
        "digest": one.digest,
        "numbers": None if one.stage is None else ",".join(one.stage.numbers),
        "percent": None if one.stage is None else one.stage.percent,
    }


def _publication(row: dict[str, object]) -> Publication:
    percent, numbers = row["percent"], str(row["numbers"] or "")
    stage = None
    if isinstance(percent, int):
        stage = Stage(numbers=tuple(parse_dialled(one) for one in numbers.split(",") if one), percent=percent)
    return Publication(
        seq=int(str(row["seq"])),
        version=int(str(row["version"])),
        t=float(str(row["t"])),
        at=float(str(row["at"])),
        how=How(str(row["how"])),
        by=str(row["by"]),
        note=str(row["note"]),
        digest=str(row["digest"]),
        stage=stage,
    )
