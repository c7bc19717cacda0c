"""Everything that hears callers, wired together: the sound's port, the detector, the recognisers' workers."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path, PurePosixPath

import structlog

from adapters.asterisk.agi_channel import AgiLine
from adapters.asterisk.ami_link import AmiLink
from adapters.asterisk.audio_in import AudioPort
from adapters.asterisk.sound_lines import Hold, SoundOfAgi
from adapters.speech.detectors import SileroDetectors
from adapters.speech.model_files import ModelFiles, NoModel
from adapters.speech.second_opinion import SecondOpinion
from adapters.speech.trimmed import trimmed
from adapters.speech.workers import Pool, Workers
from guildhall.services_wiring import QUIET
from guildhall.settings import PBX_SOUNDS, Settings
from guildhall.speech_models import model_files
from ivr.hearing_ports import CallSound, Reader
from ivr.listening import Listener
from ivr.ports import CallerLine, Services
from kernel.errors import BadInput
from kernel.hearing import EngineFailed, Reading

log = structlog.get_logger()

#: Engine -> its model.
MODELS = {"moonshine": "moonshine-base", "whisper": "whisper-small"}
#: docs/speech.md: below this confidence the second engine is asked, and while it has work already.
SURE, SURE_WHEN_BUSY = 0.95, 0.75
#: For the PBX's word that a call is held on.
_HOLD_S = 2.0
#: Both engines together. Reading begins 0.5 s before she is taken to have finished, so a doubt costs her 0.8 s at most.
_BOTH_WITHIN_S = 1.3
#: Whisper small takes 0.7 s for the shortest words. A long turn takes it longer than anybody waits for it, and it is
#: not to be replaced for that: so many times the patience until it is. A first reading goes before a second opinion.
_SECOND_TAKES_S, _SECOND_STUCK, _SECOND_NICE = 0.6, 4, 10


class NoReader:
    """Stands in where no model is: every caller gets the keys."""

    name = "none"
    #: Nobody is asked what nobody can hear.
    has_room = False

    async def read(self, _speech: bytes) -> tuple[str, Sequence[Reading]]:
        """Raise ``EngineFailed``."""
        raise EngineFailed("no_engine", "no recogniser's model is here: run make setup")


class PromptSamples:
    """Prompts as samples: the PBX's paths, read where they lie on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, bytes] = {}

    async def pcm(self, sound: str) -> bytes | None:
        """The samples of an 8 kHz mono file; None when there is none. Kept: a prompt's file never changes.

        That it cannot be read is not kept: somebody will mend it.
        """
        known = self._known.get(sound)
        if known is None:
            known = await asyncio.to_thread(self.read, sound)
            if known is not None:
                known = self._known[sound] = trimmed(known)
        return known

    def read(self, sound: str) -> bytes | None:
        """The same, at once: it reads a file."""
        try:
            path = self._folder / f"{PurePosixPath(sound).relative_to(PBX_SOUNDS)}.wav"
            with wave.open(str(path), "rb") as file:
                if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, 8000):
                    return None
                return file.readframes(file.getnframes())
        except (OSError, ValueError, EOFError, wave.Error):
            log.error("a prompt cannot be read", sound=sound)  # noqa: TRY400 - an expected fault, told without a traceback
            return None


class LinesOfCalls:
    """Opens the sound of lines that are AGI's; every line of the service is."""

    def __init__(self, port: AudioPort, link: AmiLink | None) -> None:
        self._sounds = SoundOfAgi(port, None if link is None else held_by(link))

    def open(self, line: CallerLine, longest_s: float) -> AbstractAsyncContextManager[CallSound]:
        """The sound of this line."""
        if not isinstance(line, AgiLine):
            raise BadInput("no_agi", "only a line in an AGI session has sound")
        return self._sounds.open(line, longest_s)


def held_by(link: AmiLink) -> Hold:
    """Renews a channel's limit over AMI, and knows when that is done."""

    async def hold(channel: str, seconds: int) -> None:
        limit = {"Channel": channel, "Variable": "TIMEOUT(absolute)", "Value": str(seconds)}
        await link.ask("Setvar", limit, timeout_s=_HOLD_S)

    return hold


class Speech:
    """The ears of one engine process: ``start`` and ``stop`` them with it. ``link``: by which turns are held."""

    def __init__(self, settings: Settings, link: AmiLink | None = None) -> None:
        models = model_files(settings)
        files = PromptSamples(settings.sounds)
        self.port = AudioPort(open_line=files.read(QUIET[0]) or b"")
        self.workers = workers_of(models, settings)
        self.reader = reader_of(self.workers)
        self.ears = Listener(
            lines=LinesOfCalls(self.port, link),
            detectors=SileroDetectors(_model(models, "silero-vad", "silero_vad.onnx")),
            reader=self.reader,
            files=files,
        )

    def services(self, others: Services) -> Services:
        """What a flow may ask of speech, added to what it may ask of the rest."""
        return replace(others, ears=self.ears)

    async def start(self) -> None:
        """Listen, and begin to load the models; calls do not wait for that."""
        await self.port.start()
        for workers in self.workers:
            await workers.start()

    async def stop(self) -> None:
        """End the workers and every sound."""
        await self.port.stop()
        for workers in self.workers:
            await workers.stop()


def workers_of(models: ModelFiles, settings: Settings) -> list[Workers]:
    """One pool for each engine whose model is here, the default engine first."""
    found: list[Workers] = []
    if settings.speech_workers == 0:
        return found
    for engine, model in MODELS.items():
        try:
            folder = models.open(model)
        except (NoModel, OSError) as error:
            reason = error.message if isinstance(error, NoModel) else type(error).__name__
            log.error("NO SPEECH by this engine: callers do without it", engine=engine, reason=reason)  # noqa: TRY400 - an expected fault, told without a traceback
            continue
        patience = settings.speech_patience
        if engine == next(iter(MODELS)):
            pool = Pool(workers=settings.speech_workers, limit_s=patience)
        else:
            pool = Pool(limit_s=patience, stuck_s=_SECOND_STUCK * patience, nice=_SECOND_NICE)
        found.append(Workers(engine, folder, pool))
    return found


def reader_of(workers: Sequence[Workers]) -> Reader:
    """The engines there are, as one."""
    match workers:
        case []:
            return NoReader()
        case [one]:
            return one
        case [first, second, *_]:
            return SecondOpinion(
                first,
                second,
                sure=SURE,
                sure_when_busy=SURE_WHEN_BUSY,
                within_s=_BOTH_WITHIN_S,
                takes_s=_SECOND_TAKES_S,
            )
        case _:
            raise AssertionError


def _model(models: ModelFiles, model: str, file: str) -> Path | None:
    try:
        return models.open(model) / file
    except (NoModel, OSError) as error:
        log.error("NO SPEECH: callers who would be steered get the menu", reason=str(error))  # noqa: TRY400 - an expected fault, told without a traceback
        return None
