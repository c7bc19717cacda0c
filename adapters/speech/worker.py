"""A worker process: one engine, one model; sound comes in by stdin, readings go out by stdout, until stdin ends.

Samples in, JSON out (``adapters.speech.pipe_messages``). Nothing is ever logged here: what passes through is what
callers said.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

from adapters.speech.engines import ENGINES
from adapters.speech.pipe_messages import answer_all, own_pipe


def serve(engine_name: str, folder: Path, asked: BinaryIO, answers: BinaryIO) -> None:
    """Load the engine, say so, and read what comes."""
    engine = ENGINES[engine_name](folder)

    def read(sound: bytes) -> dict[str, object]:
        return {"readings": [[one.text, one.confidence] for one in engine.read(sound)]}

    answer_all(read, asked, answers)


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]), sys.stdin.buffer, own_pipe())
