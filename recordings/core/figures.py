"""What loudness over time tells of a call: who spoke how long, silences, a dead side; whether a copy is the same."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Sequence

from kernel.recording import Loudness

#: Below this nobody speaks: A-law's own noise is near -72 dBFS, quiet speech near -45.
SPEECH_DBFS = -50.0
#: To this the player and an export bring speech (EBU R 128's -23 LUFS, near enough for one voice). The sealed audio
#: itself is never made louder or shorter: it is evidence.
TARGET_DBFS = -23.0
#: Opus may move a window's loudness; measured on made-up speech: 99.8 % of the loud windows within 3 dB. At the edge of
#: a pause it is more: one of a hundred calls of one second had a window out of eight 10 dB off.
_CLOSE_DB, _CLOSE_SHARE = 6.0, 0.95
#: What a codec that couples two sides lets through from one to the other: 41 dB below in whole speech, 19 dB in speech
#: of which half the packets were lost, whose torn edges sound at every pitch.
_LEAK_DB = 15.0
#: Windows by which a copy may be longer (Opus ends on a full frame, ffmpeg on a full window), or another.
_SLACK_WINDOWS = 2


def figures(loudness: Loudness, sides: Sequence[str]) -> dict[str, object]:
    """Figures for the catalogue: seconds, dB below full scale; ``gain_db`` would bring a side to ``TARGET_DBFS``."""
    window, rows = loudness.window_s, [row[: loudness.windows] for row in loudness.rms]
    spoken = [[level > SPEECH_DBFS for level in row] for row in rows]
    anyone = [any(now) for now in zip(*spoken, strict=True)]
    found: dict[str, object] = {
        "sides": {
            side: {"talk_s": round(sum(on) * window, 1)} | _level(row, on)
            for side, row, on in zip(sides, rows, spoken, strict=True)
        },
        "together_s": round(sum(all(now) for now in zip(*spoken, strict=True)) * window, 1) if len(rows) > 1 else 0.0,
        "silence_s": round((len(anyone) - sum(anyone)) * window, 1),
        "longest_silence_s": round(_longest(anyone) * window, 1),
    }
    if any(anyone):
        found["speech_from_s"] = round(anyone.index(True) * window, 1)
        found["speech_to_s"] = round((len(anyone) - anyone[::-1].index(True)) * window, 1)
    return found


def _level(row: Sequence[float], on: Sequence[bool]) -> dict[str, float]:
    loud = [10 ** (level / 10) for level, speaks in zip(row, on, strict=True) if speaks]
    if not loud:
        return {}
    level = 10 * math.log10(sum(loud) / len(loud))
    return {"loudness_dbfs": round(level, 1), "gain_db": round(TARGET_DBFS - level, 1)}


def _longest(anyone: Sequence[bool]) -> int:
    longest = run = 0
    for speaks in anyone:
        run = 0 if speaks else run + 1
        longest = max(longest, run)
    return longest


def difference(original: Loudness, copy: Loudness) -> str | None:
    """What makes a copy another sound than its original; None when it is the same, side by side, all along."""
    if len(copy.rms) != len(original.rms):
        return "it has another number of channels"
    if abs(copy.windows - original.windows) > _SLACK_WINDOWS:
        return "it is not as long"
    loudest = tuple(max(levels) for levels in zip(*original.rms, strict=True))
    for was, came in zip(original.rms, copy.rms, strict=True):
        loud = [at for at, pair in enumerate(zip(was, came, strict=False)) if max(pair) > SPEECH_DBFS]
        far = sum(not _close(_around(was, at), _around(loudest, at), came[at]) for at in loud)
        if far > max(_SLACK_WINDOWS, (1 - _CLOSE_SHARE) * len(loud)):
            return "it does not sound the same"
    return None


def _around(levels: Sequence[float], at: int) -> Sequence[float]:
    """A window with its neighbours: an edge (a pause, a lost packet) may move by a codec's frame into either."""
    return levels[max(0, at - 1) : at + 2]


def _close(own: Sequence[float], anyone: Sequence[float], level: float) -> bool:
    """Whether a window of a side sounds like the original's there, or as what leaks into it of the other side."""
    return min(own) - _CLOSE_DB <= level <= max(max(own) + _CLOSE_DB, max(anyone) - _LEAK_DB)


def waveform(loudness: Loudness, sides: Sequence[str]) -> bytes:
    """The peaks as the vault keeps them: JSON, a string a side with one base64 byte (0-255) a window."""
    peaks = {side: base64.b64encode(row).decode() for side, row in zip(sides, loudness.peaks, strict=True)}
    return json.dumps({"window_s": loudness.window_s, "peaks": peaks}).encode("ascii")
