"""Vectors of councils' phrases, kept in the cache: a phrase is turned once, however often it is learned."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from guildhall.shipped_vectors import name_of
from ivr.steering.fitting import Matrix
from ivr.steering.views import Turn

#: Phrases kept of one model, 1.6 kB each: several councils' and what was edited away of late.
_MOST = 20_000


class KeptVectors:
    """A model of sentences, with what it was asked before. For phrases of files only: never for what a caller said.

    Of 47 s of processor that 3,200 new phrases take to be learned with two models, 35 went into turning them; a council
    that shares most of them with another, or one edit, need not pay for that again. What cannot be read is made anew.
    ``given`` are rows that come with the product: they win, so that every machine learns the same.
    """

    def __init__(self, turn: Turn, path: Path, given: Mapping[int, Matrix] | None = None) -> None:
        self._turn = turn
        self._path = path
        self._given = given or {}

    def __call__(self, sentences: Sequence[str]) -> Matrix:
        """A row of length one for each sentence."""
        given = [self._given.get(name_of(sentence)) for sentence in sentences]
        others = iter(self._kept([one for one, row in zip(sentences, given, strict=True) if row is None]))
        return np.array([next(others) if row is None else row for row in given], np.float32)

    def _kept(self, sentences: Sequence[str]) -> Sequence[Matrix]:
        known = self._read()
        names = [hashlib.sha256(sentence.encode()).hexdigest() for sentence in sentences]
        missing = {name: sentence for name, sentence in zip(names, sentences, strict=True) if name not in known}
        if missing:
            rows = self._turn(list(missing.values()))
            # Those of this lesson last: what is cut off are others', the oldest first.
            others = {name: row for name, row in known.items() if name not in names}
            used = {name: known[name] for name in names if name in known}
            known = others | used | dict(zip(missing, rows, strict=True))
            self._write(known)
        return [known[name] for name in names]

    def _read(self) -> dict[str, Matrix]:
        try:
            with np.load(self._path, allow_pickle=False) as stored:
                names, rows = stored["names"].tolist(), stored["rows"]
                return dict(zip(names, rows, strict=True)) if rows.ndim == 2 else {}  # noqa: PLR2004 - a row a name
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return {}

    def _write(self, known: dict[str, Matrix]) -> None:
        kept = dict(list(known.items())[-_MOST:])
        part = self._path.with_suffix(f".{os.getpid()}")
        # A full disk costs time the next time, no more.
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as out:
                np.savez(out, names=np.array(list(kept)), rows=np.array(list(kept.values()), np.float32))
            part.replace(self._path)
