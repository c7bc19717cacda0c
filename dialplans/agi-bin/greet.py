#!/usr/bin/env python3
"""An example to copy: plays a sound, waits for a key, leaves the key on the channel. README.md says how it is run."""

from __future__ import annotations

import sys

from careful_agi import CarefulAgi, run, serve

_WAIT_MS = 3000


def greet(agi: CarefulAgi) -> None:
    """``AGI(greet.py,SOUND)``: GREET_KEY on the channel is the key the caller pressed, empty for none."""
    sound = agi.env.get("agi_arg_1", "")
    agi.answer()
    # A key pressed while the sound plays ends it.
    key = agi.stream_file(sound, "0123456789*#") if sound else ""
    if not key:
        key = agi.wait_for_digit(_WAIT_MS)
    agi.set_variable("GREET_KEY", key)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(greet, int(sys.argv[2]))
    else:
        run(greet, sys.stdin, sys.stdout)
