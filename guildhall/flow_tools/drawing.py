"""A flow as a picture: Graphviz text, and SVG where the program `dot` is there."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Collection, Iterator
from dataclasses import dataclass

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
#: A way no scenario went.
_UNGONE = "#d04020"
#: What stands below the verb: whom, where, which.
_DETAILS = ("queue", "why", "of", "flow", "to", "table", "service", "box", "incident")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """Where the scenarios went; the rest is coloured."""

    steps: Collection[str] = ()
    #: (from, to).
    ways: Collection[tuple[str, str]] = ()


def dot_text(flow: Flow, gone: Gone | None = None) -> str:
    """The flow in Graphviz's language. ``gone``: where the scenarios went, None when that is not asked."""
    return "\n".join(["digraph flow {", *_lines(flow, gone), "}"]) + "\n"


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


def _lines(flow: Flow, gone: Gone | None) -> Iterator[str]:
    yield "  rankdir=LR;"
    yield f'  label={_quoted(*_title(flow, gone))}; labelloc=t; fontname="sans-serif"; fontsize=13;'
    yield '  node [shape=box, fontname="sans-serif", fontsize=11, style=filled, fillcolor=white];'
    yield '  edge [fontname="sans-serif", fontsize=9];'
    yield f"  {_quoted('(call)')} [shape=circle, label={_quoted('call')}];"
    yield f"  {_quoted('(call)')} -> {_quoted(flow.start)};"
    for name, verb in flow.steps.items():
        yield f"  {_quoted(name)} [{', '.join(_looks(name, verb, gone))}];"
        for target, keys in _ways(verb).items():
            looks = ", ".join(_way_looks(keys, untried=gone is not None and (name, target) not in gone.ways))
            yield f"  {_quoted(name)} -> {_quoted(target)} [{looks}];"
    if any(RETURN in verb.targets().values() for verb in flow.steps.values()):
        yield f"  {_quoted(RETURN)} [shape=circle];"


def _title(flow: Flow, gone: Gone | None) -> Iterator[str]:
    yield f"{flow.tenant}/{flow.name}"
    if gone is not None:
        ways = {(name, target) for name, verb in flow.steps.items() for target in verb.targets().values()}
        steps = f"steps {len(set(gone.steps) & flow.steps.keys())} of {len(flow.steps)}"
        yield f"{steps}, ways {len(ways & set(gone.ways))} of {len(ways)}; in red: no scenario goes there"


def _ways(verb: Verb) -> dict[str, list[str]]:
    """Target -> the ways that lead there: one line in the picture, however many keys do the same."""
    found: dict[str, list[str]] = {}
    for key, target in verb.targets().items():
        found.setdefault(target, []).append(key)
    return found


def _way_looks(keys: list[str], *, untried: bool) -> Iterator[str]:
    words = [
        key.rpartition(".")[2] if key.startswith("keys.") else key.partition(".")[2] or key
        for key in keys
        if key != "next"
    ]
    if words:
        yield f"label={_quoted(*(', '.join(words[at : at + 4]) for at in range(0, len(words), 4)))}"
    if keys == ["failed"]:
        yield "style=dashed"
    elif keys == ["no_input"]:
        yield "style=dotted"
    if untried:
        yield f"color={_quoted(_UNGONE)}, fontcolor={_quoted(_UNGONE)}, penwidth=2"


def _looks(name: str, verb: Verb, gone: Gone | None) -> Iterator[str]:
    word = str(getattr(verb, "verb", ""))
    detail = next((str(found) for one in _DETAILS if (found := getattr(verb, one, None))), "")
    yield f"label={_quoted(name, word, detail)}"
    if word in _DECIDING:
        yield "shape=diamond"
    if gone is not None and name not in gone.steps:
        yield f"fillcolor={_quoted(_UNTRIED)}"
    elif isinstance(verb, Enqueue | HangUp):
        yield f"fillcolor={_quoted(_PEOPLE if isinstance(verb, Enqueue) else _ENDS)}"
    if word in _LISTENING:
        yield 'style="rounded,filled"'


def _quoted(*lines: str) -> str:
    """Text as Graphviz takes it; nothing in it is markup or an escape."""
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines if line)
    return '"' + "\\n".join(escaped) + '"'
