"""What every fact has: a kind and a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """The base of all facts."""

    ev: ClassVar[str]
    t: float
