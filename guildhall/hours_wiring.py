"""The hours' lines of all councils, answered: each with its PIN and its own count of wrong guesses."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from adapters.asterisk.agi_channel import AgiPhone
from adapters.asterisk.agi_session import AgiSession
from adapters.files.dialplans import Dialplans
from adapters.files.notice_board import NoticeBoard
from desk.hours_line import PinLock, Voice, answer_hours_line
from guildhall.hours_board import CouncilHours
from guildhall.secret_files import pin
from guildhall.settings import Settings
from kernel.errors import GuildhallError
from kernel.ids import TenantId
from kernel.tenant import Tenant

log = structlog.get_logger()


class HoursLines:
    """Answers them, whichever version is in force."""

    def __init__(self, settings: Settings, board: NoticeBoard, voice: Voice) -> None:
        self._settings, self._board, self._voice = settings, board, voice
        self._tenants: dict[TenantId, Tenant] = {}
        self._locks: dict[TenantId, PinLock] = {}

    def take(self, plans: Dialplans) -> None:
        """A version came into force. Wrong guesses stay counted."""
        self._tenants = {tenant.id: tenant for tenant in plans.tenants if tenant.hours_line is not None}
        for tenant in self._tenants:
            try:
                code = pin(self._settings.pins, tenant)
            except GuildhallError as error:
                log.error("no PIN for the hours' line", tenant=tenant, code=error.code, reason=error.message)  # noqa: TRY400 - the reason says all
                continue
            if tenant not in self._locks:
                self._locks[tenant] = PinLock(code, time.monotonic)

    async def answer(self, session: AgiSession, seconds: Callable[[str], float | None]) -> None:
        """One call; the dialplan's argument is the council."""
        tenant = self._tenants.get(TenantId(session.args[0] if session.args else ""))
        lock = self._locks.get(tenant.id) if tenant is not None else None
        if tenant is None or lock is None:
            log.error("no such hours' line", args=len(session.args))
            return
        desk = CouncilHours(tenant, self._board)
        await answer_hours_line(AgiPhone(session, seconds), desk, lock, self._voice)
