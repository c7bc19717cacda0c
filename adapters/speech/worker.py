"""A worker process: one engine, one model; sound comes in by stdin, readings go out by stdout, until stdin ends.

Both ways a message is four bytes of length and as many of content: samples in, JSON out. Nothing is ever logged here:
what passes through is what callers said.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import BinaryIO

from adapters.speech.engines import ENGINES

_LENGTH = 4
#: Twenty seconds of sound: a turn has at most twelve.
_MOST_BYTES = 20 * 8000 * 2
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


def serve(engine_name: str, folder: Path, asked: BinaryIO, answers: BinaryIO) -> None:
    """Load the engine, say so, and read what comes."""
    engine = ENGINES[engine_name](folder)
    _answer(answers, {"ready": True, "rss_mb": _rss_mb()})
    while (sound := _asked(asked)) is not None:
        try:
            readings = [[one.text, one.confidence] for one in engine.read(sound)]
            _answer(answers, {"readings": readings, "rss_mb": _rss_mb()})
        except Exception as error:  # noqa: BLE001 - an engine's own errors (ONNX shapes, bad sound) end one job, not the worker
            _answer(answers, {"error": type(error).__name__, "rss_mb": _rss_mb()})


def _asked(stream: BinaryIO) -> bytes | None:
    head = stream.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    size = int.from_bytes(head)
    if size > _MOST_BYTES:
        return None
    sound = stream.read(size)
    return sound if len(sound) == size else None


def _answer(stream: BinaryIO, answer: dict[str, object]) -> None:
    body = json.dumps(answer).encode()
    stream.write(len(body).to_bytes(_LENGTH) + body)
    stream.flush()


def _rss_mb() -> float:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_MB


if __name__ == "__main__":
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints must not end up between two answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.argv[1], Path(sys.argv[2]), sys.stdin.buffer, out)
