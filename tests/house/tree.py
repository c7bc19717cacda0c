"""The checkout as the house tests see it: its files, without what git ignores."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]

#: Folders of Python that are the product.
PACKAGES = ("kernel", "ivr", "acd", "recordings", "desk", "adapters", "guildhall", "lab", "bench")
CORES = ("kernel", "ivr/core", "acd/core", "recordings/core")


@cache
def files() -> tuple[str, ...]:
    """Every file that is, or could be, committed; paths relative to the checkout."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git of the PATH
        cwd=HOME,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return tuple(sorted(name for name in listed.split("\0") if name and (HOME / name).is_file()))


def under(*folders: str, ending: str = ".py") -> list[str]:
    """Files below some folders."""
    return [name for name in files() if name.endswith(ending) and name.startswith(tuple(f"{one}/" for one in folders))]


@cache
def text(name: str) -> str:
    """A file's text; empty for one that is not text, or that went while the tests ran."""
    try:
        return (HOME / name).read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError):
        return ""


@cache
def parsed(name: str) -> ast.Module:
    """A Python file's syntax tree."""
    return ast.parse(text(name), filename=name)
