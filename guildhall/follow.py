"""The keeper's errand: publish what was edited, bring into force what was planned for now, tell Asterisk of notices."""

from __future__ import annotations

import sys
import time

import structlog

from adapters import log as logging_setup
from guildhall.publishing import NotFit, Order, Say, bring_into_force, publish, tell_asterisk, versions_of
from guildhall.settings import Settings
from kernel.errors import GuildhallError, Refused
from kernel.versions import How

log = structlog.get_logger()

#: A publication that speaks many new prompts takes minutes.
_PATIENCE_S, _AGAIN_S = 600.0, 0.3


def follow(settings: Settings, what: str) -> bool:
    """Do the errand ``edit``, ``due`` or ``notices``; whether it was done."""

    def say(step: str) -> None:
        log.info("publishing", what=what, step=step)

    try:
        if what == "due":
            with versions_of(settings).alone():
                bring_into_force(settings, say)
        elif what == "notices":
            _notices(settings, say)
        else:
            done = publish(settings, settings.dialplans, Order(how=How.EDIT, note="edited"), say)
            log.info("published", version=done.version if done else None)
    except NotFit as wrong:
        log.warning("the edited files are refused; the version in force goes on", faults=list(wrong.lines)[:20])
        return False
    except GuildhallError as error:
        log.error("nothing was published", code=error.code, reason=error.message)  # noqa: TRY400 - the reason says all
        return False
    return True


def _notices(settings: Settings, say: Say) -> None:
    """The static fallback learns of hours changed at short notice. Who publishes just now may have read them before."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with versions_of(settings).alone():
                tell_asterisk(settings, say)
                return
        except Refused:
            if time.monotonic() > until:
                raise
            time.sleep(_AGAIN_S)


if __name__ == "__main__":
    the_settings = Settings()
    logging_setup.configure(the_settings.logs / "publish.jsonl", the_settings.log_level)
    sys.exit(0 if follow(the_settings, sys.argv[1]) else 1)
