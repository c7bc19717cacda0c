"""Whisper small by CTranslate2, int8: the second opinion on what the first engine is unsure of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import ctranslate2
import numpy as np

from adapters.speech.alternatives import Alternatives
from adapters.speech.mel import log_mel
from adapters.speech.sound import ENGINE_RATE, for_engine
from adapters.speech.spelling import british
from kernel.hearing import Reading

#: English, transcribe, no time stamps: the model's own tokens.
_PROMPT = (50258, 50259, 50359, 50363)
_FIRST_SPECIAL = 50257
#: Whisper was made for 30 s. Twelve leave its words as they are and cost a third; less ruins them (docs/speech.md).
_WINDOW_S, _BEYOND_S = 12.0, 2.0
_AROUND_S = 0.25
#: It repeats itself on babble: no more tokens than anybody speaks.
_TOKENS_A_SECOND, _LEAST_TOKENS = 6.5, 8
_BEAMS, _READINGS = 5, 4
#: Above this it heard no speech, and "Thank you." is what it dreams of silence.
_NO_SPEECH = 0.6


class Whisper:
    """The model; 400 MB, one thread."""

    def __init__(self, folder: Path) -> None:
        self._model = ctranslate2.models.Whisper(
            str(folder), device="cpu", compute_type="int8", inter_threads=1, intra_threads=1
        )
        self._vocabulary = (folder / "vocabulary.txt").read_text("utf-8").split("\n")
        self._bytes = {letter: byte for byte, letter in _letters().items()}

    def read(self, speech: bytes) -> Sequence[Reading]:
        """Readings, best first; none where it hears no speech."""
        sound = for_engine(speech, _AROUND_S)
        seconds = len(sound) / ENGINE_RATE
        features = log_mel(sound, max(_WINDOW_S, seconds + _BEYOND_S))
        found = self._model.generate(
            ctranslate2.StorageView.from_array(np.ascontiguousarray(features[None])),
            [list(_PROMPT)],
            beam_size=_BEAMS,
            num_hypotheses=_READINGS,
            max_length=len(_PROMPT) + max(_LEAST_TOKENS, int(seconds * _TOKENS_A_SECOND)),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        if found.no_speech_prob > _NO_SPEECH:
            return ()
        alternatives = Alternatives()
        for tokens, score in zip(found.sequences_ids, found.scores, strict=True):
            alternatives.offer(self._text(tokens), math.exp(score))
        return alternatives.kept()

    def _text(self, tokens: Sequence[int]) -> str:
        letters = "".join(self._vocabulary[token] for token in tokens if token < _FIRST_SPECIAL)
        written = bytes(self._bytes[letter] for letter in letters if letter in self._bytes)
        return british(written.decode("utf-8", "replace").strip())


def _letters() -> dict[int, str]:
    """Byte -> the letter GPT-2's vocabulary writes for it: itself where it can be printed, else from U+0100 on."""
    printed = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(0x100) if byte not in printed]
    return {byte: chr(byte) for byte in printed} | {byte: chr(0x100 + at) for at, byte in enumerate(hidden)}
