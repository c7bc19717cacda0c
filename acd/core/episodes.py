"""From facts to stays in a queue: each with exactly one outcome, so that any sum of them is a sum of calls.

A stay begins when a call enters a queue (``arrive``, or ``transfer`` to a queue) and ends with the first of: an answer,
the caller's going, or a move elsewhere. A call that is transferred back therefore has two stays, and arrived once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from acd.core.invariants_lines import FactLine


class Outcome(StrEnum):
    """How a stay ended. Disjoint and complete: every stay has exactly one."""

    ANSWERED = "answered"
    #: The caller hung up while waiting.
    ABANDONED = "abandoned"
    #: On to another queue, or to one certain agent.
    MOVED = "moved"
    #: The caller left the line and keeps the place.
    CALLBACK = "callback"
    OVERFLOW = "overflow"
    VOICEMAIL = "voicemail"
    INFORMED = "informed"
    TIMEOUT = "timeout"
    REJECTED = "rejected"
    FAILED = "failed"
    #: Still waiting when the lines end.
    OPEN = "open"


@dataclass(slots=True, kw_only=True)
class Stay:
    """One stay of one call in one queue. Times in seconds on the clock of the facts."""

    call: str
    queue: str
    council: str | None
    entered: float
    #: It came here by a transfer or an overflow, not from the telephone.
    moved_in: bool = False
    outcome: Outcome = Outcome.OPEN
    ended: float | None = None
    agent: str | None = None
    #: Taken out of the queue then, by a limit; what became of it is known later. Its wait ends here.
    left: float | None = None

    @property
    def wait_ms(self) -> int:
        """Milliseconds from queue entry to the outcome, ringing included; 0 while open."""
        return 0 if self.ended is None else max(0, round((self.ended - self.entered) * 1000))


#: What begins or ends a stay; the rest of the lines, most of them of agents, is passed over.
_KINDS = frozenset({"arrive", "transfer", "answer", "exit", "callback", "end"})


class Stays:
    """Reads facts line by line and keeps the stays, in the order in which they began."""

    def __init__(self) -> None:
        self.all: list[Stay] = []
        self._open: dict[str, Stay] = {}
        self._council: dict[str, str | None] = {}

    def read(self, fields: Mapping[str, object]) -> None:
        """Take the next line in. Raises ``BadInput`` for a line that is not a fact."""
        if fields.get("ev") not in _KINDS:
            return
        line = FactLine(number=len(self.all) + 1, fields=fields)
        match line.ev:
            case "arrive":
                call = line.text("call")
                if call not in self._council:
                    self._council[call] = line.text_or_none("council")
                    self._enter(line, moved_in=False)
            case "transfer":
                self._leave(line, Outcome.MOVED)
                if line.has("queue"):
                    self._enter(line, moved_in=True)
            case "answer":
                self._leave(line, Outcome.ANSWERED, line.text("agent"))
            case "exit":
                self._taken_out(line)
            case "callback":
                self._leave(line, Outcome.CALLBACK)
            case "end":
                self._leave(line, _ENDS.get(line.text("why"), Outcome.FAILED))
                self._council.pop(line.text("call"), None)

    def _enter(self, line: FactLine, *, moved_in: bool) -> None:
        call = line.text("call")
        stay = Stay(
            call=call, queue=line.text("queue"), council=self._council.get(call), entered=line.t, moved_in=moved_in
        )
        self.all.append(stay)
        self._open[call] = stay

    def _leave(self, line: FactLine, outcome: Outcome, agent: str | None = None) -> None:
        stay = self._open.pop(line.text("call"), None)
        if stay is not None:
            stay.outcome, stay.ended, stay.agent = outcome, line.t if stay.left is None else stay.left, agent

    def _taken_out(self, line: FactLine) -> None:
        stay = self._open.get(line.text("call"))
        if stay is not None:
            stay.left = line.t


#: Words of ``end`` -> the outcome of a stay that had none yet. ``completed`` without an answer is a lie: failed.
_ENDS = {
    "abandoned": Outcome.ABANDONED,
    "overflow": Outcome.OVERFLOW,
    "voicemail": Outcome.VOICEMAIL,
    "callback": Outcome.CALLBACK,
    "informed": Outcome.INFORMED,
    "timeout": Outcome.TIMEOUT,
    "rejected": Outcome.REJECTED,
    "failed": Outcome.FAILED,
}


def stays(lines: Iterable[Mapping[str, object]]) -> list[Stay]:
    """The stays that the lines tell of."""
    read = Stays()
    for line in lines:
        read.read(line)
    return read.all


def by_interval(every: Iterable[Stay], seconds: float) -> Iterator[tuple[float, list[Stay]]]:
    """Split stays by when they began (attribution by arrival): (begin of interval in seconds, its stays), in order.

    To the millisecond: a stay that began 0.4 ms ahead of an interval belongs to the one before.
    """
    step = round(seconds * 1000)
    parts: dict[int, list[Stay]] = {}
    for stay in every:
        parts.setdefault(int(stay.entered * 1000 // step), []).append(stay)
    for number in sorted(parts):
        yield number * step / 1000, parts[number]
