"""Turns sentences into vectors whose directions tell their meaning, by a small model on this machine's processor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from adapters.speech.model_files import ModelFiles, NoModel
from adapters.speech.word_pieces import WordPieces

Matrix = npt.NDArray[np.float32]

#: The models we know, the better first; each 384 numbers a sentence. docs/steering-evaluation.md has their figures.
MODELS = ("gte-small", "minilm-l6-int8")
#: Pieces of a sentence: a caller says some 30 words in 12 s.
_LONGEST = 64
_AT_ONCE = 32


class SentenceVectors:
    """One model. Not to be asked by two threads at once more than onnxruntime itself allows, which is any number."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime  # noqa: PLC0415 - a tenth of a second for every command that never asks a model

        options = onnxruntime.SessionOptions()
        # One thread: two cores have calls to carry, and a sentence takes some 10 ms.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = [one.name for one in self._session.get_inputs()]
        self._pieces = WordPieces(folder / "vocab.txt")

    def __call__(self, sentences: Sequence[str]) -> Matrix:
        """A row of length one for each sentence."""
        cut = [self._pieces.cut(sentence, _LONGEST) for sentence in sentences]
        rows: list[Matrix | None] = [None] * len(cut)
        # Long ones together: no sentence is padded to the length of a much longer one.
        order = sorted(range(len(cut)), key=lambda at: len(cut[at]))
        for begin in range(0, len(order), _AT_ONCE):
            batch = order[begin : begin + _AT_ONCE]
            for at, row in zip(batch, self._run([cut[at] for at in batch]), strict=True):
                rows[at] = row
        return np.array([row for row in rows if row is not None], np.float32).reshape(len(cut), -1)

    def _run(self, batch: list[list[int]]) -> Matrix:
        width = max(map(len, batch))
        numbers, there = np.zeros((len(batch), width), np.int64), np.zeros((len(batch), width), np.int64)
        for at, pieces in enumerate(batch):
            numbers[at, : len(pieces)] = pieces
            there[at, : len(pieces)] = 1
        given = {"input_ids": numbers, "attention_mask": there, "token_type_ids": np.zeros_like(numbers)}
        states = self._session.run(None, {name: given[name] for name in self._inputs})[0]
        mean = (states * there[..., None]).sum(axis=1) / there.sum(axis=1, keepdims=True)
        length = np.linalg.norm(mean, axis=1, keepdims=True)
        found: Matrix = (mean / np.maximum(length, 1e-9)).astype(np.float32)
        return found


def load_models(files: ModelFiles) -> tuple[dict[str, SentenceVectors], list[str]]:
    """Every model that is there, and a sentence on each that is not."""
    found: dict[str, SentenceVectors] = {}
    missing: list[str] = []
    for name in MODELS:
        try:
            found[name] = SentenceVectors(files.open(name))
        except NoModel as error:
            missing.append(error.message)
        except Exception as error:  # noqa: BLE001 - however the runtime fails, we go on without this model
            missing.append(f"the model {name} cannot be loaded ({type(error).__name__})")
    return found, missing
