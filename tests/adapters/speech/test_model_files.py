"""Models are the pinned files or none at all."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from adapters.speech.model_files import ModelFiles, NoModel

pytestmark = pytest.mark.wire


@pytest.fixture
def models(tmp_path: Path) -> ModelFiles:
    """A list of one model of one file, and no file."""
    listed = tmp_path / "models.json"
    digest = hashlib.sha256(b"weights").hexdigest()
    listed.write_text(json.dumps({"files": [{"file": "tiny/model.onnx", "sha256": digest}]}), encoding="utf-8")
    return ModelFiles(folder=tmp_path / "models", listed=listed)


# issue 5: "Models pinned by hash, fetched by `make setup` into the cache, absence said plainly".
def test_given_no_file_when_asked_then_its_absence_is_said_with_what_to_do(models: ModelFiles) -> None:
    assert models.missing() == ["tiny/model.onnx"]
    with pytest.raises(NoModel, match="run make setup"):
        models.open("tiny")


def test_given_the_pinned_file_when_asked_then_its_folder_is_given(models: ModelFiles) -> None:
    (models.folder / "tiny").mkdir(parents=True)
    (models.folder / "tiny" / "model.onnx").write_bytes(b"weights")
    assert models.missing() == []
    assert models.open("tiny") == models.folder / "tiny"


# A file that somebody changed is not loaded: what runs is what was measured.
def test_given_a_changed_file_when_asked_then_it_is_refused(models: ModelFiles) -> None:
    (models.folder / "tiny").mkdir(parents=True)
    (models.folder / "tiny" / "model.onnx").write_bytes(b"wrights")
    with pytest.raises(NoModel, match="not the pinned one"):
        models.open("tiny")


def test_given_a_model_nobody_listed_when_asked_then_it_is_refused(models: ModelFiles) -> None:
    with pytest.raises(NoModel, match="no model is called"):
        models.open("huge")
