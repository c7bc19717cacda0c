"""The ten invariants of the facts export, checked over its lines: on a simulated day or on what really happened.

Read the table at the end first: kind of fact -> what the checker does with it. Kinds not in it are passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from acd.core import invariants_offer as offers
from acd.core.invariants_idle import IdleWatch
from acd.core.invariants_lines import FactLine
from acd.core.invariants_recording import recording_breaches
from acd.core.invariants_state import ROUNDING_S, Bar, Breach, Call, Floor
from kernel.agent import AgentWord

__all__ = ["Breach", "Checker", "check"]

#: Facts reach the store in batches: a live export may lack what happened in its last moment, seconds.
_UNSTORED_S = 1.0


def check(
    lines: Iterable[Mapping[str, object]],
    *,
    recorded: Callable[[str], bool] | None = None,
    recording_grace_s: float = 10.0,
) -> list[Breach]:
    """Return every breach of I1 to I10 in the lines of an export, in the order they are noticed.

    ``recorded`` says of a queue whether the rule is to record its calls; None means all of a live export and, since
    nothing is recorded there, none of a simulation. A recording may come ``recording_grace_s`` seconds after the talk.
    Raises ``BadInput`` for a line that is not a fact.
    """
    checker = Checker()
    for line in lines:
        checker.read(line)
    return checker.finish(recorded=recorded, recording_grace_s=recording_grace_s)


class Checker:
    """Reads lines one by one; remembers what it needs of them."""

    def __init__(self) -> None:
        self.floor = Floor()
        self.watch = IdleWatch(self.floor)
        self.recordings: dict[str, list[tuple[float, float]]] = {}
        self._breaches: list[Breach] = []
        self._count = 0
        self._last_t = float("-inf")
        self._live = False

    def read(self, fields: Mapping[str, object]) -> None:
        """Take the next line in."""
        self._count += 1
        line = FactLine(number=self._count, fields=fields)
        handler = _HANDLERS.get(line.ev)
        if handler is None:
            return
        self._last_t = max(self._last_t, line.t)
        if line.ev in _OF_A_CALL:
            self._breaches.extend(self._order(line))
        self._breaches.extend(handler(self, line))

    def finish(self, *, recorded: Callable[[str], bool] | None, recording_grace_s: float) -> list[Breach]:
        """See to what only the end shows, and return all breaches."""
        self._breaches.extend(self.watch.all_end(self._last_t))
        asked = recorded or (lambda _queue: self._live)
        closed_by = self._last_t - recording_grace_s
        for call in self.floor.calls.values():
            found = self.recordings.get(call.id, [])
            self._breaches.extend(recording_breaches(call, found, wanted=asked(call.queue), closed_by=closed_by))
        return self._breaches

    def call(self, line: FactLine) -> Call:
        """Return the line's call; one never seen arriving is not known in detail."""
        name = line.text("call")
        return self.floor.calls.setdefault(name, Call(id=name, known=False))

    def _order(self, line: FactLine) -> Iterator[Breach]:
        """I5: nothing but a recording follows the end. I10: time does not run backwards."""
        call = self.call(line)
        if line.ev == "recording":
            return
        if call.ended:
            after = "a second end" if line.ev == "end" else f"{line.ev} after the end"
            yield Breach(invariant="I5", t=line.t, call=call.id, agent=line.text_or_none("agent"), message=after)
        begins = line.ev in {"arrive", "transfer"}
        # What was recovered from the PBX's records bears the time of the records.
        if not begins and not line.has("src") and line.t < call.episode_at - ROUNDING_S:
            back = f"{line.ev} lies {call.episode_at - line.t:.6f} s before the fact ahead of it"
            yield Breach(invariant="I10", t=line.t, call=call.id, agent=line.text_or_none("agent"), message=back)
        call.episode_at = line.t if begins else max(call.episode_at, line.t)

    def export(self, line: FactLine) -> Iterator[Breach]:
        """A live export begins: these calls were open, and the agents were so."""
        self._live = True
        if line.has("to"):
            self._last_t = max(self._last_t, line.amount("to") - _UNSTORED_S)
        for name in line.words("open") if line.has("open") else ():
            self.floor.calls[name] = Call(id=name, known=False)
        for one in line.snapshot():
            yield from self.agent(one)

    def config(self, line: FactLine) -> Iterator[Breach]:
        """A policy is in force from now on."""
        names = ("max_parallel_offers", "wrapup_ms", "rona_exclude_ms")
        told = {name: line.amount(name) for name in names if line.has(name)}
        self.floor.set_policy(line.text_or_none("queue"), told)
        yield from ()

    def engine(self, line: FactLine) -> Iterator[Breach]:
        """The engine decides, or decides nothing; or it has decided nothing since a moment that it tells."""
        up, stood = line.text("state") == "up", line.has("since")
        if not up or stood:
            yield from self.watch.all_end(line.amount("since") if stood else line.t)
            self.watch.deciding_since = None
        if up and self.watch.deciding_since is None:
            self.watch.deciding_since = line.t

    def agent(self, line: FactLine) -> Iterator[Breach]:
        """An agent's state, or what she may take."""
        agent, t = self.floor.agent(line.text("agent")), line.t
        skills = line.skills() if line.has("skills") else agent.skills
        queues = line.words("queues") if line.has("queues") else agent.queues
        councils = agent.councils
        if line.has("councils"):
            councils = line.words("councils")
        elif line.has("council") and not councils:
            councils = frozenset({line.text("council")})
        if line.text_or_none("council") == "*":
            councils |= {"*"}
        state = line.agent_state() or agent.state
        changed = (skills, queues, councils) != (agent.skills, agent.queues, agent.councils)
        if changed or state is not AgentWord.AVAILABLE:
            yield from self.watch.agent_ends(agent, t)
        if changed:
            self.floor.withdraw(agent)
            agent.skills, agent.queues, agent.councils = skills, queues, councils
            agent.profile_since = t
        agent.known = agent.known or line.has("queues")
        if line.has("queues"):
            agent.held = line.fields.get("held") is True
            agent.own_queues = agent.own_queues if agent.held else queues
        agent.state = state
        self.floor.refresh(agent, t)

    def arrive(self, line: FactLine) -> Iterator[Breach]:
        """The contact enters the queue. A second arrival of a call keeps its place: the first one counts."""
        call = self.call(line)
        if call.known:
            if call.failed and not call.ended:
                lost = "arrives anew after a ring-out or refusal: the old place is lost"
                yield Breach(invariant="I6", t=line.t, call=call.id, agent=None, message=lost)
            return
        self.floor.waits_no_more(call)
        call.known, call.waiting = True, True
        call.queue, call.council = line.text("queue"), line.text_or_none("council")
        call.priority = line.amount("priority") if line.has("priority") else 0
        call.arrived, call.arrival_line = line.t, line.number
        call.needs = [(line.t, line.skills())]
        if not call.offers:
            self.floor.waits(call, line.t)

    def priority(self, line: FactLine) -> Iterator[Breach]:
        """Its place changes; its wait goes on."""
        self.floor.moved(self.call(line), {"priority": line.amount("priority")})
        yield from ()

    def relax(self, line: FactLine) -> Iterator[Breach]:
        """What is required changes."""
        call = self.call(line)
        yield from self.watch.call_ends(call, line.t)
        self.floor.moved(call, {"needs": [*call.needs, (line.t, line.skills())]})

    def may(self, line: FactLine) -> Iterator[Breach]:
        """Bars come up or are changed. One for the same reason and the same agent takes the older one's place."""
        call, t, why = self.call(line), line.t, line.text_or_none("why") or ""
        until = line.amount("until") if line.has("until") else float("inf")
        new = [Bar(since=t, until=until, why=why, not_=name) for name in (line.words("not") if line.has("not") else ())]
        if line.has("agents"):
            new.append(Bar(since=t, until=until, why=why, only=line.words("agents")))
        replaced = {(bar.why, bar.not_) for bar in new}
        call.bars = [_cut(bar, t) if (bar.why, bar.not_) in replaced else bar for bar in call.bars] + new
        yield from ()

    def recording(self, line: FactLine) -> Iterator[Breach]:
        """A segment was filed; only the whole is compared, at the end."""
        if (line.text_or_none("kind") or "call") == "call":
            muted = line.amount("muted") if line.has("muted") else 0.0
            self.recordings.setdefault(line.text("call"), []).append((line.amount("seconds"), muted))
        yield from ()

    def unrecorded(self, line: FactLine) -> Iterator[Breach]:
        """Not recorded from here on, by rule: its length is not compared."""
        self.call(line).unrecorded = True
        yield from ()

    def alarm(self, line: FactLine) -> Iterator[Breach]:
        """P5: as long as the talk, or an alarm. What was said aloud is not missing silently."""
        contact = line.text_or_none("contact")
        if contact in self.floor.calls and line.text("what") in _ALARMS:
            self.floor.calls[contact].unrecorded = True
        yield from ()

    def passed_over(self, _line: FactLine) -> Iterator[Breach]:
        """Facts that only their order is checked of."""
        yield from ()


def _cut(bar: Bar, t: float) -> Bar:
    return Bar(since=bar.since, until=min(bar.until, t), why=bar.why, only=bar.only, not_=bar.not_)


#: Alarms that tell of audio which is not there.
_ALARMS = frozenset({"no_recording", "recorder_late", "recorder_stalled", "missing_side", "unreadable"})
_Handler = Callable[[Checker, FactLine], Iterable[Breach]]

_HANDLERS: dict[str, _Handler] = {
    "export": Checker.export,
    "config": Checker.config,
    "engine": Checker.engine,
    "agent": Checker.agent,
    "arrive": Checker.arrive,
    "priority": Checker.priority,
    "relax": Checker.relax,
    "may": Checker.may,
    "offer": lambda checker, line: offers.offer(checker.floor, checker.watch, checker.call(line), line),
    "offer_end": lambda checker, line: offers.offer_end(checker.floor, checker.call(line), line),
    "answer": lambda checker, line: offers.answer(checker.floor, checker.watch, checker.call(line), line),
    "hold": Checker.passed_over,
    "unhold": Checker.passed_over,
    "leave": lambda checker, line: offers.leave(checker.floor, checker.call(line), line),
    "transfer": lambda checker, line: offers.transfer(checker.floor, checker.watch, checker.call(line), line),
    "callback": lambda checker, line: offers.callback(checker.floor, checker.watch, checker.call(line), line),
    "recording": Checker.recording,
    "unrecorded": Checker.unrecorded,
    "alarm": Checker.alarm,
    "end": lambda checker, line: offers.end(checker.floor, checker.watch, checker.call(line), line),
}

_OF_A_CALL = _HANDLERS.keys() - {"unrecorded", "alarm", "export", "config", "engine", "agent"}
