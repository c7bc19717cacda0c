"""A copy of the sample councils' files, for a test to change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.fakes.council_files import DIALPLANS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The copy's folder."""
    return Path(shutil.copytree(DIALPLANS, tmp_path / "dialplans"))
