"""Secret input wired together: the dialplan's request, the recorder's leave, and the flow that takes the digits."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from adapters.asterisk.agi_channel import AgiLine
from adapters.asterisk.agi_session import AgiSession
from adapters.speech.prompt_files import Manifest
from guildhall.services_wiring import QUIET
from ivr.session import Ivr
from kernel.ids import ContactId, checked_id
from recordings.secure_input import SecureInput


def take_secret_input(
    ivr: Ivr, secure: SecureInput, prompts: Callable[[], Manifest]
) -> Callable[[AgiSession], Coroutine[Any, Any, None]]:
    """Who answers `[secure-input]`: only for a caller whose agent asked, and whose recording is paused."""

    async def answer(session: AgiSession) -> None:
        line = AgiLine(session, prompts().seconds, QUIET)
        found = secure.under_way(ContactId(line.contact))
        if found is None:
            return
        language = checked_id((*session.args[5:6], "en")[0] or "en", "a language")
        await ivr.secure(line, flow=found.flow, language=language, seconds=found.longest_s)

    return answer
