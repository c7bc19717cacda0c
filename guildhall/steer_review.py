"""The review of steering: reads the facts and kept words of the weeks, scores them, and tells it."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.files.dialplans import read_dialplans
from adapters.store.audit_log import SqlAuditLog
from adapters.store.engine import migrate, open_engine
from adapters.store.steered_calls import SqlSteeredCalls
from adapters.store.steered_words import SqlSteeredWords
from adapters.vault.notes import open_note, seal_note
from guildhall.flow_book import flow_book
from guildhall.recordings_keys import recording_keys
from guildhall.settings import Settings
from ivr.steering.drift import Drift, drifts
from ivr.steering.leads import leads_of
from ivr.steering.review import Counts, Matrix, Scored, counted, matrix, score
from ivr.steering.suggest import Suggestion, judged_by, suggestions
from kernel.errors import GuildhallError
from kernel.ids import ContactId, TenantId
from kernel.recording import AuditEntry
from kernel.steered_words import KeptWords
from kernel.steering import SteeringBook
from kernel.tenant import Tenant

WEEK_S = 7 * 86400.0
#: Weeks that this one is held against.
BEFORE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBy:
    """Who reads callers' words, for the audit log."""

    user: str
    role: str = "engineer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One stretch of seven days (the first may be longer, by --since), counted."""

    begins: float
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What there is to tell of one council."""

    council: TenantId
    since: float
    until: float
    counts: Counts
    matrix: Matrix
    before: tuple[Week, ...]
    drift: tuple[Drift, ...]
    #: Whether the council keeps words at all, by its rule.
    keeps_words: bool
    suggestions: tuple[Suggestion, ...] = ()
    #: Sentences with a known matter, to judge a change by. Personal data.
    sentences: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def as_dict(self) -> dict[str, object]:
        """For ``--json``; the sentences to judge by are left out."""
        told = asdict(self)
        del told["sentences"]
        told["matrix"]["calls"], told["matrix"]["right"] = self.matrix.calls, self.matrix.right
        return told


async def review(  # noqa: PLR0913 - whose, when, and who asks
    settings: Settings,
    council: str | None,
    since: float,
    until: float,
    *,
    with_words: bool = True,
    by: ReadBy | None = None,
) -> list[Review]:
    """Review every council that steers, or one; that words are read is a line of the audit log.

    ``by``: None is whoever has the command line. Raises ``GuildhallError`` when the database does not answer.
    """
    plans = read_dialplans(settings.dialplans)
    book = flow_book(plans)
    await migrate(settings.store_url)
    database = open_engine(settings.store_url)
    found: list[Review] = []
    try:
        scored: dict[TenantId, list[Scored]] = {}
        leads = {
            one.id: leads_of(flow for (tenant, _), flow in book.flows.items() if tenant == one.id)
            for one in plans.tenants
        }
        async for facts in SqlSteeredCalls(database).between(since - BEFORE * WEEK_S, until):
            whose = TenantId(next((str(one["council"]) for one in facts if one.get("council")), ""))
            if (one := score(facts, leads.get(whose, {}))) is not None:
                scored.setdefault(one.council, []).append(one)
        for tenant in plans.tenants:
            if tenant.steering is None or council not in {None, tenant.id}:
                continue
            calls = scored.get(tenant.id, [])
            words = await _words(settings, database, tenant, calls, by) if with_words else []
            found.append(_review(tenant, tenant.steering, calls, words, (since, until)))
    except (SQLAlchemyError, OSError) as error:
        message = f"the facts cannot be read ({type(error).__name__}): look at 'guildhall doctor'"
        raise GuildhallError("no_facts", message) from None
    finally:
        await database.dispose()
    return found


def _review(
    tenant: Tenant, book: SteeringBook, calls: Sequence[Scored], words: Sequence[KeptWords], span: tuple[float, float]
) -> Review:
    since, until = span
    now = [one for one in calls if one.t >= since]
    weeks = []
    for week in range(BEFORE, 0, -1):
        begins = since - week * WEEK_S
        weeks.append(Week(begins=begins, counts=counted(c for c in calls if begins <= c.t < begins + WEEK_S)))
    earlier = counted(one for one in calls if one.t < since)
    mine = {one.call for one in now}
    return Review(
        council=tenant.id,
        since=since,
        until=until,
        counts=counted(now),
        matrix=matrix(now),
        before=tuple(weeks),
        drift=drifts(counted(now), earlier),
        keeps_words=book.words is not None,
        suggestions=tuple(suggestions(now, [one for one in words if one.call in mine], book)),
        sentences=tuple(judged_by(calls, words)),
    )


async def _words(
    settings: Settings, database: AsyncEngine, tenant: Tenant, calls: Sequence[Scored], by: ReadBy | None
) -> list[KeptWords]:
    keys = recording_keys(settings)
    store = SqlSteeredWords(database, lambda n, t: seal_note(keys, n, t), lambda n, t: open_note(keys, n, t))
    found = await store.of_calls([ContactId(one.call) for one in calls])
    if found:
        by = by or ReadBy(user=pwd.getpwuid(os.getuid()).pw_name)
        now = datetime.now(UTC).timestamp()
        told = f"{len(found)} sentences said to steering"
        entry = AuditEntry(t=now, who=by.user, role=by.role, action="words_read", council=tenant.id, details=told)
        await SqlAuditLog(database).append(entry)
    return found


def review_lines(one: Review) -> Iterator[str]:
    """A review for people."""
    yield f"{one.council}: {_day(one.since)} to {_day(one.until)}"
    counts = one.counts
    if not counts.calls:
        yield "  nobody said anything to steering"
    else:
        yield (
            f"  {counts.calls} calls said something: {_share(counts.refused, counts.calls)} not understood,"
            f" {_share(counts.unsure, counts.calls)} asked back"
        )
        yield f"  misrouted: {_share(counts.misrouted, counts.routed)} of {counts.routed} that can be told"
        yield f"  understood right: {_share(one.matrix.right, one.matrix.calls)} of {one.matrix.calls} that can be told"
    for about, understood, count in one.matrix.mistakes()[:10]:
        yield f"    {count:4}  {about or 'none of them'} was understood as {understood or 'nothing'}"
    for drift in one.drift:
        yield f"  {'ALARM' if drift.alarm else '     '} {drift.share:<10}{_compared(drift)}"
    yield from _suggested(one)


def _suggested(one: Review) -> Iterator[str]:
    if not one.keeps_words:
        yield "  no phrases to suggest: this council keeps no words (`words:` in its intents.yaml)"
        return
    for phrase in one.suggestions[:20]:
        times = f", {phrase.calls} calls" if phrase.calls > 1 else ""
        meant, not_ = phrase.intent or "out_of_scope", phrase.understood or "nothing"
        yield f"  {phrase.id:>6}  {meant} (not {not_}{times}): {phrase.text}"
    if one.suggestions:
        yield "  Read them: a phrase must name nobody. Then: guildhall steer accept ID [--text 'other words']"


def _compared(drift: Drift) -> str:
    if drift.now is None:
        return "nothing to tell it by"
    now = f"{drift.now:.1%} of {drift.of_now}"
    if drift.before is None:
        return f"{now}; nothing before to hold it against"
    chance = "too few calls to tell" if drift.chance is None else f"by chance {drift.chance:.2g}"
    return f"{now}, before {drift.before:.1%} of {drift.of_before}: {chance}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def _day(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%d %H:%M")
