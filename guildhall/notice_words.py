"""The words of closings at short notice, spoken ahead of time: the PBX plays them also when no engine is there."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path, PurePosixPath

import structlog

from adapters.speech.espeak import SpeechFailed, speak
from guildhall.settings import PBX_SOUNDS, Settings
from kernel.ids import checked_id

log = structlog.get_logger()

#: Beside `_said`, whose files are swept after a day: a notice may last a week.
NOTICES = "_notices"
#: Speaks a text in a language into a file; the last argument names it in errors.
Voice = Callable[[str, str, Path, str], None]


def spoken_notices(settings: Settings, voice: Voice = speak) -> Callable[[str, str, str], str | None]:
    """Council, language, text -> path without extension as the PBX sees it, made when it is not there; or None."""

    def path(_council: str, language: str, text: str) -> str | None:
        name = f"{NOTICES}/{checked_id(language, 'a language')}/{sha256(text.encode()).hexdigest()[:32]}"
        target = settings.sounds / f"{name}.wav"
        if not target.exists():
            try:
                voice(text, language, target, "the words of a notice")
            except (SpeechFailed, OSError) as error:
                log.error("the words of a notice cannot be spoken", language=language, error=type(error).__name__)  # noqa: TRY400 - an expected fault
                return None
        return str(PurePosixPath(PBX_SOUNDS) / name)

    return path
