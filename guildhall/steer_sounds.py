"""Sound files become sentences by the recognisers of a call: cut to the speech, the second asked when unsure."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from adapters.speech.engines import ENGINES, SpeechEngine
from adapters.speech.second_opinion import joined
from adapters.speech.silero import Silero
from guildhall.settings import Settings
from guildhall.speech_models import model_files
from guildhall.speech_wiring import MODELS, SURE
from ivr.listening import MARGIN_S
from kernel.errors import BadInput
from kernel.hearing import Reading

#: What a telephone gives.
_RATE, _BYTES = 8000, 2
_SAID_EVERY = 10

#: Readings, best first.
Said = tuple[str, ...]


def heard_in(
    settings: Settings, sounds: Sequence[tuple[Path, str]], say: Callable[[str], None]
) -> list[tuple[Said, str]]:
    """All of it."""
    return list(written_down(settings, sounds, say))


def written_down(
    settings: Settings, sounds: Sequence[tuple[Path, str]], say: Callable[[str], None]
) -> Iterator[tuple[Said, str]]:
    """What is read in each file, with its intent. Raises ``GuildhallError`` without models, ``BadInput`` for a file."""
    if not sounds:
        return
    models = model_files(settings)
    first, second = (ENGINES[name](models.open(model)) for name, model in MODELS.items())
    detector = Silero(models.open("silero-vad") / "silero_vad.onnx")
    for number, (path, intent) in enumerate(sounds):
        if number % _SAID_EVERY == 0:
            say(f"{number} of {len(sounds)} files heard")
        speech = detector.speech_span(_samples(path), MARGIN_S)
        readings = _read(first, second, speech) if speech else ()
        yield tuple(one.text for one in readings), intent


def _read(first: SpeechEngine, second: SpeechEngine, speech: bytes) -> Sequence[Reading]:
    names = list(MODELS)
    found = first.read(speech)
    if found and found[0].confidence >= SURE:
        return found
    return joined(names[0], found, names[1], second.read(speech))[1]


def _samples(path: Path) -> bytes:
    try:
        with wave.open(str(path), "rb") as sound:
            if (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) != (1, _BYTES, _RATE):
                raise BadInput("bad_sound", f"{path.name}: 8000 samples a second, mono, 16 bit are expected")
            return sound.readframes(sound.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise BadInput("bad_sound", f"{path.name} cannot be read ({type(error).__name__})") from None
