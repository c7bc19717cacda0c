"""The desk's door to steering: who may see its review, teach it, and write down what callers need."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import structlog

from desk.web.ports import NewNeed
from guildhall.callers_needs import SHORT, Order, need_told
from guildhall.desk_wiring import person_of
from guildhall.own_command import run_own
from guildhall.recordings_wiring import Recordings
from guildhall.settings import Settings
from kernel.errors import BadInput, Refused
from kernel.ids import TenantId
from kernel.needs import Need, NeedSource
from kernel.recording import AuditEntry
from kernel.visitor import Visitor
from recordings.core.policy import Role
from recordings.core.subject import subject_number

log = structlog.get_logger()

_WEEK_S = 7 * 86400.0
#: Learning and judging took up to a minute and a half on a busy machine.
_TEACH_S = 600.0


class May(StrEnum):
    """What can be done with steering."""

    #: See the figures of a week; no caller's words.
    REVIEW = "review_steering"
    #: Read what misunderstood callers said, where it is kept, and teach it: audited.
    TEACH = "teach_steering"
    #: See, write down and take out what callers need.
    NEEDS = "callers_needs"


#: The whole law. A pair that is not here is refused. Who teaches needs no caller's number, who knows needs no words.
RIGHTS: Mapping[Role, frozenset[May]] = {
    Role.SUPERVISOR: frozenset({May.REVIEW, May.NEEDS}),
    Role.EVALUATOR: frozenset({May.REVIEW}),
    Role.RECORDS_OFFICER: frozenset({May.REVIEW, May.NEEDS}),
    Role.AUDITOR: frozenset({May.REVIEW}),
    Role.ENGINEER: frozenset({May.REVIEW, May.TEACH}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lesson:
    """One command of an engineer: its words, and what goes in by standard input."""

    council: str
    #: For the audit log; none of a caller's words.
    what: str
    words: tuple[str, ...]
    text: str = field(default="", repr=False)


class DoorToSteering:
    """Meets the desk's port."""

    def __init__(self, settings: Settings, recordings: Recordings) -> None:
        self._settings, self._needs, self._audit = settings, recordings.needs, recordings.audit
        self._digest = recordings.keys.subject
        self._teaching: asyncio.Task[None] | None = None
        #: Council and sentence of the last one.
        self._told: tuple[str, str] | None = None

    def rights(self, who: Visitor) -> Sequence[str]:
        """What she may do at all."""
        return sorted(RIGHTS.get(person_of(who).role, frozenset()))

    async def review(self, who: Visitor, weeks_ago: int) -> Sequence[Mapping[str, object]]:
        """See the port. In a thread of its own: weeks of facts take a processor for seconds."""
        self._allowed(who, May.REVIEW)
        return await asyncio.to_thread(self._review, who, weeks_ago)

    def _review(self, who: Visitor, weeks_ago: int) -> list[Mapping[str, object]]:
        from guildhall.steer_review import ReadBy, review  # noqa: PLC0415 - only where somebody asks

        end = time.time() - weeks_ago * _WEEK_S
        told: list[Mapping[str, object]] = []
        for council in sorted(who.councils):
            asked = review(
                self._settings,
                council,
                end - _WEEK_S,
                end,
                with_words=May.TEACH in self.rights(who),
                by=ReadBy(user=who.user, role=who.role),
            )
            told += [one.as_dict() for one in asyncio.run(asked)]
        return told

    async def teaching(self, who: Visitor) -> Mapping[str, object]:
        """See the port."""
        self._allowed(who, May.TEACH)
        council, told = self._told or ("", "")
        mine = [one for one in await self._taken_back() if one["council"] in who.councils]
        return {"busy": self._busy(), "told": told if council in who.councils else "", "accepted": mine}

    async def accept(self, who: Visitor, council: str, intent: str, text: str) -> None:
        """See the port."""
        self._allowed(who, May.TEACH, council)
        words = ("accept", council, "--intent", intent, "--text", "-")
        self._begin(who, _Lesson(council=council, what=f"a phrase of {intent}", words=words, text=text))

    async def undo(self, who: Visitor, id_: str) -> None:
        """See the port."""
        self._allowed(who, May.TEACH)
        found = next((one for one in await self._taken_back() if one["id"] == id_), None)
        if found is None or found["council"] not in who.councils:
            raise Refused("no_such_phrase", "there is nothing of that id to take back")
        council = str(found["council"])
        self._begin(who, _Lesson(council=council, what=f"{id_} taken back", words=("undo", id_)))

    async def _taken_back(self) -> list[dict[str, object]]:
        from guildhall.accepting import taken_back  # noqa: PLC0415 - the models' runtime takes a second to import

        return await asyncio.to_thread(taken_back, self._settings)

    def _busy(self) -> bool:
        return self._teaching is not None and not self._teaching.done()

    def _begin(self, who: Visitor, lesson: _Lesson) -> None:
        if self._busy():
            raise Refused("busy", "a phrase is being learned: wait until it is done")
        self._told = (lesson.council, "")
        self._teaching = asyncio.create_task(self._teach(who, lesson))

    async def _teach(self, who: Visitor, lesson: _Lesson) -> None:
        try:
            told = await _taught(lesson)
        except (OSError, TimeoutError) as error:
            log.warning("a phrase cannot be taught", error=type(error).__name__)
            self._told = (lesson.council, "not done: try again when the machine is idle")
            return
        except Refused as error:
            self._told = (lesson.council, error.message)
            return
        council, now = TenantId(lesson.council), self._needs.now()
        entry = AuditEntry(
            t=now, who=who.user, role=who.role, action="phrase_taught", council=council, details=lesson.what
        )
        await self._audit.append(entry)
        self._told = (lesson.council, told)

    async def needs(self, who: Visitor) -> Sequence[Mapping[str, object]]:
        """See the port."""
        self._allowed(who, May.NEEDS)
        return [need_told(one) for one in await self._needs.known(None, who.councils)]

    async def add_need(self, who: Visitor, wanted: NewNeed) -> str:
        """See the port."""
        self._allowed(who, May.NEEDS, wanted.council)
        number = subject_number(wanted.number)
        if number is None:
            # Not repeated: it may be somebody's number.
            raise BadInput("bad_number", "a number is written like 01632 960101 or +44 1632 960101")
        order = _order(who, wanted.purpose, wanted.days)
        known = await self._needs.add(self._digest(number), TenantId(wanted.council), _need(wanted.need), order)
        return f"{known.need.value} holds for {wanted.days} days"

    async def remove_need(self, who: Visitor, caller: str, council: str, need: str) -> str:
        """See the port."""
        self._allowed(who, May.NEEDS, council)
        mine = frozenset({TenantId(council)})
        found = [one for one in await self._needs.known(None, mine) if one.subject[:SHORT] == caller]
        if not found:
            raise Refused("no_such_need", "nothing of that kind is registered any more")
        order = _order(who, "taken out", 1)
        count = await self._needs.remove(found[0].subject, mine, _need(need), order)
        return f"{count} taken out"

    def _allowed(self, who: Visitor, right: May, council: str | None = None) -> None:
        """Raise ``Refused`` unless her role has the right, and the council is hers."""
        if right not in self.rights(who) or (council is not None and council not in who.councils):
            raise Refused("not_allowed", "your role, or your council, does not allow this")


async def _taught(lesson: _Lesson) -> str:
    """Run the command in a process of its own: models take 600 MB, and a minute. What it says.

    Raises ``Refused`` with what the command says against it; ``OSError``, ``TimeoutError``.
    """
    ran = await run_own("steer", *lesson.words, within_s=_TEACH_S, said=f"{lesson.text}\n".encode())
    if ran.status != 0:
        # Its last line says what is wrong and what to do.
        last = (ran.wrong.decode("utf-8", "replace").strip().splitlines() or ["not done"])[-1]
        raise Refused("not_taught", last.removeprefix("guildhall: "))
    return ran.out.decode("utf-8", "replace").strip()


def _need(text: str) -> Need:
    try:
        return Need(text)
    except ValueError:
        raise BadInput("bad_need", f"a need is one of {', '.join(Need)}") from None


def _order(who: Visitor, purpose: str, days: int) -> Order:
    return Order(by=who.user, role=who.role, source=NeedSource.REGISTERED, purpose=purpose, days=days)
