"""A council's steering, taught: from what was learned before when nothing changed, else learned anew in seconds."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from adapters.speech.sentence_vectors import load_models
from guildhall.settings import Settings
from guildhall.shipped_vectors import shipped
from guildhall.speech_models import model_files
from guildhall.steering_vectors import KeptVectors
from ivr.steering.calibrate import Calibration
from ivr.steering.classify import Classifier, Figures
from ivr.steering.understand import Understanding, lesson, understanding
from ivr.steering.views import Turn, View
from kernel.errors import BadInput
from kernel.ids import TenantId
from kernel.steering import SteeringBook
from kernel.tenant import Tenant

#: A change in how we learn makes everything be learned anew.
_RECIPE = "2"
_PARTS = ("middle", "telling", "rows", "labels", "weights")

#: Versions that stay in the cache: two councils, and some steps back.
_KEPT = 8

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The models of sentences that are on this machine, and a sentence on each that is not."""

    found: Mapping[str, Turn]
    missing: tuple[str, ...]

    @classmethod
    def load(cls, settings: Settings) -> Models:
        """Look into the cache."""
        found, missing = load_models(model_files(settings))
        return cls(found=found, missing=tuple(missing))

    def told(self) -> str:
        """One line for people."""
        if not self.found:
            return "no model of sentences here: understanding by letters alone, which is worse (run make setup)"
        return f"models of sentences: {', '.join(self.found)}"


def learned_at(settings: Settings, name: str) -> Path:
    """Where what was learned lies: in the cache, since the same phrases teach every checkout the same."""
    return settings.cache / "steering" / f"{name}.npz"


def version(book: SteeringBook, models: Models) -> str:
    """Twelve digits that change with the phrases, the models or the recipe."""
    learned = lesson(book)
    text = json.dumps([_RECIPE, learned.phrases, learned.intents, sorted(models.found)], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def there(council: str, book: SteeringBook | None) -> SteeringBook:
    """The same book. Raises ``BadInput`` when the council has no intents."""
    if book is None:
        raise BadInput("no_intents", f"council {council} has no intents: write an intents file beside its tenant.yaml")
    return book


def taught(settings: Settings, council: str, book: SteeringBook | None, models: Models, say: Say) -> Understanding:
    """The council's steering. Raises ``BadInput`` when it has no intents."""
    book = there(council, book)
    name = version(book, models)
    path = learned_at(settings, name)
    learned = _read(path)
    if learned is None:
        count = len(lesson(book).phrases)
        say(f"{council}: learning {count} phrases, once a machine: some ten seconds ({name})")
        kept = {name: KeptVectors(turn, _vectors(settings, name), shipped(name)) for name, turn in models.found.items()}
        learned = understanding(book, kept).classifier
        _write(path, learned)
    return understanding(book, dict(models.found), learned)


def _vectors(settings: Settings, model: str) -> Path:
    return settings.cache / "steering-vectors" / f"{model}.npz"


def forget(settings: Settings, book: SteeringBook, models: Models) -> Path:
    """Remove what was learned, so that it is learned anew; return where it lies."""
    path = learned_at(settings, version(book, models))
    path.unlink(missing_ok=True)
    return path


def _write(path: Path, learned: Classifier) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]] = {
        f"{name}/{part}": np.asarray(getattr(view, part)) for name, view in learned.views.items() for part in _PARTS
    }
    about = {
        "labels": learned.labels,
        "phrases": learned.phrases,
        "classes": len(learned.labels),
        "views": list(learned.views),
        "sharper": learned.calibration.sharper,
        "sure": learned.calibration.weights,
        "figures": asdict(learned.figures),
    }
    part = path.with_suffix(".part")
    with part.open("wb") as out:
        np.savez(out, intents=learned.intents, about=np.array(json.dumps(about)), **arrays)  # type: ignore[arg-type]  # numpy's stub takes the keyword allow_pickle for one of ours
    part.replace(path)
    _tidy(path.parent)


def _tidy(folder: Path) -> None:
    """Keep what was used last: each version of a council's phrases leaves 15 MB."""
    used: list[tuple[float, Path]] = []
    for path in folder.glob("*.npz"):
        with contextlib.suppress(OSError):
            used.append((path.stat().st_mtime, path))
    for _, path in sorted(used, reverse=True)[_KEPT:]:
        with contextlib.suppress(OSError):
            path.unlink()


def _read(path: Path) -> Classifier | None:
    """What was learned before; None when there is nothing, or nothing that can be read."""
    with contextlib.suppress(OSError):
        # Used just now: the tidying goes by this.
        os.utime(path)
    try:
        with np.load(path, allow_pickle=False) as stored:
            about = json.loads(str(stored["about"]))
            views = {
                name: View(**{part: stored[f"{name}/{part}"] for part in _PARTS}, classes=int(about["classes"]))
                for name in about["views"]
            }
            return Classifier(
                labels=tuple(about["labels"]),
                phrases=tuple(about["phrases"]),
                intents=stored["intents"],
                views=views,
                calibration=Calibration(sharper=float(about["sharper"]), weights=tuple(about["sure"])),
                figures=Figures(**about["figures"]),
            )
    except (OSError, ValueError, KeyError, TypeError, BadZipFile):
        return None


def lazy_steering(settings: Settings, tenants: Iterable[Tenant]) -> Callable[[TenantId], Understanding | None]:
    """Each council's steering, loaded or learned when it is first asked for; None where nothing was taught."""
    books = {tenant.id: tenant.steering for tenant in tenants}

    @cache
    def models() -> Models:
        return Models.load(settings)

    @cache
    def of(tenant: TenantId) -> Understanding | None:
        book = books.get(tenant)
        return None if book is None else taught(settings, tenant, book, models(), lambda _: None)

    return of
