"""A flow as a picture: Graphviz text, and SVG where the program `dot` is there."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Collection, Iterator

from ivr.core.flow import RETURN, Flow, Verb
from ivr.core.verbs.enqueue import Enqueue
from ivr.core.verbs.hangup import HangUp
from kernel.errors import GuildhallError

#: Seconds; a flow of a hundred steps takes well under one.
_DOT_LIMIT_S = 30.0
#: Verbs that decide without the caller are diamonds; those that listen to her are rounded.
_DECIDING = {"hours", "branch", "lookup"}
_LISTENING = {"menu", "gather", "steer", "survey"}
_PEOPLE, _ENDS, _UNTRIED = "#d8f0d8", "#e8e8e8", "#f8d8d8"


def dot_text(flow: Flow, reached: Collection[str] | None = None) -> str:
    """The flow in Graphviz's language. ``reached``: steps the scenarios went through; the others are coloured."""
    return "\n".join(["digraph flow {", *_lines(flow, reached), "}"]) + "\n"


def svg(dot: str) -> str | None:
    """Return the picture, None when the program `dot` is not installed. Raises ``GuildhallError`` when it fails."""
    program = shutil.which("dot")
    if program is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command; the text goes in by stdin
            [program, "-Tsvg"], input=dot, capture_output=True, check=True, timeout=_DOT_LIMIT_S, text=True
        )
    except subprocess.SubprocessError:
        raise GuildhallError("dot_failed", "Graphviz could not draw this flow: see it as text with --dot") from None
    return done.stdout


def _lines(flow: Flow, reached: Collection[str] | None) -> Iterator[str]:
    yield "  rankdir=LR;"
    yield '  node [shape=box, fontname="sans-serif", fontsize=11, style=filled, fillcolor=white];'
    yield '  edge [fontname="sans-serif", fontsize=9];'
    yield f"  {_quoted('(call)')} [shape=circle, label={_quoted('call')}];"
    yield f"  {_quoted('(call)')} -> {_quoted(flow.start)};"
    for name, verb in flow.steps.items():
        yield f"  {_quoted(name)} [{', '.join(_looks(name, verb, reached))}];"
        for key, target in verb.targets().items():
            way = key.rpartition(".")[2] if key.startswith("keys.") else key.partition(".")[2] or key
            style = ", style=dashed, color=red" if key == "failed" else ", style=dotted" if key == "no_input" else ""
            label = "" if way == "next" else f"label={_quoted(way)}"
            yield f"  {_quoted(name)} -> {_quoted(target)} [{label}{style if label else ''}];"
    if any(RETURN in verb.targets().values() for verb in flow.steps.values()):
        yield f"  {_quoted(RETURN)} [shape=circle];"


def _looks(name: str, verb: Verb, reached: Collection[str] | None) -> Iterator[str]:
    word = str(getattr(verb, "verb", ""))
    detail = verb.queue if isinstance(verb, Enqueue) else verb.why if isinstance(verb, HangUp) else ""
    yield f"label={_quoted(name, word, detail)}"
    if word in _DECIDING:
        yield "shape=diamond"
    if reached is not None and name not in reached:
        yield f"fillcolor={_quoted(_UNTRIED)}"
    elif isinstance(verb, Enqueue | HangUp):
        yield f"fillcolor={_quoted(_PEOPLE if isinstance(verb, Enqueue) else _ENDS)}"
    if word in _LISTENING:
        yield 'style="rounded,filled"'


def _quoted(*lines: str) -> str:
    """Text as Graphviz takes it; nothing in it is markup or an escape."""
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines if line)
    return '"' + "\\n".join(escaped) + '"'
