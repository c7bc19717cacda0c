"""Where this installation's speech models are."""

from __future__ import annotations

from adapters.speech.model_files import ModelFiles
from guildhall.settings import HOME, Settings


def model_files(settings: Settings) -> ModelFiles:
    """The cache's models, and the list they must match."""
    return ModelFiles(folder=settings.models, listed=HOME / "locks" / "models.json")
