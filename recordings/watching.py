"""Looks at a call's files during the talk: a recorder that is late, stands still or hears one side only is an alarm.

How long it wrote nothing is told when that is over, from the time of its last write on: the timeline places it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from kernel.ids import AgentId, ContactId
from recordings.core.naming import AGENT, CALLER, CONSULT, MIX, kind_of_join, read_name
from recordings.ports import AudioFolder, Clock

#: Asterisk hands a file to the disk every 32 KB (main/file.c, FILE_MAX_BUFFER), 2 s of a side: by then each has audio.
FIRST_LOOK_S = 6.0
#: P5: an alarm within ten seconds. Three looks at files that do not grow: 9 s at the most, while a word in the agent's
#: ear ("Paused.", 2 s, in which she is not in the call and nothing is written) is no alarm.
NEXT_LOOK_S = 3.0
_STILL_LOOKS = 2
#: So much of a side must be written before its silence means anything: quiet people breathe, a dead line does not.
_ENOUGH_BYTES = 4 * 16000

#: Bytes a second of a file: 8 kHz, 16 bits.
_RATE = 16000

Alarm = Callable[[str, ContactId, str | None], None]
Stalled = Callable[["Stall"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """A stretch in which nothing was written, Unix seconds. ``join`` 0: there never was a file."""

    contact: ContactId
    join: int
    #: late, stalled.
    why: str
    since: float
    until: float


@dataclass(slots=True)
class _Talk:
    """One join under way."""

    agent: AgentId
    #: Unix seconds; None: it was under way when we came.
    began: float | None
    timer: asyncio.TimerHandle | None = None
    #: Nobody writes now, and rightly: a consult, a hold.
    parted: bool = False
    #: The recorder writes silence now, and rightly.
    muted: bool = False
    #: Bytes of the newest join's files at the last look, and how many looks they have been the same.
    held: dict[str, int] = field(default_factory=dict)
    still: int = 0
    #: Number of that join; of the newest one that was another talk's, as far as that is known.
    join: int = 0
    before: int = 0
    #: Nothing is written: why, and since when (Unix seconds).
    stalled: tuple[str, float] | None = None
    #: From this many bytes on a side is listened to: what was written in a pause is silence.
    since: int = 0
    #: Sides in which something was heard.
    heard: set[str] = field(default_factory=set)
    #: What was said of this join already: once each.
    told: set[tuple[str, str | None]] = field(default_factory=set)


class Watch:
    """All joined calls whose rule is to record. Belongs to the engine's event loop; a look is a few stats."""

    def __init__(self, folder: AudioFolder, alarm: Alarm, stalled: Stalled, clock: Clock) -> None:
        self._folder, self._alarm, self._stalled, self._clock = folder, alarm, stalled, clock
        self._talks: dict[ContactId, _Talk] = {}
        #: The last join that was looked at, of contacts that may yet be joined again.
        self._joins: dict[ContactId, int] = {}

    def joined(self, contact: ContactId, agent: AgentId) -> None:
        """A recorder should have begun just now."""
        self._begin(contact, _Talk(agent=agent, began=self._clock.now()), FIRST_LOOK_S)

    def taken_over(self, contact: ContactId, agent: AgentId, *, muted: bool, parted: bool) -> None:
        """A recorder runs since before this engine did."""
        self._begin(contact, _Talk(agent=agent, began=None, muted=muted, parted=parted), NEXT_LOOK_S)

    def _begin(self, contact: ContactId, talk: _Talk, first_look_s: float) -> None:
        self.ended(contact)
        talk.before = self._joins.get(contact, 0)
        self._talks[contact] = talk
        self._again(contact, talk, first_look_s)

    def has(self, contact: ContactId) -> bool:
        """Whether this contact's recorder is looked at."""
        return contact in self._talks

    def left(self, contact: ContactId, agent: AgentId) -> None:
        """The join with this agent is over; another's may have begun before."""
        if (talk := self._talks.get(contact)) is not None and talk.agent == agent:
            self.ended(contact)

    def ended(self, contact: ContactId) -> None:
        """Nobody is to be looked after any more."""
        talk = self._talks.pop(contact, None)
        if talk is None:
            return
        if talk.timer is not None:
            talk.timer.cancel()
        self._joins[contact] = max(talk.join, talk.before)
        self._goes_on(contact, talk, self._clock.now())

    def forget(self, contact: ContactId) -> None:
        """The contact is over."""
        self.ended(contact)
        self._joins.pop(contact, None)

    def parted(self, contact: ContactId) -> None:
        """The two are apart: nothing is written until they meet again, in new files."""
        if (talk := self._talks.get(contact)) is not None:
            talk.parted = True
            self._goes_on(contact, talk, self._clock.now())

    def rejoined(self, contact: ContactId) -> None:
        """They are together again."""
        if (talk := self._talks.get(contact)) is not None:
            self.joined(contact, talk.agent)

    def muted(self, contact: ContactId, *, now: bool) -> None:
        """The recorder is (no longer) paused."""
        if (talk := self._talks.get(contact)) is not None:
            talk.muted, talk.still = now, 0
            # What was written since the last look is silence too.
            talk.since = max(talk.held.values(), default=0) + int(NEXT_LOOK_S * 16000)

    def _again(self, contact: ContactId, talk: _Talk, seconds: float) -> None:
        talk.timer = asyncio.get_running_loop().call_later(seconds, self._look, contact)

    def _look(self, contact: ContactId) -> None:
        talk = self._talks.get(contact)
        if talk is None:
            return
        if not talk.parted:
            try:
                self._examine(contact, talk)
            except OSError:
                self._say("unreadable", contact, talk)
        self._again(contact, talk, NEXT_LOOK_S)

    def _examine(self, contact: ContactId, talk: _Talk) -> None:
        join, names = self._newest(contact)
        held = {side: self._folder.held(name) for side, name in names.items()}
        longest = max(held, key=lambda side: (held[side], side == MIX), default=MIX)
        if not held.get(longest) or join <= talk.before:
            if not talk.muted:
                self._say("recorder_late", contact, talk)
                talk.stalled = talk.stalled or ("late", self._clock.now() if talk.began is None else talk.began)
            return
        talk.join = join
        written = self._folder.written(names[longest])
        if held == talk.held:
            self._stands(contact, talk, written)
        else:
            talk.still = 0
            # What was written since, counted back from its last write, tells when the first one was.
            self._goes_on(contact, talk, written - max(0, held[longest] - talk.held.get(longest, 0)) / _RATE)
        talk.held = held
        for side in (CALLER, AGENT):
            if not held.get(side):
                self._say("missing_side", contact, talk, side)
            elif not talk.muted and side not in talk.heard and held[side] >= talk.since + _ENOUGH_BYTES:
                if self._folder.dead(names[side]):
                    self._say("silent_side", contact, talk, side)
                else:
                    talk.heard.add(side)

    def _stands(self, contact: ContactId, talk: _Talk, written: float) -> None:
        talk.still = 0 if talk.muted else talk.still + 1
        if talk.still >= _STILL_LOOKS:
            self._say("recorder_stalled", contact, talk)
            talk.stalled = talk.stalled or ("stalled", written)

    def _goes_on(self, contact: ContactId, talk: _Talk, at: float) -> None:
        """It writes again, or need not any more: tell how long it did not."""
        if talk.stalled is None:
            return
        (why, since), talk.stalled = talk.stalled, None
        # The next time is another one.
        talk.told -= {("recorder_late", None), ("recorder_stalled", None)}
        self._stalled(Stall(contact=contact, join=talk.join, why=why, since=since, until=max(since, at)))

    def _newest(self, contact: ContactId) -> tuple[int, dict[str, str]]:
        """The newest join and its files by side: each offer opens files, only the last one's belong to this talk."""
        segments = [(segment, name) for name in self._folder.of(contact) if (segment := read_name(name)) is not None]
        joins = [segment.join for segment, _name in segments if kind_of_join(segment.join) != CONSULT]
        newest = max(joins, default=0)
        return newest, {segment.side: name for segment, name in segments if segment.join == newest}

    def _say(self, what: str, contact: ContactId, talk: _Talk, side: str | None = None) -> None:
        detail = side.removeprefix("-") if side else None
        if (what, detail) not in talk.told:
            talk.told.add((what, detail))
            self._alarm(what, contact, detail)
