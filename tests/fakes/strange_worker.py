"""A worker process that behaves as its argument says: echo, slow, dies, nonsense, loops, fat or error."""

from __future__ import annotations

import json
import os
import sys
import time


def _answer(**answer: object) -> None:
    body = json.dumps(answer).encode()
    sys.stdout.buffer.write(len(body).to_bytes(4) + body)
    sys.stdout.buffer.flush()


def main(mood: str) -> None:
    """Answer each job with its length and our own pid."""
    _answer(ready=True, rss_mb=1.0)
    while len(head := sys.stdin.buffer.read(4)) == 4:
        sound = sys.stdin.buffer.read(int.from_bytes(head))
        match mood:
            case "slow":
                time.sleep(30)
            case "dies":
                os._exit(3)
            case "nonsense":
                _answer(readings=[["words", "sure"]], rss_mb=1.0)
            case "loops":
                _answer(readings=[["words " * 100_000, 0.5]], rss_mb=1.0)
            case "error":
                _answer(error="InvalidArgument", rss_mb=1.0)
            case _:
                rss = 900.0 if mood == "fat" else 1.0
                _answer(readings=[[f"{len(sound)} {os.getpid()}", 0.5]] if sound else [], rss_mb=rss)


if __name__ == "__main__":
    main(sys.argv[1])
