"""A SHA-256 hash chain: each row's hash covers the row and the hash before it, so that no row changes unnoticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from kernel.recording import ChainState

#: What stands before the first row.
GENESIS = "0" * 64


def digest(body: Mapping[str, object], salt: str = "") -> str:
    """The digest of a row's fields: text, numbers, None. ``salt`` keeps short fields from being guessed from it."""
    canonical = json.dumps(dict(body), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(f"{salt}\n{canonical}".encode("ascii")).hexdigest()


def link(previous: str, content: str) -> str:
    """The hash of a row: of what it holds and of the row before it."""
    return hashlib.sha256(f"{previous}\n{content}".encode("ascii")).hexdigest()


class ChainCheck:
    """Goes over a chain from its first row; ``take`` each row, then read ``state``.

    ``anchor`` is a head noted earlier: a chain that was written anew does not hold it.
    """

    def __init__(self, anchor: str | None = None) -> None:
        self._anchor = anchor
        self._anchored = anchor in {None, GENESIS}
        self._rows = 0
        self._head = GENESIS
        self._broken: int | None = None
        self._why = ""

    def take(self, number: int, previous: str, written: str, content: str | None) -> bool:
        """Check the next row; False once the chain is broken. ``content`` None: what the row held does not match."""
        if self._broken is not None:
            return False
        self._rows += 1
        if number != self._rows:
            return self._break(self._rows, "the row is missing")
        if content is None:
            return self._break(number, "its content was changed")
        if previous != self._head:
            return self._break(number, "it does not follow the row before it")
        if written != link(previous, content):
            return self._break(number, "its hash does not match what it holds")
        self._head = written
        self._anchored = self._anchored or written == self._anchor
        return True

    def state(self) -> ChainState:
        """What was found so far."""
        if self._broken is None and not self._anchored:
            self._break(self._rows + 1, "the noted hash is not in the chain: rows are missing or were written anew")
        return ChainState(rows=self._rows, head=self._head, broken=self._broken, why=self._why)

    def _break(self, number: int, why: str) -> bool:
        self._broken, self._why = number, why
        return False
