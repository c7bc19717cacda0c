"""Texts made during a call, spoken into files that are kept for a day by what they say."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path, PurePosixPath

import structlog

from adapters.speech.espeak import SpeechFailed, speak
from kernel.errors import BadInput
from kernel.ids import checked_id

log = structlog.get_logger()

#: Under the folder of all sounds. No council can be called so: an id does not begin with an underscore.
SAID = "_said"
#: They may hold what was looked up about a caller, so they do not stay longer than a day's callers need them.
_KEPT_S = 24 * 3600.0
#: Speaking a sentence takes a processor for a tenth of a second; the rest of the machine belongs to the calls.
_AT_ONCE = 2
#: A text beyond this is no sentence for a telephone, and would hold a processor for seconds.
_LONGEST = 1000
#: Sweeping looks at every file: once in so many new ones.
_SWEEP_EACH = 50

#: Speaks a text in a language into a file; the last argument names it in errors.
Voice = Callable[[str, str, Path, str], None]
#: Prompt -> language -> text.
Texts = Mapping[str, Mapping[str, str]]


class SpokenTexts:
    """Speaks on demand. The same words in the same language are one file, however many callers hear them."""

    def __init__(
        self, folder: Path, seen_as: str, voice: Voice = speak, texts: Mapping[str, Texts] | None = None
    ) -> None:
        """``folder``: of all sounds; ``seen_as``: the same as the PBX sees it; ``texts``: owner -> prompts' texts."""
        self._folder = folder / SAID
        self._seen_as = PurePosixPath(seen_as) / SAID
        self._voice = voice
        #: Owner -> prompts' texts, of the version in force.
        self.texts = texts or {}
        self._making: dict[str, asyncio.Task[None]] = {}
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._made = 0

    async def path(self, tenant: str, language: str, text: str) -> str | None:
        """The sound's path without extension as the PBX sees it, made when it is not there; None when it cannot be.

        Raises ``BadInput`` for a language that is none.
        """
        del tenant
        words = " ".join("".join(one if one.isprintable() else " " for one in text).split())
        if not words or len(words) > _LONGEST:
            return None
        name = f"{checked_id(language, 'a language')}/{sha256(words.encode()).hexdigest()[:32]}"
        target = self._folder / f"{name}.wav"
        if not target.exists():
            making = self._making.get(name)
            if making is None:
                making = asyncio.get_running_loop().create_task(self._make(words, language, target))
                self._making[name] = making
                making.add_done_callback(lambda _: self._making.pop(name, None))
            # Shielded: a caller who hangs up must not take the words from the others who wait for them.
            await asyncio.shield(making)
        return str(self._seen_as / name) if target.exists() else None

    async def instead(self, tenant: str, language: str, prompt: str) -> str | None:
        """A prompt whose file is missing or broken, spoken from its text; None when it has none, or cannot be."""
        for owner in (tenant, "_shared"):
            texts = self.texts.get(owner, {}).get(prompt)
            if texts and (text := texts.get(language) or texts.get("en")):
                return await self.path(tenant, language if language in texts else "en", text)
        return None

    async def _make(self, words: str, language: str, target: Path) -> None:
        async with self._turn:
            try:
                await asyncio.to_thread(self._voice, words, language, target, "a said text")
            except (SpeechFailed, BadInput, OSError) as error:
                log.error("a text cannot be spoken", language=language, error=type(error).__name__)  # noqa: TRY400 - an expected fault; its text may be the caller's
                return
            self._made += 1
            if self._made % _SWEEP_EACH == 1:
                await asyncio.to_thread(self._sweep)

    def _sweep(self) -> None:
        """Remove what was made more than a day ago."""
        for path in self._folder.glob("*/*.wav"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < time.time() - _KEPT_S:
                    path.unlink()
