"""The spoken prompts: rendered into var/sounds on the host, seen under /srv/guildhall/sounds by the PBX."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from adapters.files.dialplans import Dialplans
from adapters.speech.espeak import render_prompts
from adapters.speech.prompt_files import Manifest, read_manifest
from guildhall.settings import PBX_SOUNDS, Settings
from kernel.errors import GuildhallError

#: Longest silence while prompts are being spoken, seconds.
_SILENCE_S = 1.0


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

    manifest = render_prompts(dialplans.prompts, settings.sounds, progress, manifest_in=manifest_in)
    return f"{len(manifest.files)} prompts in {settings.sounds}"


def pbx_prompts(settings: Settings, *, manifest_in: Path | None = None) -> Manifest:
    """The prompts as the PBX sees them. ``manifest_in``: a version's own folder."""
    return read_manifest(settings.sounds, manifest_in=manifest_in).seen_from(PBX_SOUNDS)


def host_sound(settings: Settings, tenant: str, language: str, prompt: str) -> Path:
    """A prompt's file on this machine. Raises ``GuildhallError`` when it was not rendered."""
    path = read_manifest(settings.sounds).path(tenant, language, prompt)
    if path is None:
        raise GuildhallError("no_prompt", f"prompt {prompt} of {tenant} is not there: run 'guildhall prompts render'")
    return Path(path + ".wav")
