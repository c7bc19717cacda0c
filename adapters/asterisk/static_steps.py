"""One step of the static fallback as dialplan lines; the table at the end is the whole of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.asterisk.static_hours import CLOCK
from kernel import static_plan as plan
from kernel.errors import BadInput

#: After the prompt, for who has not pressed anything: as in [call] for the opening.
_NO_WAIT = "0.05"
_PATH = re.compile(r"/[A-Za-z0-9_./-]{1,250}")
_PLAIN = re.compile(r"[A-Za-z0-9_.:/ -]*")
_KNOWN = {"number": "GH_NUMBER", "hour": "GH_HOUR", "weekday": "GH_DAYNAME", "language": "GH_LANG"}
#: GH_UNHEARD is too high: a caller who hears nothing goes to a person.
_PERSON = "static,wait,1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a step stands, and where its names lead."""

    context: str
    language: str
    #: Step -> number.
    steps: Mapping[str, int]
    sound: Callable[[str], str | None]
    hours: Callable[[str], str]
    #: The hours' name -> number of an override with words of its own -> their sound; None when they were not made.
    said: Callable[[str], Mapping[int, str | None]]
    piece: Callable[[str], str]
    #: The context without its language: where a piece comes back to may speak another one.
    flow: str
    speak: Callable[[str], str]
    #: Seconds -> an open line's noise of that length; None when it was not made.
    quiet: Callable[[float], str | None] = lambda _seconds: None

    def to(self, step: str) -> str:
        """Where the dialplan goes on."""
        return "static,return,1" if step == plan.RETURN else f"{self.context},{self.steps[step]},1"

    def paths(self, *prompts: str) -> str:
        """The files of these prompts as one argument; those that were not made are left out."""
        return "&".join(_sound(path) for prompt in prompts if (path := self.sound(prompt)) is not None)


def _sound(path: str) -> str:
    if not _PATH.fullmatch(path):
        raise BadInput("bad_sound", "a sound is an absolute path of letters, digits, '-', '_', '.' and '/'")
    return path


def step_lines(step: plan.Step, number: int, place: Place) -> list[str]:
    """The extension of a step."""
    first, *more = [
        "Set(GH_STEPS=$[0${GH_STEPS} + 1])",
        f"GotoIf($[${{GH_STEPS}} > {plan.MAX_STEPS}]?{_PERSON})",
        *_TABLE[type(step)](step, place),
    ]
    return [f"exten => {number},1,{first}", *(_line(text) for text in more)]


def _line(text: str) -> str:
    label, found, rest = text.partition(": ")
    return f" same => n({label}),{rest}" if found and label.isalpha() else f" same => n,{text}"


def _unheard(then: str) -> list[str]:
    """A prompt that is missing: two in a row, and a person it is."""
    return [
        "Set(GH_UNHEARD=$[0${GH_UNHEARD} + 1])",
        f"GotoIf($[${{GH_UNHEARD}} >= {plan.MAX_FAILURES}]?{_PERSON})",
        *([f"Goto({then})"] if then else []),
    ]


def _say(step: plan.Say, place: Place) -> list[str]:
    to, paths, lines = place.to(step.next), place.paths(*step.prompts), []
    if step.begins is not None and step.ends is not None:
        lasts = f"${{EPOCH}} >= {int(step.begins.timestamp())} & ${{EPOCH}} < {int(step.ends.timestamp())}"
        lines.append(f"GotoIf($[{lasts}]?:{to})")
    elif step.interruptible:
        lines.append(f'GotoIf($["${{GH_KEYS}}" != ""]?{to})')
    if not paths:
        return [*lines, *_unheard(to)]
    if step.interruptible:
        lines += [f"Read(GH_PRESSED,{paths},1,e,1,{_NO_WAIT})", "Set(GH_KEYS=${GH_KEYS}${GH_PRESSED})"]
    else:
        lines += _through(paths)
    return [*lines, "Set(GH_UNHEARD=0)", f"Goto({to})"]


def _ask(step: plan.Ask, place: Place) -> list[str]:
    keys = [f'GotoIf($["${{GH_PRESSED}}" = "{key}"]?{place.to(to)})' for key, to in step.keys.items()]
    return [
        "Set(GH_SILENCES=0)",
        "Set(GH_MISSES=0)",
        'GotoIf($["${GH_KEYS}" != ""]?typed)',
        *_question(step, place),
        'heard: GotoIf($["${GH_PRESSED}" = ""]?silent)',
        f"key: NoOp({len(keys)})",
        *keys,
        "Set(GH_KEYS=)",
        "Set(GH_MISSES=$[${GH_MISSES} + 1])",
        f"GotoIf($[${{GH_MISSES}} >= {step.tries}]?{place.to(step.no_match)})",
        *_question(step, place, step.no_match_prompt),
        "Goto(heard)",
        "silent: Set(GH_SILENCES=$[${GH_SILENCES} + 1])",
        f"GotoIf($[${{GH_SILENCES}} >= {step.tries}]?{place.to(step.no_input)})",
        *_question(step, place, step.no_input_prompt),
        "Goto(heard)",
        "typed: Set(GH_PRESSED=${GH_KEYS:0:1})",
        "Set(GH_KEYS=${GH_KEYS:1})",
        "Goto(key)",
    ]


def _question(step: plan.Ask, place: Place, *before: str) -> list[str]:
    paths = place.paths(*before, *step.prompts)
    if not paths:
        return [*_unheard(""), _listen("", step.silent_timeout_s, place)]
    if step.interruptible:
        return ["Set(GH_UNHEARD=0)", _listen(paths, step.timeout_s, place)]
    typed = 'GotoIf($["${GH_KEYS}" != ""]?typed)'
    return ["Set(GH_UNHEARD=0)", *_through(paths), typed, _listen("", step.timeout_s, place)]


def _listen(paths: str, seconds: float, place: Place) -> str:
    """Play, then wait so long for a key in an open line's noise: Read()'s own wait sends nothing at all (P15)."""
    quiet = place.quiet(seconds)
    if quiet is None:
        return f"Read(GH_PRESSED,{paths},1,e,1,{seconds:g})"
    return f"Read(GH_PRESSED,{'&'.join(filter(None, (paths, _sound(quiet))))},1,e,1,{_NO_WAIT})"


def _through(paths: str) -> list[str]:
    """Play to the end, whatever is pressed; the keys are kept for the next choice."""
    return [f"Set(GH_WORDS={paths})", "Gosub(say-through,s,1)"]


def _look(step: plan.Look, place: Place) -> list[str]:
    said = place.said(step.hours)
    return [
        f"Gosub({place.hours(step.hours)},s,1)",
        f'GotoIf($["${{GOSUB_RETVAL}}" = "open"]?{place.to(step.open)})',
        *(['GotoIf($["${GH_SAID}" != ""]?words)'] if said else []),
        f'GotoIf($["${{GOSUB_RETVAL}}" = "holiday"]?{place.to(step.holiday)})',
        f"Goto({place.to(step.closed)})",
        *(_words(said, place.to(step.closed)) if said else []),
    ]


def _words(said: Mapping[int, str | None], then: str) -> list[str]:
    """Closed with words of its own: they come first. What was not made is a prompt that is missing."""
    made = {number: path for number, path in said.items() if path is not None}
    return [
        "words: Set(GH_WORDS=)",
        *(f'ExecIf($["${{GH_SAID}}" = "{number}"]?Set(GH_WORDS={_sound(path)}))' for number, path in made.items()),
        'GotoIf($["${GH_WORDS}" = ""]?unsaid)',
        "Gosub(say-through,s,1)",
        "Set(GH_UNHEARD=0)",
        f"Goto({then})",
        "unsaid: NoOp()",
        *_unheard(then),
    ]


def _choose(step: plan.Choose, place: Place) -> list[str]:
    desks: dict[str, str] = {}
    tests = [(_test(test, desks), to) for test, to in step.cases]
    lines = [
        f"Gosub({CLOCK},s,1)",
        "Set(GH_HOUR=$[(${GH_MINUTE} - ${GH_MINUTE} % 60) / 60])",
        "Set(GH_DAYNAME=${CUT(GH_DAYNAMES,/,$[${GH_WEEKDAY} + 1])})",
    ]
    lines.insert(2, "Set(GH_DAYNAMES=mon/tue/wed/thu/fri/sat/sun)")
    for desk, variable in desks.items():
        lines += [f"Gosub({place.hours(desk)},s,1)", f"Set({variable}=${{GOSUB_RETVAL}})"]
    lines += [f"GotoIf($[{test}]?{place.to(to)})" for test, to in tests]
    return [*lines, f"Goto({place.to(step.otherwise)})"]


def _test(test: plan.Test, desks: dict[str, str]) -> str:
    if test.op in {"yes", "no"}:
        return "1" if test.op == "yes" else "0"
    if test.op == "open":
        desk = desks.setdefault(str(test.values[0]), f"GH_DESK_{len(desks) + 1}")
        return f'("${{{desk}}}" = "open")'
    if test.op == "not":
        return f"(!{_test(test.parts[0], desks)})"
    if test.op in {"all", "any"}:
        between_parts = " & " if test.op == "all" else " | "
        return f"({between_parts.join(_test(part, desks) for part in test.parts)})"
    sign, *rest = test.values
    between = rest.index("|")
    sides = (rest[:between], rest[between + 1 :])
    left, right = (_sum(side) if test.op == "number" else _text(side[0]) for side in sides)
    return f"({left} {sign} {right})"


def _sum(side: list[str | int | plan.Known]) -> str:
    words = [f"${{{_KNOWN[one.name]}}}" if isinstance(one, plan.Known) else str(one) for one in side]
    return f"(0 {' '.join(words)})" if words[0] in {"+", "-"} else words[0]


def _text(one: str | int | plan.Known) -> str:
    """With a letter in front: two texts of digits would be compared as numbers, and 01 is not 1."""
    text = f"${{{_KNOWN[one.name]}}}" if isinstance(one, plan.Known) else str(one)
    if not isinstance(one, plan.Known) and not _PLAIN.fullmatch(text):
        # Nothing the PBX knows looks like that: never the same.
        return '"y"'
    return f'"x{text}"'


def _go(step: plan.Go, place: Place) -> list[str]:
    return [*(["Set(GH_KEYS=)"] if step.forgets else []), f"Goto({place.to(step.next)})"]


def _speak(step: plan.Speak, place: Place) -> list[str]:
    to = place.to(step.next)
    if step.next != plan.RETURN:
        to = f"{place.speak(step.language)},{place.steps[step.next]},1"
    return [f"Set(GH_LANG={step.language})", f"Goto({to})"]


def _piece(step: plan.Piece, place: Place) -> list[str]:
    # On the way back the language may be another: the stack holds the flow and the step, the variable the language.
    back = "return" if step.next == plan.RETURN else f"{place.flow}+{place.steps[step.next]}"
    stack = [] if back == "return" else [f"Set(GH_BACK={back}/${{GH_BACK}})"]
    return [*stack, f"Goto({place.piece(step.flow)},s,1)"]


def _wait(step: plan.Wait, _place: Place) -> list[str]:
    return [
        f"Set(GH_QUEUE={_plain(step.queue)})",
        f"Set(GH_PRIORITY={step.priority})",
        f"Set(GH_SKILLS={_plain(step.skills)})",
        "Set(GH_KEYS=)",
        *([f"Set(GH_LANG={_plain(step.language)})"] if step.language else []),
        "Goto(hold,s,1)",
    ]


def _end(step: plan.End, _place: Place) -> list[str]:
    # The last words to her were missing: hung up on in silence she would never know why.
    return [f"GotoIf($[0${{GH_UNHEARD}} > 0]?{_PERSON})", f"Set(GH_WHY={step.why})", "Goto(static,end,1)"]


def _plain(text: str) -> str:
    if not _PLAIN.fullmatch(text):
        raise BadInput("bad_conf_value", "a value in the dialplan holds a character that Asterisk reads as syntax")
    return text


#: Any: each function takes its own kind of step.
_TABLE: Mapping[type[plan.Step], Callable[[Any, Place], list[str]]] = {
    plan.Say: _say,
    plan.Ask: _ask,
    plan.Look: _look,
    plan.Choose: _choose,
    plan.Go: _go,
    plan.Speak: _speak,
    plan.Piece: _piece,
    plan.Wait: _wait,
    plan.End: _end,
}
