"""Where this checkout's changes of hours at short notice are kept, and one council's hours for its hours' line."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from adapters.files.notice_board import NoticeBoard
from desk.hours_line import What
from guildhall.settings import Settings
from kernel.errors import BadInput
from kernel.hours import LONDON, Hours, Opening, Override, open_at
from kernel.notices import Notice, changes, overrides_of, until_next_opening
from kernel.tenant import Tenant

log = structlog.get_logger()

#: Key 2 of the hours' line.
_LONGER = timedelta(hours=1)


def notice_board(settings: Settings) -> NoticeBoard:
    """This checkout's notices."""
    return NoticeBoard(settings.var / "notices.jsonl")


def standing_notices(settings: Settings) -> tuple[Notice, ...]:
    """Those that are not over; none, and a word in the log, where the board cannot be read: the files' hours hold."""
    try:
        found = notice_board(settings).notices()
    except BadInput as error:
        log.error("the notices cannot be read", code=error.code, reason=error.message)  # noqa: TRY400 - the reason says all
        return ()
    return tuple(one for one in found if one.ends > _now())


class CouncilHours:
    """One council's hours, spoken and changed."""

    def __init__(self, tenant: Tenant, board: NoticeBoard) -> None:
        self._tenant, self._board = tenant, board
        self._hours: dict[str, Hours] = {one.name: one for one in tenant.hours.values()}

    def names(self) -> Sequence[str]:
        """The hours there are."""
        return sorted(self._hours)

    def state(self, name: str) -> str:
        """How it stands now and until when."""
        return _sentence(name, open_at(self._hours[name], _now(), notices=self._beside(name)))

    def plan(self, name: str, what: What) -> tuple[str, Callable[[], None]]:
        """What exactly a change would do, and the deed. Raises ``BadInput``."""
        if what is What.TAKE_BACK:
            return self._taking_back(name)
        now, hours, beside = _now(), self._hours[name], self._beside(name)
        if what is What.CLOSE:
            ends = until_next_opening(hours, now, beside)
        else:
            opening = open_at(hours, now, notices=beside)
            ends = (opening.until or now if opening.open else now) + _LONGER
        notice = Notice(
            id="", tenant=self._tenant.id, hours=name, begins=now, ends=ends, open=what is What.EXTEND,
            why=f"{what.name.lower()} by telephone", by="telephone", t=time.time(),
        )  # fmt: skip
        found, after = changes(hours, notice, now, beside=beside)
        word = "open" if notice.open else "closed"
        told = f"{_name(name)} will be {word} from {_clock(found[0].begins)} until {_clock(found[-1].ends)}. "
        return told + "Then " + _sentence(name, after), lambda: _put(self._board, notice)

    def _taking_back(self, name: str) -> tuple[str, Callable[[], None]]:
        now = _now()
        standing = [
            one
            for one in self._board.notices()
            if (one.tenant, one.hours) == (self._tenant.id, name) and one.begins <= now < one.ends
        ]
        if not standing:
            raise BadInput("no_notice", "nothing is changed at short notice")
        last = standing[-1]
        rest = tuple(one.override() for one in standing[:-1])
        after = _sentence(name, open_at(self._hours[name], now, notices=rest))
        return f"The last change will be taken back. Then {after}", lambda: _take_back(self._board, last.id)

    def _beside(self, name: str) -> tuple[Override, ...]:
        return overrides_of(self._board.notices(), self._tenant.id, _now()).get(name, ())


def _put(board: NoticeBoard, notice: Notice) -> None:
    board.put(notice)


def _take_back(board: NoticeBoard, notice: str) -> None:
    board.take_back(notice, by="telephone", t=time.time())


def _now() -> datetime:
    return datetime.now(UTC)


def _name(name: str) -> str:
    return name.replace("_", " ")


def _sentence(name: str, opening: Opening) -> str:
    until = "" if opening.until is None else f" until {_clock(opening.until)}"
    return f"{_name(name)} is {'open' if opening.open else 'closed'}{until}."


def _clock(when: datetime) -> str:
    """As it is said: the day only when it is not today."""
    local = when.astimezone(LONDON)
    day = "" if local.date() == _now().astimezone(LONDON).date() else f" on {local:%A}"
    return f"{local.hour}:{local.minute:02d}{day}"
