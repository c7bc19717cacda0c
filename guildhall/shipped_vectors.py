"""Vectors of the sample councils' phrases that come with the product: the first start need not turn thousands of them.

Made by ``python -m bench.steering.vectors``; a phrase that is not there is turned by the model, so an old file costs
time and nothing else. A number is one byte: the cosine with what the model says is above 0.999.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from guildhall.settings import HOME
from ivr.steering.fitting import Matrix

FOLDER = HOME / "guildhall" / "phrase_vectors"
_LISTED = HOME / "locks" / "models.json"


def name_of(sentence: str) -> int:
    """64 bits of a sentence's digest: two of ten thousand are alike once in 10¹¹ lists."""
    return int.from_bytes(hashlib.sha256(sentence.encode()).digest()[:8])


def shipped(model: str, folder: Path = FOLDER) -> Mapping[int, Matrix]:
    """A row of length one for each phrase; nothing when there is no such file, or it is of another model."""
    try:
        with np.load(folder / f"{model}.npz", allow_pickle=False) as stored:
            if str(stored["model"]) != pinned(model):
                return {}
            rows = stored["rows"].astype(np.float32)
            rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
            return dict(zip(stored["names"].tolist(), rows, strict=True))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return {}


def ship(model: str, sentences: Sequence[str], rows: Matrix, folder: Path = FOLDER) -> Path:
    """Write the file of one model."""
    path = folder / f"{model}.npz"
    names: npt.NDArray[np.uint64] = np.array([name_of(sentence) for sentence in sentences], np.uint64)
    largest = np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-9)
    small = np.round(rows / largest * 127).astype(np.int8)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, model=np.array(pinned(model)), names=names, rows=small)
    return path


def pinned(model: str) -> str:
    """The digest that the model's file must have."""
    files = json.loads(_LISTED.read_text("utf-8"))["files"]
    return next((str(one["sha256"]) for one in files if one["file"] == f"{model}/model.onnx"), "")
