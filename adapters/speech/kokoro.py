"""Speaks with Kokoro-82M, ahead of time: the best voice that can be had for nothing, too slow for a caller who waits.

Half a minute of speech takes half a minute of one core; so prompts are rendered by an engineer and kept as files.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from adapters.speech.espeak import SpeechFailed

Wave = npt.NDArray[np.float32]

RATE = 24_000
#: The model's British voices: first the language and the sex, then the name.
BRITISH = ("bf_emma", "bf_isabella", "bf_alice", "bf_lily", "bm_george", "bm_fable", "bm_lewis", "bm_daniel")
#: Sounds the model knows -> its numbers (config.json of hexgrad/Kokoro-82M, Apache-2.0).
_NUMBERS = {
    **dict(zip(";:,.!?", range(1, 7), strict=True)),
    **dict(zip('—…"()“” ', range(9, 17), strict=True)),
    **dict(zip("abcdefhijklmnopqrstuvwxyz", [*range(43, 49), *range(50, 69)], strict=True)),
    **dict(zip("ɑɐɒæ", range(69, 73), strict=True)),
    **dict(zip("βɔɕçɖðʤəɚɛɜ", [75, 76, 77, 78, 80, 81, 82, 83, 85, 86, 87], strict=True)),
    **dict(zip("ɟɡɥɨɪʝɯɰŋɳɲɴ", [90, 92, 99, 101, 102, 103, 110, 111, 112, 113, 114, 115], strict=True)),
    **dict(zip("øɸθœɹɾɻʁɽʂʃ", [116, 118, 119, 120, 123, 125, 126, 128, 129, 130, 131], strict=True)),
    **dict(zip("ʈʧʊʋʌɣɤχʎʒʔ", [132, 133, 135, 136, 138, 139, 140, 142, 143, 147, 148], strict=True)),
    **dict(zip("ˈˌːʰʲᵻ", [156, 157, 158, 162, 164, 177], strict=True)),
}
#: The model takes 510 sounds and a mark at each end; a long prompt is cut at its sentences.
_MOST = 500
_PARTS = re.compile(r"[;:,.!?—…]+|[^;:,.!?—…]+")
_SENTENCES = re.compile(r"[^.!?]+[.!?]*\s*")
_TIMEOUT_S = 20.0
#: Full scale is 1: louder, or a constant, is the fault of a broken model (its 16-bit files give NaN and full-scale DC).
_LOUDEST, _QUIETEST, _MOST_DC = 1.5, 0.005, 0.05


class Kokoro:
    """The model and its voices, in one folder: ``model.onnx`` and ``<voice>.bin``."""

    def __init__(self, folder: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options)
        except Exception as error:  # noqa: BLE001 - the runtime's errors have no common type
            reason = type(error).__name__
            raise SpeechFailed("no_voice", f"Kokoro cannot be loaded ({reason}): run setup/voice.sh") from None
        self._folder = folder

    def speak(self, text: str, voice: str, speed: float = 1.0) -> Wave:
        """Samples at 24,000 a second. Raises ``SpeechFailed`` when nothing usable came out."""
        try:
            style = np.fromfile(self._folder / f"{voice}.bin", np.float32).reshape(510, 1, 256)
        except (OSError, ValueError):
            raise SpeechFailed("no_voice", f"the voice {voice} is not there: run setup/voice.sh") from None
        parts = [self._run(sounds, style, speed) for sounds in _lines(text)]
        if not parts:
            raise SpeechFailed("speech_failed", "there is nothing to say in this text")
        wave: Wave = np.concatenate(parts)
        if (wrong := fault(wave)) is not None:
            raise SpeechFailed("speech_failed", f"what came out {wrong}")
        return wave

    def _run(self, sounds: str, style: Wave, speed: float) -> Wave:
        numbers = [_NUMBERS[sound] for sound in sounds]
        given = {
            "input_ids": np.array([[0, *numbers, 0]], np.int64),
            "style": style[min(len(numbers), len(style) - 1)],
            "speed": np.array([speed], np.float32),
        }
        made: Wave = np.asarray(self._session.run(None, given)[0], np.float32).ravel()
        return made


def fault(wave: Wave) -> str | None:
    """What is wrong with a sound, None when nothing is."""
    if not len(wave) or not np.isfinite(wave).all():
        return "is empty or holds numbers that are none"
    if abs(float(wave.mean())) > _MOST_DC:
        return "is a constant (DC)"
    if float(np.abs(wave).max()) > _LOUDEST:
        return "is far too loud"
    return "is silent" if float(np.sqrt((wave**2).mean())) < _QUIETEST else None


def _lines(text: str) -> list[str]:
    """The sounds of the text, in runs that the model can take."""
    lines: list[str] = []
    for sentence in _SENTENCES.findall(" ".join(text.split())):
        sounds = _sounds(sentence)
        if lines and len(lines[-1]) + len(sounds) < _MOST // 2:
            lines[-1] += " " + sounds
        elif sounds:
            lines.append(sounds[:_MOST])
    return lines


def _sounds(sentence: str) -> str:
    """Phonetic letters with the punctuation between them, which the model reads as pauses and melody."""
    found = ""
    for part in _PARTS.findall(sentence):
        if part[0] in ";:,.!?—…":
            found = found.rstrip() + part
        elif part.strip():
            found += ("" if not found else " ") + _phonemes(part.strip())
    return "".join(sound for sound in found if sound in _NUMBERS)


def _phonemes(words: str) -> str:
    command = ("espeak-ng", "-q", "--ipa", "-v", "en-gb", "--stdin")
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
    try:
        done = subprocess.run(  # noqa: S603 - a fixed list, no shell; the text goes in by stdin
            command, input=words.encode(), capture_output=True, check=True, timeout=_TIMEOUT_S, env=environment
        )
    except FileNotFoundError:
        raise SpeechFailed("no_synthesiser", "espeak-ng is not installed: run make setup") from None
    except subprocess.SubprocessError:
        raise SpeechFailed("speech_failed", "espeak-ng could not tell how these words sound") from None
    return " ".join(done.stdout.decode("utf-8", "replace").split())
