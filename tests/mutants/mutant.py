"""A seeded mistake: put into the core in memory, and the test that must catch it."""

from __future__ import annotations

import inspect
import json
import random
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType

import pytest

from acd.core.invariants import check
from acd.simulate.day import read_day
from acd.simulate.run import simulate

#: The modules are written with ``from __future__ import annotations``: so is the mutant compiled.
_ANNOTATIONS = 0x1000000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One mistake: in this function, this text becomes that; ``caught_by`` must then fail."""

    name: str
    function: Callable[..., object]
    right: str
    wrong: str
    caught_by: Callable[[], None]


def mutate(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the function the wrong body in place, so that every module that imported it has the mistake."""
    function = mutant.function
    assert isinstance(function, FunctionType)
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(mutant.right) == 1, f"{mutant.name}: the text to change is not there once"
    names: dict[str, object] = {}
    made = compile(source.replace(mutant.right, mutant.wrong), f"<mutant: {mutant.name}>", "exec", flags=_ANNOTATIONS)
    exec(made, function.__globals__, names)  # noqa: S102 - our own text, in a test
    changed = names[function.__name__]
    assert isinstance(changed, FunctionType)
    monkeypatch.setattr(function, "__code__", changed.__code__)


def an_ordinary_day() -> None:
    """Sixty calls of two priorities, with skills, ring-outs, breaks and impatience: I1-I10 hold."""
    chance = random.Random(7)  # noqa: S311 - reproducible, nothing secret
    plans = [
        {
            "call": f"k{number}",
            "t": number * 6.0,
            "queue": chance.choice(["n.waste", "n.rent"]),
            "council": "n",
            "priority": chance.choice([0, 0, 0, 1]),
            "skills": chance.choice([{}, {"waste": 2}]),
            "patience": chance.choice([None, 40.0]),
            "service": chance.uniform(5.0, 40.0),
            "wrap": chance.choice([0.0, 10.0]),
        }
        for number in range(60)
    ]
    people = [
        {
            "agent": f"a{number}",
            "council": "n",
            "queues": ["n.waste", "n.rent"],
            "skills": {"waste": number},
            "on": 0,
            "off": 900,
            "answer_delay": 3.0,
            "rona_p": 0.2,
            "breaks": [[100 + number * 30, 160 + number * 30]],
        }
        for number in range(4)
    ]
    lines: list[dict[str, object]] = []
    result = simulate(read_day(json.dumps({"calls": plans, "agents": people})), write=lambda x: lines.append(dict(x)))
    assert check(lines) == []
    assert result.offered == 60
