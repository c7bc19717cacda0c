"""The models of sentences, each in a process of its own: a model's memory and its faults stay out of the engine."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from adapters.speech.model_files import ModelFiles, NoModel
from adapters.speech.sentence_vectors import MODELS
from adapters.speech.workers import Pool, WorkerPool
from kernel.hearing import EngineFailed

Matrix = npt.NDArray[np.float32]

#: One process a model; a caller's readings take some 30 ms.
_POOL = Pool(workers=1, most_waiting=16, limit_s=1.0)
#: Sentences in one message: their vectors must fit into an answer.
_AT_ONCE = 16
#: Beyond the pool's own limit: the loop itself may be late.
_GRACE_S = 1.0


class RemoteVectors:
    """One model, asked from any thread but the loop's own."""

    def __init__(self, workers: WorkerPool[Matrix], loop: asyncio.AbstractEventLoop) -> None:
        self._workers, self._loop = workers, loop

    def __call__(self, sentences: Sequence[str]) -> Matrix:
        """A row for each sentence. Raises ``EngineFailed`` when the process is away, slow or full."""
        parts = [
            self._part(sentences[begin : begin + _AT_ONCE]) for begin in range(0, max(1, len(sentences)), _AT_ONCE)
        ]
        return np.concatenate(parts)

    def _part(self, sentences: Sequence[str]) -> Matrix:
        asked = self._workers.ask(json.dumps(list(sentences)).encode())
        try:
            rows = asyncio.run_coroutine_threadsafe(asked, self._loop).result(_POOL.limit_s + _GRACE_S)
        except TimeoutError:
            raise EngineFailed("engine_slow", f"{self._workers.name} did not answer in time") from None
        if len(rows) != len(sentences):
            raise EngineFailed("engine_nonsense", f"{self._workers.name} gave other rows than were asked for")
        return rows


class SentenceWorkers:
    """The processes, one for each of the models that is here."""

    def __init__(self, files: ModelFiles, models: Collection[str] = tuple(MODELS)) -> None:
        self._files, self._models = files, models
        self.pools: dict[str, WorkerPool[Matrix]] = {}

    async def start(self, *, within_s: float = 60.0) -> tuple[Mapping[str, RemoteVectors], list[str]]:
        """Start them; what can be asked, and a sentence on each model that is not here."""
        missing: list[str] = []
        for name in self._models:
            try:
                folder = await asyncio.to_thread(self._files.open, name)
            except (NoModel, OSError) as error:
                missing.append(error.message if isinstance(error, NoModel) else f"{name}: {type(error).__name__}")
                continue
            self.pools[name] = WorkerPool(name, _command(folder), _matrix, _POOL)
        await asyncio.gather(*(pool.start(within_s=within_s) for pool in self.pools.values()))
        loop = asyncio.get_running_loop()
        return {name: RemoteVectors(pool, loop) for name, pool in self.pools.items()}, missing

    async def stop(self) -> None:
        """End them."""
        await asyncio.gather(*(pool.stop() for pool in self.pools.values()))


def _command(folder: Path) -> Sequence[str]:
    return (sys.executable, "-m", "adapters.speech.sentence_worker", str(folder))


def _matrix(answer: Mapping[str, object]) -> Matrix:
    width, vectors = answer.get("width"), answer.get("vectors")
    if not isinstance(width, int) or not isinstance(vectors, str) or width < 1:
        raise EngineFailed("engine_nonsense", "a worker's answer holds no vectors")
    rows = np.frombuffer(base64.b64decode(vectors, validate=True), "<f4").reshape(-1, width)
    if not np.isfinite(rows).all():
        raise EngineFailed("engine_nonsense", "a worker's vectors are no numbers")
    return rows.astype(np.float32)
