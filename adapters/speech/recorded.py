"""Records prompts with the best voice that can be had, ahead of time, and checks what came out."""

from __future__ import annotations

import json
import tempfile
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np

from adapters.speech.espeak import TELEPHONE, Prompts, SpeechFailed, run_quietly, wanted_prompts
from adapters.speech.kokoro import RATE, Kokoro
from adapters.speech.levelled import level_wave
from adapters.speech.recordings import LANGUAGES, recorded_name

MANIFEST = "manifest.json"

Say = Callable[[str], None]


def record(prompts: Prompts, folder: Path, kokoro: Kokoro, voice: str, say: Say) -> int:
    """Speak every text that has no recording; tidy away those nobody says; return how many were made.

    Each is checked for numbers that are none, a constant, silence and level. Raises ``SpeechFailed``.
    """
    wanted = {
        recorded_name(language, text): (text, f"{owner}/{prompt}")
        for (owner, language, prompt), text in wanted_prompts(prompts)
        if language in LANGUAGES
    }
    known = _manifest(folder)
    made = 0
    for number, (name, (text, what)) in enumerate(sorted(wanted.items())):
        if not (folder / name).exists() or name not in known:
            say(f"{number + 1} of {len(wanted)}: {what}")
            seconds = _record(text, folder / name, kokoro, voice, f"prompt '{what}'")
            known[name] = {"text": text, "voice": voice, "seconds": seconds}
            made += 1
            _keep(folder, known)
    for name in known.keys() - wanted.keys():
        (folder / name).unlink(missing_ok=True)
    _keep(folder, {name: entry for name, entry in known.items() if name in wanted})
    return made


def _record(text: str, target: Path, kokoro: Kokoro, voice: str, what: str) -> float:
    samples = kokoro.speak(text, voice)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".part-") as scratch:
        wide, narrow, small = (Path(scratch, name) for name in ("wide.wav", "narrow.wav", "small.flac"))
        with wave.open(str(wide), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
        run_quietly(("ffmpeg", "-nostdin", "-v", "error", "-i", str(wide), *TELEPHONE, str(narrow)), b"", what)
        if not level_wave(narrow):
            raise SpeechFailed("silent_prompt", f"{what} came out silent")
        flac = ("ffmpeg", "-nostdin", "-v", "error", "-i", str(narrow), "-compression_level", "12", "-bitexact")
        run_quietly((*flac, "-map_metadata", "-1", str(small)), b"", what)
        small.chmod(0o644)
        small.replace(target)
    return round(len(samples) / RATE, 2)


def _manifest(folder: Path) -> dict[str, dict[str, object]]:
    try:
        found: dict[str, dict[str, object]] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _keep(folder: Path, entries: dict[str, dict[str, object]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{MANIFEST}.part"
    part.write_text(json.dumps(dict(sorted(entries.items())), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(folder / MANIFEST)
