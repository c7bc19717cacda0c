"""Takes the PBX's files of a call that ended into the catalogue, each join once, with what the facts tell of it."""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from enum import Enum

import structlog

from kernel.errors import BadInput
from kernel.facts import AlarmRaised
from kernel.ids import ContactId
from kernel.recording import NO_FIGURES, Original, Recording, RecordingId
from kernel.recording_rule import RecordingRule
from recordings.core.gaps import UNEXPLAINED, Span, began_of, gaps_of
from recordings.core.naming import AGENT, CALLER, CONSULT, MIX, kind_of_join, read_name
from recordings.core.story import Story, story_of
from recordings.ports import CallHistory, Catalogue, Clock, FactSink, Rules, Subjects, Workshop

log = structlog.get_logger()

#: A dead side is an alarm in calls of this length (P5: "silent on one side").
_DEAD_AFTER_S = 5.0
#: The PBX closes a file behind the hang-up. One that has no length in its header and was written a moment ago is not
#: closed yet: what was taken in now would be too short, and a side that still waits for its first block missing.
_CLOSING_S = 20.0
#: A file that nobody wrote for so long belongs to no call: what the facts do not tell of is taken in all the same.
_ORPHAN_S = 24 * 3600.0


class Taken(Enum):
    """What became of asking for a contact."""

    #: Its joins stand in the catalogue.
    IN = "in"
    #: As far as the stored facts tell its call has not ended.
    UNDER_WAY = "under_way"
    #: Its call has ended, and the PBX still writes: ask again soon.
    CLOSING = "closing"


class Intake:
    """Registers recordings. Safe to call again and again, and after any kill."""

    def __init__(  # noqa: PLR0913 - what it works with, each by name
        self,
        *,
        workshop: Workshop,
        catalogue: Catalogue,
        history: CallHistory,
        subjects: Subjects,
        facts: FactSink,
        clock: Clock,
        rules: Callable[[], Rules],
    ) -> None:
        self._workshop, self._catalogue = workshop, catalogue
        self._history, self._subjects, self._facts = history, subjects, facts
        self._clock, self._rules = clock, rules

    async def contacts(self) -> list[ContactId]:
        """The contacts that have files in the folder, also those whose calls still go on."""
        names = await asyncio.to_thread(self._workshop.names)
        return sorted({segment.contact for name in names if (segment := read_name(name)) is not None})

    async def take_in(self, contact: ContactId) -> Taken:
        """Register the contact's joins, once its call has ended and its files are closed."""
        story = story_of(await self._history.of(contact))
        files = await asyncio.to_thread(self._files, contact)
        every = [file for sides in files.values() for file in sides.values()]
        now = self._clock.now()
        if story.outcome is None and now - max((file.ended for file in every), default=0.0) < _ORPHAN_S:
            return Taken.UNDER_WAY
        if any(not file.finished and now - file.ended < _CLOSING_S for file in every):
            return Taken.CLOSING
        subject = await self._subjects.of(contact) if files else None
        # A version may have come into force since the last call; reading one takes a second.
        rules = await asyncio.to_thread(self._rules)
        for nth, (join, sides) in enumerate(sorted(files.items())):
            recording = self._described(contact, join, sides, story, nth, subject, rules)
            if await self._catalogue.register(recording):
                log.info("recording found", call=contact, recording=recording.id)
                await self._examine(recording, sides)
        return Taken.IN

    async def _examine(self, recording: Recording, sides: dict[str, Original]) -> None:
        """Alarm at once, long before the sealing, when a side is missing or dead (P5)."""
        # A consult is one file, both voices in one.
        for side in () if recording.kind == CONSULT else (CALLER, AGENT):
            name = side.removeprefix("-")
            if side not in sides:
                self._alarm("missing_side", recording, name)
            elif sides[side].seconds >= _DEAD_AFTER_S and await asyncio.to_thread(self._workshop.dead, sides[side]):
                self._alarm("silent_side", recording, name)
        for gap in recording.gaps:
            if gap.why == UNEXPLAINED:
                self._alarm("unexplained_gap", recording, f"{gap.seconds:.0f}s")

    def _alarm(self, what: str, recording: Recording, detail: str) -> None:
        log.error("ALARM: something is wrong with a recording", what=what, recording=recording.id, detail=detail)
        self._facts.publish(AlarmRaised(t=self._clock.now(), what=what, contact=recording.call, detail=detail))

    def _files(self, contact: ContactId) -> dict[int, dict[str, Original]]:
        """Usable files by join and side. A join of which only unreadable files are there is listed with a blank."""
        found: defaultdict[int, dict[str, Original]] = defaultdict(dict)
        for name in self._workshop.names():
            segment = read_name(name)
            if segment is None or segment.contact != contact:
                continue
            try:
                found[segment.join][segment.side] = self._workshop.check(name)
            except FileNotFoundError:
                continue
            except BadInput as error:
                if error.code == "empty_recording":
                    continue
                # It is catalogued all the same: the pipeline will call it broken, aloud.
                found[segment.join][segment.side] = _blank(name)
        return {join: sides for join, sides in found.items() if sides}

    def _described(  # noqa: PLR0913, PLR0917 - a join of a contact, and what is known of it
        self,
        contact: ContactId,
        join: int,
        sides: dict[str, Original],
        story: Story,
        nth: int,
        subject: str | None,
        rules: Rules,
    ) -> Recording:
        # The mix is what the facts' `recording` measures; the sides are as long.
        main = sides.get(MIX) or sides.get(CALLER) or sides[AGENT]
        ended = main.ended or self._clock.now()
        began = began_of(ended, main.seconds, [one for one in story.silences if one.lost_of == join])
        answer = story.answer_near(began, nth)
        rule = rules.queues.get(answer.queue) if answer is not None and answer.queue is not None else None
        purpose = rule.purpose if rule is not None else RecordingRule().purpose
        return Recording(
            id=RecordingId(secrets.token_hex(16)),
            call=contact,
            join=join,
            kind=kind_of_join(join),
            council=story.council,
            queue=answer.queue if answer else None,
            agent=answer.agent if answer else None,
            began=began,
            ended=ended,
            seconds=round(main.seconds, 3),
            outcome=story.outcome,
            purpose=purpose,
            subject=subject,
            gaps=gaps_of([Span(start=began, end=ended)], story.silences),
            keep_until=rules.retention.keep_until(story.council, purpose, ended),
            figures=NO_FIGURES if story.language is None else {"language": story.language},
        )


def _blank(name: str) -> Original:
    return Original(name=name, seconds=0.0, rate=8000, channels=1, ended=0.0, offset=0, finished=False)


def sides_of(originals: Iterable[Original]) -> list[tuple[str, Original]]:
    """What is kept of a join: the two sides apart, or the mix when a side is missing; named for figures."""
    by_side = {segment.side: one for one in originals if (segment := read_name(one.name)) is not None}
    if CALLER in by_side and AGENT in by_side:
        return [("caller", by_side[CALLER]), ("agent", by_side[AGENT])]
    return [("both", by_side[MIX])] if MIX in by_side else [(side[1:], one) for side, one in by_side.items()]
