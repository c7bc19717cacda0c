"""How loud sounds are to an ear: integrated loudness by ITU-R BS.1770, as ffmpeg reckons it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from adapters.speech.espeak import SpeechFailed

_LOUDNESS = re.compile(rb"\bI:\s+(-?[\d.]+|-inf) LUFS")
#: BS.1770 measures blocks of 0.4 s, and "Or:" is hardly longer: each sound is measured as said five times.
_MORE_TIMES = "4"
_TIMEOUT_S = 20.0


def loudness(path: Path) -> float:
    """LUFS of a sound file; minus infinity for silence. Raises ``SpeechFailed`` for a file that cannot be measured."""
    command = ("ffmpeg", "-nostdin", "-hide_banner", "-stream_loop", _MORE_TIMES, "-i", str(path))
    try:
        done = subprocess.run(  # noqa: S603 - a fixed list, no shell; the path is our own
            (*command, "-filter_complex", "ebur128", "-f", "null", "-"),
            capture_output=True,
            check=True,
            timeout=_TIMEOUT_S,
        )
    except FileNotFoundError:
        raise SpeechFailed("no_ffmpeg", "ffmpeg is not installed: run make setup") from None
    except subprocess.SubprocessError:
        raise SpeechFailed("not_measured", f"{path.name} cannot be measured: is it a sound?") from None
    # The last one is the summary's.
    found = _LOUDNESS.findall(done.stderr)
    if not found:
        raise SpeechFailed("not_measured", f"{path.name} cannot be measured: ffmpeg has no ebur128")
    return float(found[-1])
