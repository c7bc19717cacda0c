"""A prompt whose file is missing or broken: an alarm, and its words spoken instead."""

from __future__ import annotations

import structlog

from ivr import asking
from ivr.outside import Outside
from kernel.facts import AlarmRaised
from kernel.ids import TenantId

log = structlog.get_logger()


async def spoken_instead(outside: Outside, language: str, prompt: str) -> str | None:
    """The path of the words, spoken in good time; None when they cannot be.

    A lost prompt is an alarm: a caller who hears a tone instead of the choices is helped by nobody who does not know.
    """
    line, speech = outside.line, outside.services.speech
    log.error("ALARM: a prompt cannot be played", tenant=line.tenant, prompt=prompt, language=language)
    council = TenantId(line.tenant)
    outside.facts.publish(AlarmRaised(t=outside.clock.now(), what="prompt_silent", council=council))
    return None if speech is None else await asking.instead(speech, line.tenant, language, prompt)
