"""An engineer accepts a phrase: learned and judged on a copy, written when nothing got worse by it; and undone."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adapters.files.dialplans import read_dialplans
from adapters.files.phrase_file import with_phrase
from guildhall.settings import Settings
from guildhall.steer_evaluation import Sentence, judge
from guildhall.steering_models import Models, Say, taught
from ivr.steering.left_out import without_and_with
from ivr.steering.understand import Understanding
from kernel.errors import BadInput, Refused
from kernel.ids import TenantId
from kernel.steering import SteeringBook

#: One of a thousand phrases; of 955, with both models, good ones moved them by 0 to +0.13 points, a wrong one by -0.19.
LEFT_OUT_MAY_FALL = 0.001
#: And a greater fall is none where chance does as much: a good phrase made 8 of 3,545 wrong and 3 right (0.11).
BY_CHANCE = 0.1
#: Cosine of two sentences that say the same: "my council tax bill is wrong" and the same with "again" behind it, 0.94.
_THE_SAME = 0.85
LEFT_OUT = "phrases left out in turn"
_FEWEST_WORDS, _MOST_CHARACTERS = 2, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How good steering is by one set of sentences; shares 0 to 1, None where the set tells nothing of it."""

    by: str
    sentences: int
    accuracy: float | None
    urgent_recall: float | None
    #: How likely what was lost is by chance alone; 0 where nothing tells of it.
    by_chance: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What came of it."""

    id: str
    council: TenantId
    intent: str
    phrase: str = field(repr=False)
    before: tuple[Figures, ...]
    after: tuple[Figures, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """What an engineer wants to teach."""

    council: TenantId
    #: "" is out of scope.
    intent: str
    text: str = field(repr=False)


#: Name of a set -> its sentences.
Sets = dict[str, Sequence[Sentence]]


def accept(settings: Settings, wanted: Phrase, sets: Sets, say: Say) -> Accepted:
    """Learn, judge, then write it. Raises ``Refused`` when a figure got worse; the file is then not touched.

    Judged on a copy of the councils' files: a running engine follows an edit within seconds, and must not follow this
    one before it is known to be good.
    """
    text = " ".join(wanted.text.split())
    book = _book(settings.dialplans, wanted.council)
    _check(text, wanted.intent, book)
    models = Models.load(settings)
    understood = taught(settings, wanted.council, book, models, say)
    _check_meaning(understood, text, wanted.intent)
    path = settings.dialplans / wanted.council / "intents.yaml"
    old = path.read_text("utf-8") if path.exists() else None
    new = with_phrase(old or "", wanted.intent, text)
    with tempfile.TemporaryDirectory(prefix="gh-accept-") as folder:
        copy = Path(shutil.copytree(settings.dialplans, Path(folder) / "dialplans", symlinks=True))
        (copy / wanted.council / "intents.yaml").write_text(new, encoding="utf-8")
        learned = taught(settings, wanted.council, _book(copy, wanted.council), models, say)
    before, after = _figures(understood, learned, sets)
    worse = [told for one, two in zip(before, after, strict=True) if (told := _worse(one, two))]
    if worse:
        raise Refused("worse", f"not taken, steering would get worse: {'; '.join(worse)}")
    _replace(path, new)
    id_ = _note(settings, wanted, text, old, new)
    return Accepted(id=id_, council=wanted.council, intent=wanted.intent, phrase=text, before=before, after=after)


def undo(settings: Settings, id_: str | None, say: Say) -> str:
    """Take the last acceptance, or this one, back, byte by byte; return the council and its phrase's intent.

    Raises ``Refused`` when the file was changed since: the line is then taken out by hand.
    """
    folder = _folder(settings)
    notes = sorted(folder.glob("a*.json"), key=lambda one: int(one.stem[1:]))
    found = [one for one in notes if id_ in {None, one.stem}]
    if not found:
        raise BadInput("nothing_there", "nothing was accepted" if id_ is None else f"{id_[:20]} was not accepted here")
    note = json.loads(found[-1].read_text("utf-8"))
    path = settings.dialplans / note["council"] / "intents.yaml"
    now = path.read_text("utf-8") if path.exists() else ""
    if _digest(now) != note["after"]:
        told = f"{path.name} was changed since {found[-1].stem}: undo later ones first, or take the line out by hand"
        raise Refused("changed_since", told)
    _restore(path, note["before"])
    found[-1].unlink()
    models, book = Models.load(settings), _book(settings.dialplans, TenantId(note["council"]))
    taught(settings, note["council"], book, models, say)
    return f"{note['council']}: a phrase of {note['intent'] or 'out_of_scope'} is taken back ({found[-1].stem})"


def taken_back(settings: Settings) -> list[dict[str, object]]:
    """What can be taken back now, the newest first: id, council, intent, phrase and when; a council's last one each."""
    found: dict[str, dict[str, object]] = {}
    for path in sorted(_folder(settings).glob("a*.json"), key=lambda one: int(one.stem[1:])):
        note = json.loads(path.read_text("utf-8"))
        found[note["council"]] = {
            "id": path.stem,
            **{name: note[name] for name in ("council", "intent", "phrase", "t")},
        }
    return sorted(found.values(), key=lambda one: -float(str(one["t"])))


def _check(text: str, intent: str, book: SteeringBook) -> None:
    if intent and intent not in book.intents:
        raise BadInput("unknown_intent", f"unknown intent '{intent[:40]}': see 'guildhall agent reasons'")
    if "[number]" in text or any(sign.isdigit() for sign in text):
        raise BadInput("number_inside", "a phrase holds no number: say it in other words with --text")
    if len(text.split()) < _FEWEST_WORDS or len(text) > _MOST_CHARACTERS:
        raise BadInput(
            "bad_phrase", f"a phrase has {_FEWEST_WORDS} words or more and {_MOST_CHARACTERS} characters at most"
        )
    plain = text.lower()
    meant = {phrase.lower(): one.id for one in book.intents.values() for phrase in one.phrases}
    meant |= {phrase.lower(): "out_of_scope" for phrase in book.out_of_scope}
    if plain in meant:
        raise BadInput("known_phrase", f"this phrase is taught already, as {meant[plain]}")


def _check_meaning(understood: Understanding, text: str, intent: str) -> None:
    near = understood.why(understood.explain(text)).nearest
    if near and near[0].likeness >= _THE_SAME and near[0].intent != intent:
        other = near[0].intent or "out_of_scope"
        raise Refused("two_meanings", f"it says what a phrase of {other} says already: '{near[0].phrase}'")


def _figures(
    understood: Understanding, learned: Understanding, sets: Sets
) -> tuple[tuple[Figures, ...], tuple[Figures, ...]]:
    """Every figure before and after."""
    phrases = len(understood.classifier.phrases)
    was, now, chance = without_and_with(understood, learned)
    without = Figures(by=LEFT_OUT, sentences=phrases, accuracy=was, urgent_recall=None)
    with_it = dataclasses.replace(without, accuracy=now, by_chance=chance)
    before, after = (
        [one, *(_judged(which, *named) for named in sets.items() if named[1])]
        for one, which in (
            (without, understood),
            (with_it, learned),
        )
    )
    return tuple(before), tuple(after)


def _judged(understood: Understanding, name: str, sentences: Sequence[Sentence]) -> Figures:
    report = judge(understood, sentences)
    return Figures(by=name, sentences=report.sentences, accuracy=report.accuracy, urgent_recall=report.urgent_recall)


def _worse(before: Figures, after: Figures) -> str:
    """What got worse by one set of sentences; "" when nothing did."""
    if after.by_chance > BY_CHANCE:
        return ""
    may_fall = LEFT_OUT_MAY_FALL if before.by == LEFT_OUT else 0.0
    for name, was, now in (
        ("right", before.accuracy, after.accuracy),
        ("urgency found", before.urgent_recall, after.urgent_recall),
    ):
        if was is not None and now is not None and now < was - may_fall - 1e-9:
            return f"{before.by}: {name} {was:.1%} -> {now:.1%}"
    return ""


def _book(dialplans: Path, council: TenantId) -> SteeringBook:
    found = next((one.steering for one in read_dialplans(dialplans).tenants if one.id == council), None)
    if found is None:
        raise BadInput("no_intents", f"council {council} has no intents")
    return found


def _note(settings: Settings, wanted: Phrase, text: str, old: str | None, new: str) -> str:
    folder = _folder(settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    id_ = f"a{1 + max((int(one.stem[1:]) for one in folder.glob('a*.json')), default=0)}"
    note = {"t": round(time.time(), 3), "council": wanted.council, "intent": wanted.intent, "phrase": text}
    _replace(folder / f"{id_}.json", json.dumps(note | {"before": old, "after": _digest(new)}, indent=1))
    return id_


def _folder(settings: Settings) -> Path:
    return settings.var / "accepted-phrases"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _restore(path: Path, old: str | None) -> None:
    if old is None:
        path.unlink(missing_ok=True)
    else:
        _replace(path, old)


def _replace(path: Path, text: str) -> None:
    """In one go: the engine, or an editor, may read at the same time."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    if path.exists():
        part.chmod(path.stat().st_mode & 0o777)
    part.replace(path)


def told(done: Accepted) -> list[str]:
    """For people."""
    lines = [
        f"{done.council}: taught {done.intent or 'out_of_scope'} ({done.id}; 'guildhall steer undo' takes it back)"
    ]
    for one, two in zip(done.before, done.after, strict=True):
        lines.append(f"  {one.by}: {_percent(one.accuracy)} -> {_percent(two.accuracy)} right of {two.sentences}")
    return lines


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def as_dict(done: Accepted) -> dict[str, object]:
    """For programs; without the phrase, which stands in the file."""
    found = dataclasses.asdict(done)
    del found["phrase"]
    return found
