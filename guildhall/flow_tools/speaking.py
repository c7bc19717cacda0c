"""A scenario's caller who speaks on a real call: she hears the question out, says her sentence, presses at the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from guildhall.flow_tools.text_call import Script
from guildhall.settings import Settings
from guildhall.speech_models import model_files
from guildhall.speech_wiring import MODELS
from kernel.errors import BadInput
from lab.calling import OutgoingLeg
from lab.listen import QUIET_DBFS, energy_per_window
from lab.service import ServiceProcess, eventually
from lab.voice import read_telephone_wav

#: One worker of each engine, and patience: what is judged is the way of the call, not how busy this machine is.
LISTENING = {"speech_workers": "1", "speech_patience": "5"}
#: Loading takes seconds, learning a council's phrases ten.
_LOADED_WITHIN_S = 120.0
#: Between two prompts of one question there is less.
_OVER_S = 0.6
_TURN_S = 60.0

Story = Callable[[], Awaitable[list[dict[str, Any]]]]


def unfit_to_speak(script: Script) -> str:
    """Why this caller cannot speak on a real call; empty when she can."""
    if not script.sounds:
        return "it speaks, and no sound files say how ('speech')"
    if "." in script.keys:
        return "it speaks and is silent"
    missing = model_files(Settings()).missing([next(iter(MODELS.values())), "silero-vad"])
    return "it speaks, and there is no speech model here (run make setup)" if missing else ""


async def somebody_listens(service: ServiceProcess) -> None:
    """Wait until an engine and the councils' steering are loaded. Raises ``BadInput``."""
    log = service.place / "var" / "log" / "engine.jsonl"

    def loaded() -> bool:
        text = log.read_text("utf-8")
        return "a speech worker is ready" in text and "steering is ready" in text

    try:
        await eventually(loaded, within_s=_LOADED_WITHIN_S, every_s=0.3)
    except AssertionError:
        raise BadInput("nobody_listens", "no recogniser was loaded in time: see what `guildhall doctor` says") from None


async def speak(leg: OutgoingLeg, script: Script, story: Story, questions: Collection[tuple[str, str]]) -> None:
    """Say each sentence when she is asked for it; then press each key in the choices that follow.

    ``questions``: the flows' steps that listen.
    """
    for number, sound in enumerate(script.sounds):
        await _asked(story, number, questions)
        await _hears_out(leg)
        leg.speak(sound)
        await asyncio.sleep(len(read_telephone_wav(sound)) / 16000)
    for key in script.keys:
        await _asked(story, len(script.sounds), questions)
        await _hears_out(leg)
        await leg.press(key)


async def _asked(story: Story, said: int, questions: Collection[tuple[str, str]]) -> None:
    """Wait until the flow listens for the first time, or has understood something of each sentence so far."""

    async def look() -> bool:
        facts = await story()
        if any(fact["ev"] in {"arrive", "end"} for fact in facts):
            return True
        if not said:
            return any(fact["ev"] == "step" and (fact["flow"], fact["step"]) in questions for fact in facts)
        return len([fact for fact in facts if fact["ev"] == "steer"]) >= said

    await eventually(look, within_s=_TURN_S, every_s=0.3)


async def _hears_out(leg: OutgoingLeg) -> None:
    """Wait until whoever speaks to her has finished."""
    since = time.time()

    def sounds(start: float) -> bool:
        return any(level > QUIET_DBFS for level in energy_per_window(leg.media.heard(start)))

    def over() -> bool:
        return not leg.alive or (sounds(since) and not sounds(time.time() - _OVER_S))

    await eventually(over, within_s=_TURN_S)
