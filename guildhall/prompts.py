"""The spoken prompts: rendered into var/sounds on the host, seen under /srv/guildhall/sounds by the PBX."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from adapters.files.dialplans import Dialplans
from adapters.speech.espeak import render_prompts
from adapters.speech.prompt_files import Manifest, read_manifest
from guildhall.settings import PBX_SOUNDS, Settings
from kernel.errors import GuildhallError


def render(settings: Settings, dialplans: Dialplans, say: Callable[[str], None]) -> str:
    """Speak what is new or changed; return a sentence on what there is now. Raises ``GuildhallError``."""
    tenth = 0

    def progress(done: int, total: int) -> None:
        nonlocal tenth
        if done * 10 // total > tenth:
            tenth = done * 10 // total
            say(f"prompts {done} of {total}")

    manifest = render_prompts(dialplans.prompts, settings.sounds, progress)
    return f"{len(manifest.files)} prompts in {settings.sounds}"


def pbx_prompts(settings: Settings) -> Manifest:
    """The prompts as the PBX sees them."""
    return read_manifest(settings.sounds).seen_from(PBX_SOUNDS)


def host_sound(settings: Settings, tenant: str, language: str, prompt: str) -> Path:
    """A prompt's file on this machine. Raises ``GuildhallError`` when it was not rendered."""
    path = read_manifest(settings.sounds).path(tenant, language, prompt)
    if path is None:
        raise GuildhallError("no_prompt", f"prompt {prompt} of {tenant} is not there: run 'guildhall prompts render'")
    return Path(path + ".wav")
