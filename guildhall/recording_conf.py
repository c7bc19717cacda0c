"""What the dialplan is told of recording at the start: the queues' rules, and the sounds of notices and keys."""

from __future__ import annotations

from adapters.asterisk.recording_conf import recording_globals
from adapters.files.dialplans import SHARED, Dialplans
from adapters.speech.prompt_files import Manifest

#: What an agent hears after a key: the engine's word -> a shared prompt.
KEY_PROMPTS = {"paused": "recording_paused", "resumed": "recording_resumed", "refused": "agent_refused"}
KEY_PROMPTS |= {"secured": "secure_done", "unsecured": "secure_not_done"}


def recording_lines(dialplans: Dialplans, prompts: Manifest) -> str:
    """The generated lines for ``[globals]``."""

    def sounds(prompt: str) -> dict[str, str]:
        return {one.id: prompts.path(one.id, one.languages[0], prompt) or "" for one in dialplans.tenants}

    lines = recording_globals(dialplans.queues, sounds("recording_notice"), sounds("recording_ask"))
    keys = {word: prompts.path(SHARED, "en", prompt) or "" for word, prompt in KEY_PROMPTS.items()}
    return lines + "".join(f"GH_KEY_{word}={path}\n" for word, path in keys.items())
