"""Speech detection for all callers of this process: windows that come within some milliseconds share one run."""

from __future__ import annotations

import asyncio
from pathlib import Path

from adapters.speech.silero import Silero, Stream
from adapters.speech.sound import Floats, floats
from kernel.hearing import EngineFailed

#: How long a window waits for company. One run of 60 windows costs a tenth of 60 runs.
_GATHER_S = 0.008


class SileroDetectors:
    """Meets ``ivr.hearing_ports.Detectors``. ``path`` None: there is no model here."""

    def __init__(self, path: Path | None) -> None:
        self._model = Silero(path) if path is not None else None
        self._asked: list[tuple[Stream, Floats, asyncio.Future[float]]] = []
        self._timer: asyncio.TimerHandle | None = None

    def detector(self) -> SileroDetector:
        """One for a turn. Raises ``EngineFailed`` without a model."""
        if self._model is None:
            raise EngineFailed("no_detector", "the model that finds speech is missing: run make setup")
        return SileroDetector(self)

    def ask(self, stream: Stream, window: Floats) -> asyncio.Future[float]:
        """The probability of this window, soon."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[float] = loop.create_future()
        self._asked.append((stream, window, answer))
        if self._timer is None:
            self._timer = loop.call_later(_GATHER_S, self._run)
        return answer

    def _run(self) -> None:
        self._timer = None
        # One who hung up meanwhile no longer waits.
        asked, self._asked = [one for one in self._asked if not one[2].done()], []
        try:
            assert self._model is not None  # noqa: S101 - without it nobody can have asked
            found = self._model.probabilities([(stream, window) for stream, window, _ in asked])
        except Exception:  # noqa: BLE001 - onnxruntime's errors have no class of their own; each turn goes on by keys
            for _, _, answer in asked:
                answer.set_exception(EngineFailed("detector_failed", "the model that finds speech failed"))
            return
        for (_, _, answer), probability in zip(asked, found, strict=True):
            answer.set_result(probability)


class SileroDetector:
    """One caller's ear."""

    def __init__(self, model: SileroDetectors) -> None:
        self._model, self._stream = model, Stream()

    async def probability(self, pcm: bytes) -> float:
        """Of 512 bytes. Raises ``EngineFailed``."""
        return await self._model.ask(self._stream, floats(pcm))
