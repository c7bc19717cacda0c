"""Moonshine base by onnxruntime: the default recogniser, with a small beam and the other readings it leaves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from adapters.speech.alternatives import Alternatives
from adapters.speech.beam import Scores, log_softmax, search
from adapters.speech.quiet_onnx import quiet_options
from adapters.speech.sound import ENGINE_RATE, Floats, for_engine
from adapters.speech.spelling import british
from kernel.hearing import Reading

#: Shape of the base model.
_LAYERS, _HEADS, _HEAD_SIZE = 8, 8, 52
_BEGIN, _END, _FIRST_WORD = 1, 2, 3
#: The maker's limit: beyond it the model repeats itself. The least leaves room for a spelt-out name.
_TOKENS_A_SECOND, _LEAST_TOKENS = 6.5, 10
#: docs/speech.md: a little silence on both sides, or a clip that begins with its word gives nothing.
_AROUND_S = 0.25
#: Beams. docs/speech.md: what each costs and brings.
_WIDTH = 4
_SPACE = "\u2581".encode()


class Moonshine:
    """The model's two halves and its vocabulary; 320 MB, one thread."""

    def __init__(self, folder: Path) -> None:
        self._encoder = _session(folder / "encoder_model.onnx")
        self._decoder = _session(folder / "decoder_model_merged.onnx")
        self._made = [one.name.replace("present", "past_key_values") for one in self._decoder.get_outputs()[1:]]
        self._vocabulary = (folder / "vocabulary.txt").read_bytes().split(b"\n")

    def read(self, speech: bytes) -> Sequence[Reading]:
        """Readings, best first; none for no words. Raises onnxruntime's errors and ``NotANumber``."""
        sound = for_engine(speech, _AROUND_S)
        hidden = self._encoder.run(None, {"input_values": sound[None]})[0]
        most = max(_LEAST_TOKENS, int(len(sound) / ENGINE_RATE * _TOKENS_A_SECOND))
        memory = _Memory(self._decoder, self._made, hidden)
        alternatives = Alternatives()
        for path in search(memory.step, begin=_BEGIN, end=_END, width=_WIDTH, most=most):
            text = self._text(path.tokens)
            if not text and not alternatives.kept():
                # The best guess is silence: no words, whatever the others say.
                return ()
            alternatives.offer(text, math.exp(path.mean))
        return alternatives.kept()

    def _text(self, tokens: Sequence[int]) -> str:
        known = [self._vocabulary[token] for token in tokens if _FIRST_WORD <= token < len(self._vocabulary)]
        return british(b"".join(map(_piece, known)).decode("utf-8", "replace").strip())


class _Memory:
    """The decoder's keys and values, one row a beam."""

    def __init__(self, decoder: onnxruntime.InferenceSession, made: Sequence[str], hidden: Floats) -> None:
        self._decoder, self._made, self._hidden = decoder, made, hidden
        self._past: dict[str, npt.NDArray[np.float32]] = {}

    def step(self, last: Sequence[int], source: Sequence[int]) -> Scores:
        """Log-probabilities of the next token."""
        first = not self._past
        if first:
            self._past = {name: np.zeros((1, _HEADS, 0, _HEAD_SIZE), dtype=np.float32) for name in self._made}
        elif list(source) != list(range(len(next(iter(self._past.values()))))):
            self._past = {name: value[list(source)] for name, value in self._past.items()}
        asked = {
            "input_ids": np.array(last, dtype=np.int64)[:, None],
            "encoder_hidden_states": np.repeat(self._hidden, len(last), axis=0),
            "use_cache_branch": np.array([not first]),
            **self._past,
        }
        logits, *made = self._decoder.run(None, asked)
        for name, value in zip(self._made, made, strict=True):
            # With its cache the model gives the encoder's half back empty: that one never changes.
            if first or ".decoder." in name:
                self._past[name] = value
        return log_softmax(logits[:, -1])


def _session(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(str(path), quiet_options(), providers=["CPUExecutionProvider"])


def _piece(word: bytes) -> bytes:
    """A word of the vocabulary as bytes: ``<0x0A>`` is a byte of its own."""
    if word.startswith(b"<0x") and word.endswith(b">"):
        return bytes([int(word[3:-1], 16)])
    return word.replace(_SPACE, b" ")
