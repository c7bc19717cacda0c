"""The messages between a pool and its workers, as a worker sees them: four bytes of length and as many more."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

_LENGTH = 4
#: Twenty seconds of sound: a turn has at most twelve.
_MOST_BYTES = 20 * 8000 * 2
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


def answer_all(do: Callable[[bytes], dict[str, object]], asked: BinaryIO, answers: BinaryIO) -> None:
    """Say that we are ready, and answer what comes until ``asked`` ends."""
    _answer(answers, {"ready": True})
    while (job := _asked(asked)) is not None:
        try:
            _answer(answers, do(job))
        except Exception as error:  # noqa: BLE001 - an engine's own errors (ONNX shapes, bad sound) end one job, not the worker
            _answer(answers, {"error": type(error).__name__})


def own_pipe() -> BinaryIO:
    """Our standard output, kept for answers: what a library prints must not end up between two of them."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return out


def _asked(stream: BinaryIO) -> bytes | None:
    head = stream.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    size = int.from_bytes(head)
    if size > _MOST_BYTES:
        return None
    job = stream.read(size)
    return job if len(job) == size else None


def _answer(stream: BinaryIO, answer: dict[str, object]) -> None:
    body = json.dumps({**answer, "rss_mb": _rss_mb()}).encode()
    stream.write(len(body).to_bytes(_LENGTH) + body)
    stream.flush()


def _rss_mb() -> float:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_MB
