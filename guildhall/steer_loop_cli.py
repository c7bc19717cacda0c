"""`guildhall steer review|accept|undo`: what came of steering, and what it can learn from that."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from guildhall.facts_export import moment
from guildhall.settings import Settings
from guildhall.steer_sentences import read_sentences
from ivr.steering.picture import confusion_svg
from kernel.errors import BadInput
from kernel.ids import TenantId

if TYPE_CHECKING:
    from guildhall.steer_review import Review

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
Council = Annotated[str | None, typer.Option(help="Only this council's; default: every one that steers.")]
Text = Annotated[
    str | None, typer.Option("--text", help="The phrase in other words: it must name nobody; - reads it from stdin.")
]
Intent = Annotated[str | None, typer.Option("--intent", help="What it means; `none`: out of scope.")]
Judge = Annotated[
    list[Path] | None, typer.Option("--judge", help="A CSV (text,intent) that must not get worse; may be repeated.")
]
_WEEK_S = 7 * 86400.0


def register(steer_app: typer.Typer) -> None:
    """Add the commands."""
    for command in (review, accept, undo):
        steer_app.command()(command)


def review(  # noqa: PLR0913 - when, whose, how it is told
    *,
    since: Annotated[
        str | None, typer.Option(help="From here: Unix seconds or a time (UTC); default: seven days ago.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="To here; default: now.")] = None,
    council: Council = None,
    picture: Annotated[Path | None, typer.Option(help="Write the confusion matrix here, as SVG.")] = None,
    words: Annotated[
        bool, typer.Option("--words/--no-words", help="Suggest phrases from what callers said, where that is kept.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Score steered calls by where they ended: a confusion matrix, misroutes, drift, phrases to teach.

    What a call was about is its agent's word (*43, `guildhall agent reason`), else the queue it ended in after
    transfers. The week is held against the four before it. Suggested phrases are what callers said: reading them is
    noted in the audit log. An engineer accepts one with `guildhall steer accept w12`.
    """
    from guildhall import steer_review  # noqa: PLC0415 - SQLAlchemy takes half a second to import

    now = time.time()
    end = moment(until) or now
    begin = moment(since) or end - _WEEK_S
    if begin >= end:
        raise BadInput("bad_time", "--since lies behind --until")
    found = asyncio.run(steer_review.review(Settings(), council, begin, end, with_words=words))
    if not found:
        raise BadInput("unknown_council", "no council of that id steers: see 'guildhall agent reasons'")
    if picture is not None:
        _draw(picture, found)
    if as_json:
        typer.echo(json.dumps([one.as_dict() for one in found], indent=1))
    else:
        typer.echo("\n".join(line for one in found for line in steer_review.review_lines(one)))


def accept(
    which: Annotated[str, typer.Argument(help="A suggestion's id (w12), or a council's id with --text and --intent.")],
    *,
    text: Text = None,
    intent: Intent = None,
    judge: Judge = None,
    as_json: Json = False,
) -> None:
    """Teach a phrase: write it into the council's intents.yaml, learn, judge, and leave it out when figures get worse.

    The file keeps its comments and its form: one line is added. Judged are the phrases left out in turn, kept sentences
    whose matter is known, an `evaluation.csv` beside the council's file, and every --judge. A running engine follows by
    itself within seconds (or `guildhall publish`). `guildhall steer undo` takes it back.
    """
    from guildhall import accepting  # noqa: PLC0415 - the models' runtime takes a second to import

    settings = Settings()
    if text == "-":
        # What a caller said belongs into no list of processes.
        text = sys.stdin.readline()
    now = time.time()
    found = asyncio.run(_reviewed(settings, now))
    suggested = next(((one, s) for one in found for s in one.suggestions if s.id == which), None)
    if suggested is not None:
        council, meant, said = suggested[0].council, suggested[1].intent, suggested[1].text
    elif text is not None and intent is not None and which in {one.council for one in found}:
        council, meant, said = TenantId(which), intent, text
    else:
        hint = "see 'guildhall steer review'; or a council's id with --text and --intent"
        raise BadInput("unknown_suggestion", f"no suggestion {which[:20]}: {hint}")
    chosen = meant if intent is None else intent
    wanted = accepting.Phrase(council=council, intent="" if chosen == "none" else chosen, text=text or said)
    kept = next(one.sentences for one in found if one.council == council)
    sets: accepting.Sets = {"kept sentences": [((one,), matter) for one, matter in kept if one != said]}
    own = settings.dialplans / council / "evaluation.csv"
    for path in [*([own] if own.exists() else []), *(judge or [])]:
        sets[path.name] = [((one,), matter) for one, matter in read_sentences(path).texts]
    done = accepting.accept(settings, wanted, sets, lambda line: typer.echo(line, err=True))
    typer.echo(json.dumps(accepting.as_dict(done), indent=1) if as_json else "\n".join(accepting.told(done)))


def undo(
    which: Annotated[str | None, typer.Argument(help="An acceptance's id (a3); default: the last one.")] = None,
) -> None:
    """Take an accepted phrase back: the file is byte by byte what it was, and what was learned with it."""
    from guildhall import accepting  # noqa: PLC0415 - as above

    typer.echo(accepting.undo(Settings(), which, lambda line: typer.echo(line, err=True)))


async def _reviewed(settings: Settings, now: float) -> list[Review]:
    """The weeks a suggestion may come from: the last, and the four before."""
    from guildhall import steer_review  # noqa: PLC0415 - as above

    return await steer_review.review(settings, None, now - 5 * _WEEK_S, now)


def _draw(picture: Path, found: list[Review]) -> None:
    for one in found:
        path = picture if len(found) == 1 else picture.with_stem(f"{picture.stem}-{one.council}")
        title = f"{one.council}: rows by the agent's word or the last queue"
        path.write_text(confusion_svg(one.matrix.labels, one.matrix.table, title), encoding="utf-8")
