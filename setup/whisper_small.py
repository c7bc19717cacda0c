"""Makes CTranslate2's Whisper small of the quantised ONNX files: 254 MB in memory instead of 2.4 GB, in some seconds.

Nothing but multiplications, divisions and roundings, each exact: the file is the same on every machine. It needs
numpy, and ctranslate2 for the order of the file (its module ``specs``).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx_weights import OnnxWeights

Rows = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]

_LAYERS, _HEADS, _VOCABULARY = 12, 12, 51865
_MOST = np.float32(127)
_PARTS = ("q", "k", "v", "out")


def model(encoder: bytes, decoder: bytes) -> bytes:
    """CTranslate2's ``model.bin`` of the two halves."""
    from ctranslate2.specs import WhisperSpec  # noqa: PLC0415 - only there while models are made

    spec = WhisperSpec(_LAYERS, _HEADS, _LAYERS, _HEADS)
    ears, mouth = _Half(encoder, "", ""), _Half(decoder, "model.decoder.", "_merged_0")
    ears.convolution(spec.encoder.conv1, "conv1")
    ears.convolution(spec.encoder.conv2, "conv2")
    for half, made in ((ears, spec.encoder), (mouth, spec.decoder)):
        made.position_encodings.encodings = half.plain("embed_positions.weight")
        half.levels(made.layer_norm, "layer_norm")
        for number, layer in enumerate(made.layer):
            half.layer(layer, f"layers.{number}.")
    words = spec.decoder.embeddings
    words.weight, words.weight_scale = mouth.rows("model.decoder.embed_tokens.weight_merged_0_quantized", turned=False)
    spec.decoder.projection.weight, spec.decoder.projection.weight_scale = words.weight, words.weight_scale
    spec.register_vocabulary([""] * _VOCABULARY)
    spec.validate()
    # The words it says are the words it reads: kept once.
    for what in ("weight", "weight_scale"):
        setattr(spec.decoder.projection, what, f"decoder/embeddings/{what}")
    with tempfile.TemporaryDirectory() as folder:
        spec.save(folder)
        return (Path(folder) / "model.bin").read_bytes()


def config(generation: bytes) -> bytes:
    """CTranslate2's ``config.json``: what it never says, and its languages."""
    known = json.loads(generation)
    wanted = {
        "alignment_heads": known["alignment_heads"],
        "lang_ids": sorted(known["lang_to_id"].values()),
        "suppress_ids": known["suppress_tokens"],
        "suppress_ids_begin": known["begin_suppress_tokens"],
    }
    return json.dumps(wanted, indent=1).encode()


def words(vocabulary: bytes, added: bytes) -> bytes:
    """A token a line in the order of their numbers; behind them the time stamps, which no file lists."""
    numbers: dict[str, int] = json.loads(vocabulary) | json.loads(added)
    listed = sorted(numbers, key=lambda word: numbers[word])
    stamps = [f"<|{number * 0.02:.2f}|>" for number in range(_VOCABULARY - len(listed))]
    return "\n".join([*listed, *stamps, ""]).encode()


class _Half:
    """The encoder or the decoder: which weight is which stands in the names of the products that take them."""

    def __init__(self, file: bytes, before: str, behind: str) -> None:
        self._file, self._before, self._behind = OnnxWeights(file), before, behind

    def plain(self, name: str) -> Floats:
        """What is not quantised."""
        found: Floats = self._file.weights[self._before + name + self._behind]
        return found

    def convolution(self, spec: Any, name: str) -> None:  # noqa: ANN401 - ctranslate2 has no types
        """In floats: CTranslate2 has no other on a processor."""
        steps, step, zero = self._steps(self._file.taken[f"/{name}/Conv_quant"])
        spec.weight, spec.bias = (steps.astype(np.float32) - np.float32(zero)) * step, self.plain(f"{name}.bias")

    def layer(self, spec: Any, name: str) -> None:  # noqa: ANN401 - ctranslate2 has no types
        """One layer: attention to itself, in the decoder to what was heard, and two products."""
        self._attention(spec.self_attention, f"{name}self_attn", (_PARTS[:3], _PARTS[3:]))
        if hasattr(spec, "attention"):
            self._attention(spec.attention, f"{name}encoder_attn", (_PARTS[:1], _PARTS[1:3], _PARTS[3:]))
        self.levels(spec.ffn.layer_norm, f"{name}final_layer_norm")
        self._product(spec.ffn.linear_0, [f"{name}fc1"])
        self._product(spec.ffn.linear_1, [f"{name}fc2"])

    def levels(self, spec: Any, name: str) -> None:  # noqa: ANN401 - ctranslate2 has no types
        """A layer's normalisation."""
        spec.gamma, spec.beta = self.plain(f"{name}.weight"), self.plain(f"{name}.bias")

    def rows(self, name: str, *, turned: bool = True) -> tuple[Rows, Floats]:
        """A weight's rows, each in 127 steps of its own, and how many steps make one."""
        steps, step, zero = self._steps(name)
        moved = np.ascontiguousarray(steps.T if turned else steps).astype(np.int16) - np.int16(zero)
        most = np.abs(moved).max(axis=1).astype(np.float32)
        most[most == 0] = _MOST
        finer = np.rint(moved * (_MOST / most)[:, None]).astype(np.int8)
        return finer, (_MOST / (most * step)).astype(np.float32)

    def _attention(self, spec: Any, name: str, fused: Sequence[Sequence[str]]) -> None:  # noqa: ANN401 - as above
        for linear, parts in zip(spec.linear, fused, strict=True):
            self._product(linear, [f"{name}.{part}_proj" for part in parts])
        self.levels(spec.layer_norm, f"{name}_layer_norm")

    def _product(self, spec: Any, names: Sequence[str]) -> None:  # noqa: ANN401 - ctranslate2 has no types
        """One matrix product of several laid one upon the other."""
        found = [self.rows(self._file.taken[self._node(name)]) for name in names]
        spec.weight = np.concatenate([rows for rows, _ in found])
        spec.weight_scale = np.concatenate([scales for _, scales in found])
        # Whisper's keys have no bias.
        none = np.zeros(len(found[0][0]), np.float32)
        spec.bias = np.concatenate([none if name.endswith("k_proj") else self.plain(f"{name}.bias") for name in names])

    def _node(self, name: str) -> str:
        path = name.replace("_attn.", "_attn/").replace(".fc", "/fc").replace(".self", "/self").replace(".enc", "/enc")
        return f"/{self._before.replace('.', '/')}{path}/MatMul_quant"

    def _steps(self, name: str) -> tuple[npt.NDArray[Any], np.float32, int]:
        """A quantised weight, what a step is worth, and which step is nought."""
        known = name.removesuffix("_quantized")
        step, zero = self._file.weights[f"{known}_scale"], self._file.weights[f"{known}_zero_point"]
        return self._file.weights[name], np.float32(step.ravel()[0]), int(zero.ravel()[0])
