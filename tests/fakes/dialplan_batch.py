"""Many generated calls for one real Asterisk: its own dialplan engine, with the clock, the keys and the ears played."""

from __future__ import annotations

import itertools
import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.hours import Override
from tests.fakes.dialplan import QUIET
from tests.fakes.flow_pairs import (
    MADE_AT,
    NOTICE_WORDS,
    Fingers,
    Told,
    by_the_engine,
    in_honesty,
    own_contexts,
    told_by,
    written,
)
from tests.fakes.flows_drawn import DEFAULT, flows_of

#: Asterisk puts values into at most 8 KiB of an application's text.
_MOST_HEARD = 200
#: What is read back of a call's channel.
_VARIABLES = ("GH_QUEUE", "GH_PRIORITY", "GH_SKILLS", "GH_LANG", "GH_WHY", "GH_HEARD")
_VALUES = ",".join(f"{name}: ${{{name}}}" for name in _VARIABLES)
#: Asterisk's applications that take time, as ones that take none: a key is the next of GH_SCRIPT, a dot a silence. What
#: is pressed over a prompt is the next part of GH_OVER, and kept where keys are noted ([keys], the real one).
_STAGE = f"""
[gt-read]
exten => s,1,Set(GH_HEARD=${{GH_HEARD}}&${{ARG1}})
 same => n,Set(GH_PRESSED=)
 same => n,GotoIf($["${{ARG2}}" = "0.05"]?done)
 same => n,Set(GH_PRESSED=${{GH_SCRIPT:0:1}})
 same => n,Set(GH_SCRIPT=${{GH_SCRIPT:1}})
 same => n,ExecIf($["${{GH_PRESSED}}" = "."]?Set(GH_PRESSED=))
 same => n(done),Return()
[gt-over]
exten => s,1,Set(GH_HEARD=${{GH_HEARD}}&${{GH_WORDS}})
 same => n,ExecIf($["${{GH_DTMF}}" != ""]?Set(GH_DTMF=${{GH_DTMF}}${{CUT(GH_OVER,/,1)}}))
 same => n,Set(GH_OVER=${{CUT(GH_OVER,/,2-)}})
 same => n,Return()
[gt-hold]
exten => s,1,Set(GH_ENDED=hold)
 same => n,Goto(gt-told,s,1)
[gt-told]
exten => s,1,UserEvent(GtTold,Case: ${{GH_CASE}},Ended: ${{GH_ENDED}},{_VALUES})
 same => n,Hangup(16)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One caller in one council."""

    number: int
    dialplan: str
    wanted: Told


def cases(count: int) -> list[Case]:
    """So many, the same ones each time: mostly callers who hear something before they get anywhere."""
    return list(itertools.islice(filter(None, map(_case, itertools.count())), count))


def _case(number: int) -> Case | None:
    dice = random.Random(number)  # noqa: S311 - cases, not secrets
    flows = flows_of(dice.randbytes(200))
    keys = "".join(dice.choices("0019*#...", k=dice.randrange(12)))
    typed = "".join(dice.choices("09*", k=dice.randrange(3)))
    over = ["".join(dice.choices("019*#", k=dice.randrange(3))) for _ in range(6)]
    at = MADE_AT + timedelta(minutes=dice.randrange(390 * 24 * 60))
    notices = _notices(dice, at)
    start = _start(number, Fingers.of(keys, over), typed, at)
    wanted = by_the_engine(in_honesty(flows["main"]), Fingers.of(keys, over), typed, at, notices)
    if not 0 < len(wanted.heard) < _MOST_HEARD and number % 8:
        return None
    made = written(flows, notices)
    lines = [
        f"[gt-case-{number}]",
        f"exten => go,1,Set(GH_STATIC={made.begins.replace('static-', f'gt{number}-')})",
        *(f" same => n,Set({name}={value})" for name, value in start.items()),
        " same => n,Goto(gt-static,s,1)",
    ]
    text = _staged(made.text).replace("static-", f"gt{number}-")
    return Case(number=number, dialplan="\n".join(lines) + "\n" + text, wanted=wanted)


def _start(number: int, fingers: Fingers, typed: str, at: datetime) -> dict[str, str]:
    return {
        "GH_CASE": str(number),
        "GH_LANG": "en",
        "GH_TYPED": typed,
        "GH_NUMBER": "03069990001",
        "GH_DEFAULT_QUEUE": DEFAULT,
        "GH_SCRIPT": "".join(fingers.keys),
        "GH_OVER": "/".join(fingers.over),
        "GH_CLOCK": str(int(at.timestamp())),
    }


def _notices(dice: random.Random, at: datetime) -> tuple[Override, ...]:
    if dice.random() < 0.5:
        return ()
    begins = at - timedelta(seconds=dice.randrange(3600))
    said = {"en": dice.choice(NOTICE_WORDS)} if dice.random() < 0.7 else {}
    return (Override(begins=begins, ends=at + timedelta(seconds=dice.randrange(3600)), open=False, why="x", said=said),)


def batch(cases: list[Case]) -> str:
    """The dialplan of all of them."""
    own = re.sub(r"UserEvent\(GuildhallOutcome.*", "Set(GH_ENDED=hangup)", own_contexts())
    own = own.replace("Hangup(16)", "Goto(gt-told,s,1)").replace("[static]", "[gt-static]")
    return "\n".join([_STAGE, _staged(own), *(one.dialplan for one in cases)])


def _staged(text: str) -> str:
    # An open line's noise is no prompt: it is how long a key is waited for.
    text = re.sub(rf"&?{QUIET}[0-9.]+,1,e,1,0\.05\)", ",1,e,1,5)", text)
    text = re.sub(r"Read\(GH_PRESSED,([^,]*),1,e,1,([^)]*)\)", r"Gosub(gt-read,s,1(\1,\2))", text)
    text = text.replace("Playback(${GH_WORDS})", "Gosub(gt-over,s,1)").replace("say-through", "gt-say-through")
    text = re.sub(r"Playback\((.*)\)", r"Set(GH_HEARD=${GH_HEARD}&\1)", text)
    text = text.replace("Goto(hold,s,1)", "Goto(gt-hold,s,1)").replace("?hold,s,1", "?gt-hold,s,1")
    return re.sub(r"(?<![\w-])static,", "gt-static,", text).replace("${EPOCH}", "${GH_CLOCK}")


def told(event: dict[str, str]) -> Told:
    """What an event tells."""
    heard = [one for one in event["GH_HEARD"].split("&") if one]
    return told_by(event["Ended"], event, heard)
