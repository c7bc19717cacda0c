"""The recogniser that steers calls, as the scribe of recordings: loaded at the first word."""

from __future__ import annotations

from adapters.speech.engines import ENGINES, SpeechEngine
from guildhall.settings import Settings
from guildhall.speech_models import model_files
from guildhall.speech_wiring import MODELS
from kernel.errors import GuildhallError


class EngineScribe:
    """Meets the recordings' port, in the worker's own process."""

    def __init__(self, settings: Settings) -> None:
        self._models = model_files(settings)
        self._engine: SpeechEngine | None = None

    def words(self, pcm: bytes) -> str:
        """What is said. Raises ``GuildhallError`` when the model is missing or makes nothing of any sound."""
        try:
            if self._engine is None:
                name, model = next(iter(MODELS.items()))
                self._engine = ENGINES[name](self._models.open(model))
            readings = self._engine.read(pcm)
        except (ArithmeticError, RuntimeError, ValueError, ImportError, OSError) as error:
            # Without the error's words: they may hold what was said.
            raise GuildhallError("no_words", f"the recogniser failed: {type(error).__name__}") from None
        return readings[0].text if readings else ""
