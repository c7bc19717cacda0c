"""The commands of the flow tools, put onto the command line by one call of ``register``."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from guildhall.flow_tools import dialling
from guildhall.flow_tools.dialling import Exchange, counts, moment
from guildhall.flow_tools.drawing import dot_text, svg
from guildhall.flow_tools.reading import Folder, find_folder, look_over
from guildhall.flow_tools.scenarios import planned, run_scenarios
from guildhall.flow_tools.text_call import OUTAGES, Script
from guildhall.privilege import become_root
from guildhall.settings import Settings
from ivr.core.lint import ERROR
from kernel.errors import BadInput
from kernel.hours import LONDON
from kernel.located import ConfigErrors
from kernel.needs import Need

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
Where = Annotated[
    Path | None, typer.Argument(help="The councils' folder, a council's, or a file in it; default: dialplans/.")
]
#: Exit status: nothing wrong; something wrong; it could not be looked at.
_WRONG, _NOT_LOOKED = 1, 2


def register(app: typer.Typer) -> None:
    """Put the commands onto the command line."""
    app.command()(check)
    app.command()(dial)
    app.command("test")(run_tests)
    app.command()(draw)


def check(path: Where = None, *, as_json: Json = False) -> None:
    """Check the flows: names, reach, loops, prompts, languages, numbers, emergencies. Exit 0, 1 (errors) or 2."""
    try:
        found = look_over(find_folder(path or Settings().dialplans))
    except (BadInput, OSError) as error:
        _cannot(error, as_json=as_json)
    errors = sum(one.level == ERROR for one in found)
    if as_json:
        typer.echo(json.dumps([one.as_dict() for one in found], indent=1, ensure_ascii=False))
    else:
        for one in found:
            typer.echo(str(one))
        typer.echo(f"{errors} error(s), {len(found) - errors} warning(s)", err=True)
    if errors:
        raise typer.Exit(_WRONG)


def dial(  # noqa: PLR0913 - a caller and her world
    number: Annotated[str, typer.Argument(help="The council's number that is dialled.")],
    *,
    press: Annotated[list[str] | None, typer.Option(help="Keys in order; '.' is a silence. May be repeated.")] = None,
    after: Annotated[
        str | None, typer.Option(help="Keys after the talk, where the flow asks then (survey:); '' is silence.")
    ] = None,
    say: Annotated[list[str] | None, typer.Option(help="What the caller says where she may speak. Repeatable.")] = None,
    at: Annotated[str | None, typer.Option(help="The council's time: '2026-12-28 02:00'; default: now.")] = None,
    staff: Annotated[list[str] | None, typer.Option(help="Agents free for a queue: housing=0. Repeatable.")] = None,
    waiting: Annotated[list[str] | None, typer.Option(help="Callers waiting in a queue: housing=12.")] = None,
    without: Annotated[list[str] | None, typer.Option(help=f"What is out of order: {', '.join(OUTAGES)}.")] = None,
    needs: Annotated[
        list[str] | None, typer.Option(help=f"What is known of the caller: {', '.join(Need)}. Repeatable.")
    ] = None,
    path: Annotated[Path | None, typer.Option(help="The councils' folder; default: dialplans/.")] = None,
) -> None:
    """Call a number in text: every prompt and decision, from the files, without a telephone."""
    try:
        exchange = Exchange.of(find_folder(path or Settings().dialplans))
        tenant = exchange.tenant_of(number)
        story = exchange.call(
            Script(
                number=number,
                at=datetime.now(LONDON) if at is None else moment(at),
                keys=dialling.keys(press or ()),
                after=None if after is None else dialling.keys([after]),
                says=tuple(say or ()),
                waiting=exchange.queues(tenant, counts(waiting or ())),
                staff=exchange.queues(tenant, counts(staff or ())),
                outages=dialling.outages(without or ()),
                needs=dialling.needs(needs or ()),
            )
        )[1]
    except ConfigErrors as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(_WRONG) from None
    except (BadInput, OSError) as error:
        _cannot(error, as_json=False)
    typer.echo("\n".join(story.lines))


def run_tests(
    path: Where = None,
    *,
    live: Annotated[bool, typer.Option("--live", help="Once more as real calls through a real Asterisk.")] = False,
) -> None:
    """Run the scenarios (`*.test.yaml`) beside the flows. Exit 0, 1 (not as expected) or 2 (nothing to run)."""
    if live:
        become_root(sys.argv[1:])
    try:
        folder = find_folder(path or Settings().dialplans)
        exchange = Exchange.of(folder)
        results, coverage = run_scenarios(folder, exchange)
        wrong = _live(folder, exchange) if live else 0
    except ConfigErrors as wrong:
        typer.echo(str(wrong))
        raise typer.Exit(_WRONG) from None
    except (BadInput, OSError) as error:
        _cannot(error, as_json=False)
    if not results:
        _cannot(BadInput("no_tests", "no *.test.yaml here"), as_json=False)
    failed = [one for one in results if one.complaints]
    for one in failed:
        typer.echo(f"{one.place.file}:{one.place.line}: {one.name}")
        for line in (*one.complaints, *one.story.lines):
            typer.echo(f"    {line}")
    for line in coverage.lines(exchange, folder):
        typer.echo(line)
    typer.echo(f"{len(results)} scenarios, {len(failed)} not as expected", err=True)
    if failed or wrong:
        raise typer.Exit(_WRONG)


def _live(folder: Folder, exchange: Exchange) -> int:
    """Place the real calls and tell of them; how many went another way."""
    from guildhall.flow_tools.live import run_live  # noqa: PLC0415 - phones and database take half a second to import

    began = time.monotonic()
    scenarios = planned(folder, exchange)
    real = run_live(
        exchange,
        folder.root,
        scenarios,
        lambda text: typer.echo(f"[{time.monotonic() - began:5.1f} s] {text}", err=True),
    )
    for one in real:
        where = f"{one.planned.place.file}:{one.planned.place.line}: {one.planned.name}"
        if one.passed_over:
            typer.echo(f"{where}: no real call: {one.passed_over}")
        for line in one.complaints:
            typer.echo(f"{where}: {line}")
    wrong, placed = sum(bool(one.complaints) for one in real), sum(not one.passed_over for one in real)
    typer.echo(f"{placed} real calls, {wrong} went another way than in text", err=True)
    return wrong


def draw(
    flow: Annotated[Path, typer.Argument(help="The flow's file: dialplans/northmere/flows/main.yaml.")],
    *,
    as_dot: Annotated[bool, typer.Option("--dot", help="Graphviz text instead of SVG.")] = False,
    coverage: Annotated[bool, typer.Option("--coverage", help="Colour the steps and ways no scenario goes.")] = False,
) -> None:
    """Draw a flow as SVG on standard output (Graphviz text where the program `dot` is not installed)."""
    try:
        folder = find_folder(flow)
        exchange = Exchange.of(folder)
        owner, drawn = exchange.flow_in(folder.part)
        gone = run_scenarios(folder.whole(), exchange)[1].gone(owner, drawn.name) if coverage else None
    except ConfigErrors as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(_WRONG) from None
    except (BadInput, OSError) as error:
        _cannot(error, as_json=False)
    text = dot_text(drawn, gone)
    typer.echo(text if as_dot else svg(text) or text, nl=False)


def _cannot(error: BadInput | OSError, *, as_json: bool) -> NoReturn:
    told = error.message if isinstance(error, BadInput) else f"cannot be read ({error.strerror})"
    if as_json:
        typer.echo(json.dumps({"error": told}))
    sys.stderr.write(f"guildhall: {told}\n")
    raise typer.Exit(_NOT_LOOKED)
