"""Reads an ONNX file's weights, and which of them each matrix product takes, without the onnx package (20 MB)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

Weight = npt.NDArray[Any]
#: onnx.proto: the numbers of the fields, and of the kinds of number, that are read here.
_MODEL_GRAPH, _GRAPH_NODE, _GRAPH_WEIGHT = 7, 1, 5
_NODE_INPUT, _NODE_NAME, _NODE_KIND, _NODE_SETTING, _SETTING_GRAPHS = 1, 3, 4, 5, (6, 11)
_SIZES, _KIND, _FLOATS, _INTEGERS, _NAME, _RAW = 1, 2, 4, 5, 8, 9
_KINDS = {1: np.dtype("<f4"), 2: np.dtype("u1"), 3: np.dtype("i1")}
#: The second input of these is a weight.
_PRODUCTS = (b"MatMulInteger", b"ConvInteger")
_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
_MORE, _SEVEN_BITS = 0x80, 0x7F


class OnnxWeights:
    """``weights`` by name, and ``taken``: a product's name -> the name of the weight it takes; inner graphs' too."""

    def __init__(self, file: bytes) -> None:
        self.weights: dict[str, Weight] = {}
        self.taken: dict[str, str] = {}
        for number, value in _fields(memoryview(file)):
            if number == _MODEL_GRAPH:
                self._graph(value)

    def _graph(self, graph: memoryview) -> None:
        for number, value in _fields(graph):
            if number == _GRAPH_WEIGHT:
                self._weight(value)
            elif number == _GRAPH_NODE:
                self._node(value)

    def _weight(self, tensor: memoryview) -> None:
        found: dict[int, list[Any]] = {}
        for number, value in _fields(tensor):
            found.setdefault(number, []).append(value)
        kind = _KINDS.get(found[_KIND][0])
        if kind is None:
            return
        if _INTEGERS in found:
            # A few small numbers, each a varint; the kinds read here are of one byte.
            data = np.array([number for value in found[_INTEGERS] for number in _numbers(value)]).astype(kind)
        else:
            data = np.frombuffer(b"".join(found.get(_RAW) or found.get(_FLOATS) or []), kind)
        self.weights[bytes(found[_NAME][0]).decode()] = data.reshape(found.get(_SIZES, [data.size]))

    def _node(self, node: memoryview) -> None:
        found = list(_fields(node))
        inputs = [bytes(value).decode() for number, value in found if number == _NODE_INPUT]
        if any(number == _NODE_KIND and bytes(value) in _PRODUCTS for number, value in found):
            name = next(bytes(value).decode() for number, value in found if number == _NODE_NAME)
            self.taken[name] = inputs[1]
        for setting in (value for number, value in found if number == _NODE_SETTING):
            for number, value in _fields(setting):
                if number in _SETTING_GRAPHS:
                    self._graph(value)


def _fields(message: memoryview) -> Iterator[tuple[int, Any]]:
    """(number, value) of each field of a protobuf message: a number, or the bytes. Raises ``ValueError``."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        match key & 7:
            case 0:
                value, at = _varint(message, at)
                yield key >> 3, value
                continue
            case 2:
                size, at = _varint(message, at)
            case 1 | 5 as kind:
                size = 8 if kind == _EIGHT_BYTES else 4
            case _:
                raise ValueError("this is no ONNX file")
        yield key >> 3, message[at : at + size]
        at += size


def _numbers(value: int | memoryview) -> list[int]:
    """One number, or several packed."""
    if isinstance(value, int):
        return [value]
    found, at = [], 0
    while at < len(value):
        number, at = _varint(value, at)
        found.append(number)
    return found


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & _SEVEN_BITS) << shift
        at, shift = at + 1, shift + 7
        if byte < _MORE:
            return value, at
