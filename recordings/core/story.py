"""What the facts tell of a contact's joins: which file belongs to which answer, whose call it was, what was silent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kernel.ids import AgentId, QueueId, TenantId
from recordings.core.gaps import Reason

#: No fact tells the council: only those who may hear every council's calls find it.
UNKNOWN = TenantId("unknown")
#: Facts that bring the contact (back) into a queue: from there to the next answer nobody talks.
_WAITS = {"arrive", "transfer"}
#: A fact that ends what another began.
_ENDS = {"consult_end": "consult", "rec_start": "unrecorded"}
_WHY_STALLED = {"late": "the recorder began late", "stalled": "the recorder stood still: nothing was written"}
_WHY_UNRECORDED = {
    "never": "the queue's rule is not to record",
    "on_demand": "recorded only on demand",
    "declined": "the caller did not agree",
}


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
    #: Why there was no audio: pauses, waits, rules.
    silences: tuple[Reason, ...] = ()
    #: What the caller was told of recording.
    told: str | None = None
    #: Which language she chose.
    language: str | None = None

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


@dataclass(slots=True)
class _Folding:
    """The story so far."""

    council: TenantId = UNKNOWN
    queue: QueueId | None = None
    outcome: str | None = None
    told: str | None = None
    language: str | None = None
    answers: list[Answer] = field(default_factory=list)
    silences: list[Reason] = field(default_factory=list)
    #: What began and has not ended: kind -> (since, why).
    open: dict[str, tuple[float, str]] = field(default_factory=dict)

    def close(self, kind: str, t: float, more: str = "") -> None:
        if (begun := self.open.pop(kind, None)) is not None:
            self.silences.append(Reason(start=begun[0], end=t, why=begun[1] + more, inside=kind == "pause"))


def story_of(lines: Iterable[Mapping[str, object]]) -> Story:
    """Fold a contact's facts (lines of the export, in their order)."""
    told, last = _Folding(), 0.0
    for line in lines:
        last = _number(line.get("t"))
        _place(told, line, last)
        _take(told, str(line.get("ev")), line, last)
    for kind in tuple(told.open):
        told.close(kind, last)
    return Story(
        council=told.council,
        answers=tuple(told.answers),
        outcome=told.outcome,
        silences=tuple(told.silences),
        told=told.told,
        language=told.language,
    )


def _place(told: _Folding, line: Mapping[str, object], t: float) -> None:
    kind = line.get("ev")
    if "council" in line and kind in {"call", "arrive"}:
        told.council = TenantId(str(line["council"]))
    if "language" in line and kind == "arrive":
        told.language = str(line["language"])
    if kind in _WAITS:
        if line.get("queue") is not None:
            told.queue = QueueId(str(line["queue"]))
        told.open.setdefault("wait", (t, f"waiting in {told.queue}"))


def _take(told: _Folding, kind: str, line: Mapping[str, object], t: float) -> None:
    if kind == "answer":
        told.close("wait", t)
        told.answers.append(Answer(t=t, agent=AgentId(str(line["agent"])), queue=told.queue))
    elif kind == "leave":
        told.close("unrecorded", t)
        told.open.setdefault("wait", (t, "between two agents"))
    elif kind == "consult":
        told.open["consult"] = (t, f"{line['agent']} asks {line.get('to') or 'nobody, a hold'}: music")
    elif kind == "unrecorded":
        told.open["unrecorded"] = (t, _WHY_UNRECORDED.get(str(line["why"]), str(line["why"])))
    elif kind in _ENDS:
        told.close(_ENDS[kind], t)
    elif kind == "told":
        told.told = str(line["told"])
    elif kind == "end":
        told.outcome = str(line["why"])
    else:
        _take_silence(told, kind, line, t)


def _take_silence(told: _Folding, kind: str, line: Mapping[str, object], t: float) -> None:
    if kind == "rec_pause":
        told.open["pause"] = (t, f"paused by {line['by']} for {line['why']}")
    elif kind == "rec_resume":
        told.close("pause", t, f", resumed by {line['by']}")
    elif kind == "rec_stalled":
        told.silences.append(_stall(line))


def _stall(line: Mapping[str, object]) -> Reason:
    start, join = _number(line.get("since")), int(_number(line.get("join")))
    why = str(line.get("why"))
    return Reason(
        start=start,
        end=start + _number(line.get("seconds")),
        why=_WHY_STALLED.get(why, why) if join else "the recorder wrote nothing at all",
        # Without a file there is nothing it could lie in.
        inside=join > 0,
        lost_of=join or None,
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
