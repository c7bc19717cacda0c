"""Keeps phrases apart from the sentences that judge them: prints those that are near none, and shows nobody the others.

python -m bench.steering.apart NEW_PHRASES.txt > APART.txt   (a phrase a line; by MiniLM-L6)
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from adapters.speech.sentence_vectors import SentenceVectors
from guildhall.settings import Settings
from guildhall.speech_models import model_files
from ivr.steering.wording import plain

#: A cosine. Of 2,087 new phrases half had their nearest of 690 sentences at 0.49 at most, nine in ten at 0.64.
_NEAR = 0.70


def main(source: Path) -> None:
    """Print each phrase that is far from all sentences; say on stderr how many were not."""
    phrases = [line.strip() for line in source.read_text("utf-8").splitlines() if line.strip()]
    model = SentenceVectors(model_files(Settings()).open("minilm-l6-int8"))
    judged = [
        plain(row["text"])
        for path in sorted(Path(__file__).parent.glob("held_out*.csv"))
        for row in csv.DictReader(path.read_text("utf-8").splitlines())
    ]
    near = (model([plain(phrase) for phrase in phrases]) @ model(judged).T).max(axis=1)
    kept = [phrase for phrase, one in zip(phrases, near, strict=True) if one <= _NEAR]
    print("\n".join(kept))
    print(f"{len(phrases) - len(kept)} of {len(phrases)} are nearer than {_NEAR}", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
