"""What the facts tell of a contact's joins: which file belongs to which answer, whose call it was, how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kernel.ids import AgentId, QueueId, TenantId

#: No fact tells the council: only those who may hear every council's calls find it.
UNKNOWN = TenantId("unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of the contact, Unix seconds."""

    t: float
    agent: AgentId
    queue: QueueId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One contact's life, as far as recordings need it."""

    council: TenantId
    answers: tuple[Answer, ...]
    #: How it ended; None while it has not.
    outcome: str | None

    def answer_near(self, began: float, nth: int) -> Answer | None:
        """The answer whose audio begins then; of two alike the ``nth`` (from 0).

        The number in the file's name counts offers that reached the PBX, not answers: the time decides.
        """
        if not self.answers:
            return None
        return min(
            enumerate(self.answers),
            key=lambda pair: (round(abs(pair[1].t - began)), abs(pair[0] - nth)),
        )[1]


def story_of(lines: Iterable[Mapping[str, object]]) -> Story:
    """Fold a contact's facts (lines of the export, in their order)."""
    council, queue, outcome = UNKNOWN, None, None
    answers: list[Answer] = []
    for line in lines:
        kind = line.get("ev")
        if "council" in line and kind in {"call", "arrive"}:
            council = TenantId(str(line["council"]))
        if line.get("queue") is not None and kind in {"arrive", "transfer"}:
            queue = QueueId(str(line["queue"]))
        if kind == "answer":
            answers.append(Answer(t=_number(line["t"]), agent=AgentId(str(line["agent"])), queue=queue))
        elif kind == "end":
            outcome = str(line["why"])
    return Story(council=council, answers=tuple(answers), outcome=outcome)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
