"""The spoken prompts: rendered into var/sounds on the host, seen under /srv/guildhall/sounds by the PBX."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from adapters.files.dialplans import SHARED, Dialplans
from adapters.speech.espeak import render_prompts, wanted_prompts
from adapters.speech.measured import loudness
from adapters.speech.prompt_files import Manifest, read_manifest
from adapters.speech.recordings import LANGUAGES, Recordings
from guildhall.settings import PBX_SOUNDS, Settings
from kernel.errors import BadInput, GuildhallError
from kernel.schema import did_you_mean

#: Longest silence while prompts are being spoken, seconds.
_SILENCE_S = 1.0
_SHOWN = 5
#: Files measured at one time.
_AT_ONCE = 2


def render(
    settings: Settings, dialplans: Dialplans, say: Callable[[str], None], *, manifest_in: Path | None = None
) -> str:
    """Speak what is new or changed; return a sentence on what there is now. Raises ``GuildhallError``.

    ``manifest_in``: a version's own folder, so that another version's calls keep what they began with.
    """
    said_at = time.monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal said_at
        if time.monotonic() - said_at > _SILENCE_S:
            said_at = time.monotonic()
            say(f"prompts: {done} of {total} spoken")

    recordings = Recordings(recordings_folder(settings))
    manifest = render_prompts(
        dialplans.prompts, settings.sounds, progress, manifest_in=manifest_in, recording=recordings.find
    )
    plain = sorted(
        f"{owner}/{prompt}"
        for (owner, language, prompt), text in wanted_prompts(dialplans.prompts)
        if language in LANGUAGES and recordings.find(language, text) is None
    )
    if plain:
        shown = ", ".join(plain[:_SHOWN]) + (" …" if len(plain) > _SHOWN else "")
        say(f"warning: {len(plain)} prompts have no recording and are spoken by espeak-ng: {shown}")
    return f"{len(manifest.files)} prompts in {settings.sounds}"


def measure_prompts(settings: Settings) -> dict[str, dict[str, float]]:
    """Language -> file -> LUFS of every prompt in force. Raises ``GuildhallError``, also for one that is silent."""
    files = read_manifest(settings.sounds).files
    wanted = sorted({(language, name) for (_, language, _), name in files.items()})
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        levels = pool.map(lambda one: loudness(settings.sounds / one[1]), wanted)
    found: dict[str, dict[str, float]] = {}
    for (language, name), level in zip(wanted, levels, strict=True):
        found.setdefault(language, {})[name] = level
    return found


def recordings_folder(settings: Settings) -> Path:
    """Where the recordings of prompts lie, with the councils' files."""
    return settings.dialplans / SHARED / "sounds"


def record_prompts(settings: Settings, dialplans: Dialplans, voice: str, say: Callable[[str], None]) -> str:
    """Record every English prompt that has no recording with the best voice there is. Raises ``GuildhallError``."""
    from adapters.speech.kokoro import BRITISH, Kokoro  # noqa: PLC0415 - only who records needs the model's runtime
    from adapters.speech.recorded import record  # noqa: PLC0415 - the same

    if voice not in BRITISH:
        raise BadInput("unknown_voice", f"unknown voice '{voice[:40]}': {did_you_mean(voice, BRITISH) or BRITISH}")
    kokoro = Kokoro(settings.models / "kokoro")
    made = record(dialplans.prompts, recordings_folder(settings), kokoro, voice, say)
    return f"{made} prompts recorded into {recordings_folder(settings)}; Welsh waits for a Welsh speaker"


def pbx_prompts(settings: Settings, *, manifest_in: Path | None = None) -> Manifest:
    """The prompts as the PBX sees them. ``manifest_in``: a version's own folder."""
    return read_manifest(settings.sounds, manifest_in=manifest_in).seen_from(PBX_SOUNDS)


def host_sound(settings: Settings, tenant: str, language: str, prompt: str) -> Path:
    """A prompt's file on this machine. Raises ``GuildhallError`` when it was not rendered."""
    path = read_manifest(settings.sounds).path(tenant, language, prompt)
    if path is None:
        raise GuildhallError("no_prompt", f"prompt {prompt} of {tenant} is not there: run 'guildhall prompts render'")
    return Path(path + ".wav")
