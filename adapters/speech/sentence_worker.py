"""A worker process with one model of sentences: sentences come in by stdin as JSON, their vectors go out by stdout.

Nothing is ever logged here: what passes through is what callers said.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

from adapters.speech.pipe_messages import answer_all, own_pipe
from adapters.speech.sentence_vectors import SentenceVectors


def main(folder: Path) -> None:
    """Load the model, say so, and turn what comes."""
    model = SentenceVectors(folder)

    def turn(job: bytes) -> dict[str, object]:
        rows = model([str(one) for one in json.loads(job)])
        return {"width": rows.shape[1], "vectors": base64.b64encode(rows.astype("<f4").tobytes()).decode()}

    answer_all(turn, sys.stdin.buffer, own_pipe())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
