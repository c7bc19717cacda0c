"""Which file holds which prompt: written when prompts are made, read when calls are answered."""

from __future__ import annotations

import contextlib
import json
import wave
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from kernel.errors import BadInput

MANIFEST = "manifest.json"
#: The owner of prompts that all councils share.
SHARED = "_shared"
#: The language every prompt has.
_LAST_RESORT = "en"

#: Owner (council or ``_shared``), language, prompt.
PromptKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Prompt -> file name under ``folder``, which may be the folder as the PBX sees it."""

    files: Mapping[PromptKey, str]
    folder: str
    #: File name -> seconds, where it is known.
    lengths: Mapping[str, float] = field(default_factory=dict)

    def path(self, tenant: str, language: str, prompt: str) -> str | None:
        """The file's path without extension, as Asterisk wants it; None when there is no such prompt.

        A council's own words win over the shared ones; the asked language wins over English.
        """
        for spoken in (language, _LAST_RESORT):
            for owner in (tenant, SHARED):
                if name := self.files.get((owner, spoken, prompt)):
                    return str(PurePosixPath(self.folder) / name.removesuffix(".wav"))
        return None

    def seen_from(self, folder: str) -> Manifest:
        """The same files where somebody else sees them: the PBX in its own root filesystem."""
        return Manifest(files=self.files, folder=folder, lengths=self.lengths)

    def tone(self) -> str:
        """The path of a short tone, for when a prompt is lost (``adapters/speech/quiet.py``)."""
        return str(PurePosixPath(self.folder) / "_line" / "tone")

    def seconds(self, path: str) -> float | None:
        """How long the sound at a path of ``path()`` is; None when that is not known."""
        return self.lengths.get(f"{PurePosixPath(path).relative_to(self.folder)}.wav")

    def write(self, out: Path) -> None:
        """Write ``manifest.json`` in one go."""
        tree: dict[str, dict[str, dict[str, str]]] = {}
        for (owner, language, prompt), name in sorted(self.files.items()):
            tree.setdefault(owner, {}).setdefault(language, {})[prompt] = name
        out.mkdir(parents=True, exist_ok=True)
        part = out / f".{MANIFEST}.part"
        part.write_text(json.dumps(tree, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        part.replace(out / MANIFEST)


def read_manifest(out: Path, *, manifest_in: Path | None = None) -> Manifest:
    """Read what ``Manifest.write`` wrote; the sounds lie in ``out``, the manifest as well unless told otherwise.

    Raises ``BadInput`` when it is missing or damaged.
    """
    try:
        tree = json.loads(((manifest_in or out) / MANIFEST).read_text(encoding="utf-8"))
        files = {
            (str(owner), str(language), str(prompt)): str(name)
            for owner, languages in tree.items()
            for language, prompts in languages.items()
            for prompt, name in prompts.items()
        }
    except (OSError, ValueError, AttributeError):
        raise BadInput("no_prompts", "there are no prompts yet: run guildhall prompts render") from None
    return Manifest(files=files, folder=str(out), lengths=dict(_lengths(out, files.values())))


def _lengths(out: Path, names: Iterable[str]) -> Iterator[tuple[str, float]]:
    for name in set(names):
        with contextlib.suppress(OSError, EOFError, wave.Error), wave.open(str(out / name), "rb") as sound:
            yield name, sound.getnframes() / sound.getframerate()
