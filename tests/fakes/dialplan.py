"""A small Asterisk for generated dialplan: contexts, expressions and the few applications the static fallback uses."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field

Lines = dict[str, dict[str, list[tuple[str, str]]]]
_EXTEN = re.compile(r"exten => ([^,]+),1,(.*)")
_SAME = re.compile(r" same => n(?:\((\w+)\))?,(.*)")
_QUOTED = re.compile(r'"[^"]*"')
_MAX_APPS = 20000
#: The beginning of every path of an open line's noise.
QUIET = "/s/_line/open_line_"
#: FILTER()'s characters.
_ALLOWED = {"0-9*#": "0123456789*#", "1-5": "12345"}


def parse(text: str) -> Lines:
    """Context -> extension -> (label, application), in order. Raises ``AssertionError`` for a line it cannot read."""
    contexts: Lines = {}
    context: dict[str, list[tuple[str, str]]] = {}
    current: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line.startswith("["):
            context = contexts.setdefault(line[1:-1], {})
        elif found := _EXTEN.fullmatch(line):
            current = context.setdefault(found[1], [])
            current.append(("", found[2]))
        elif found := _SAME.fullmatch(line):
            current.append((found[1] or "", found[2]))
        elif line and not line.startswith((";", "#")) and "hint," not in line:
            raise AssertionError(f"not dialplan: {line!r}")
    return contexts


@dataclass(slots=True)
class DialplanCall:
    """One call. ``keys``: what the caller does at each wait, ``.`` a silence; when they are used up, silence."""

    lines: Lines
    now: int
    keys: list[str]
    variables: dict[str, str]
    #: Keys pressed over each prompt that goes on all the same, one after the other.
    over: list[str] = field(default_factory=list)
    #: Files played, in order.
    heard: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    #: The variable that keys are noted in; empty: in none.
    noted: str = ""
    #: Context the call left to.
    ended: str = ""

    def run(self, context: str, exten: str = "s") -> None:
        """Go on until a context that is not here, or the hang-up."""
        at = (context, exten, 0)
        back: list[tuple[str, str, int]] = []
        for _ in range(_MAX_APPS):
            if at[0] not in self.lines:
                self.ended = at[0]
                return
            label, text = self.lines[at[0]][at[1]][at[2]]
            del label
            name, _, rest = text.partition("(")
            given = rest[: rest.rindex(")")]
            following = (at[0], at[1], at[2] + 1)
            match name:
                case "Goto":
                    at = self._place(self.put(given), at)
                case "GotoIf":
                    at = self._goto_if(given, at, following)
                case "Gosub":
                    back.append(following)
                    at = self._place(self.put(given), at)
                case "Return":
                    self.variables["GOSUB_RETVAL"] = self.put(given)
                    at = back.pop()
                case "Hangup":
                    self.ended = "hangup"
                    return
                case _:
                    _APPS[name](self, given)
                    at = following
        raise AssertionError("the dialplan goes round and round")

    def put(self, text: str) -> str:
        """Put values for ``${…}`` and ``$[…]``, innermost first."""
        while (start := max(text.rfind("${"), text.rfind("$["))) >= 0:
            open_, close = text[start + 1], "}" if text[start + 1] == "{" else "]"
            end = text.index(close, start)
            inner = text[start + 2 : end]
            value = self._value(inner) if open_ == "{" else evaluate(inner)
            text = text[:start] + value + text[end + 1 :]
        return text

    def _value(self, inner: str) -> str:
        name, _, cut = inner.partition(":")
        if "(" in name and ")" not in name:
            name, cut = inner, ""
        value = self._function(name) if "(" in name else self.variables.get(name, "")
        if name == "EPOCH":
            value = str(self.now)
        if cut:
            begin, _, length = cut.partition(":")
            value = value[int(begin) :][: int(length)] if length else value[int(begin) :]
        return value

    def _function(self, call: str) -> str:
        name, _, rest = call.partition("(")
        given = rest[: rest.rindex(")")].split(",")
        if name == "CUT":
            parts = self.variables.get(given[0], "").split(given[1])
            if given[2].endswith("-"):
                return given[1].join(parts[int(given[2][:-1]) - 1 :])
            at = int(given[2]) - 1
            return parts[at] if at < len(parts) else ""
        if name == "FILTER":
            return "".join(letter for letter in given[1] if letter in _ALLOWED[given[0]])
        if name == "LEN":
            return str(len(given[0]))
        if name in {"GLOBAL", "CHANNEL"}:
            return self.variables.get(given[0] if name == "GLOBAL" else call, "")
        assert name == "DIALPLAN_EXISTS", name
        return "1" if given[1] in self.lines.get(given[0], {}) else "0"

    def _place(self, target: str, at: tuple[str, str, int]) -> tuple[str, str, int]:
        match target.split(","):
            case [label]:
                labels = [one for one, _ in self.lines[at[0]][at[1]]]
                return at[0], at[1], labels.index(label)
            case [exten, _]:
                return at[0], exten, 0
            case [context, exten, _]:
                return context, exten, 0
        raise AssertionError(target)

    def _goto_if(self, given: str, at: tuple[str, str, int], following: tuple[str, str, int]) -> tuple[str, str, int]:
        condition, _, targets = given.partition("?")
        true, _, false = targets.partition(":")
        target = self.put(true if self.put(condition) not in {"", "0"} else false)
        return self._place(target, at) if target else following

    def set(self, given: str) -> None:
        """Set()."""
        name, _, value = given.partition("=")
        name = self.put(name)
        self.variables[name.removeprefix("GLOBAL(").removesuffix(")") if "GLOBAL(" in name else name] = self.put(value)

    def exec_if(self, given: str) -> None:
        """ExecIf()."""
        condition, _, application = given.partition("?")
        if self.put(condition) not in {"", "0"}:
            name, _, rest = application.partition("(")
            _APPS[name](self, rest[: rest.rindex(")")])

    def read(self, given: str) -> None:
        """Read(): plays, then takes a key; none comes while something plays."""
        variable, files, most, options, _, timeout = self.put(given).split(",")
        assert most == "1"
        assert options in {"", "e"}
        # An open line's noise is no prompt: it is how long a key is waited for.
        waits = float(timeout) >= 1 or QUIET in files
        self.heard += [one for one in files.split("&") if one and not one.startswith(QUIET)]
        key = (self.keys.pop(0) if self.keys else ".") if waits else "."
        self.variables[variable] = "" if key == "." else key

    def playback(self, given: str) -> None:
        """Playback(): it takes no key; only what notes them (StoreDTMF) has them."""
        self.heard += self.put(given).split("&")
        pressed = self.over.pop(0) if self.over else ""
        if self.noted:
            self.variables[self.noted] += pressed

    def store(self, given: str) -> None:
        """TryExec(StoreDTMF()): note every key in a variable from here on, or no longer."""
        assert given in {"StoreDTMF(RX,GH_DTMF)", "StoreDTMF(remove)"}, given
        self.noted = "GH_DTMF" if "RX" in given else ""
        self.variables["TRYSTATUS"] = "SUCCESS"

    def event(self, given: str) -> None:
        """UserEvent()."""
        self.events.append(self.put(given))


def evaluate(text: str) -> str:
    """Asterisk's ``$[…]``: quoted texts, whole numbers, and their comparisons."""
    # Quoted texts that both read as numbers are compared as numbers, as Asterisk does.
    python = _QUOTED.sub(lambda found: _literal(found[0][1:-1]), text)
    python = re.sub(r"(?<![<>!=])=(?!=)", "==", python)
    python = re.sub(r"\b0+(\d)", r"\1", python).replace("!(", "not (").replace("!=", " != ")
    python = re.sub(r"!(?!=)", " not ", python).replace("&", " and ").replace("|", " or ").replace("/", "//")
    value = _calculate(ast.parse(python.strip(), mode="eval").body)
    return str(int(value))


def _literal(text: str) -> str:
    return str(int(text)) if re.fullmatch(r"\d+", text) else repr(text)


def _calculate(node: ast.expr) -> int | str:
    match node:
        case ast.Constant(value=int() | str() as value):
            return value
        case ast.BoolOp(op=op, values=values):
            found = [bool(_calculate(value)) for value in values]
            return int(all(found) if isinstance(op, ast.And) else any(found))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return int(not _calculate(operand))
        case ast.BinOp(left=left, op=op, right=right):
            first, second = int(_calculate(left)), int(_calculate(right))
            return _SUMS[type(op)](first, second)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            one, other = _calculate(left), _calculate(right)
            if type(one) is not type(other):
                one, other = str(one), str(other)
            return int(_SIGNS[type(op)](one, other))
    raise AssertionError(ast.dump(node))


_SUMS: dict[type, Callable[[int, int], int]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mod: lambda a, b: a % b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Mult: lambda a, b: a * b,
}
_SIGNS: dict[type, Callable[[int | str, int | str], bool]] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.Lt: lambda a, b: int(a) < int(b),
    ast.LtE: lambda a, b: int(a) <= int(b),
    ast.Gt: lambda a, b: int(a) > int(b),
    ast.GtE: lambda a, b: int(a) >= int(b),
}
_APPS: dict[str, Callable[[DialplanCall, str], None]] = {
    "Set": DialplanCall.set,
    "ExecIf": DialplanCall.exec_if,
    "Read": DialplanCall.read,
    "Playback": DialplanCall.playback,
    "TryExec": DialplanCall.store,
    "UserEvent": DialplanCall.event,
    "NoOp": lambda _call, _given: None,
    "StartMusicOnHold": lambda _call, _given: None,
    "StopMusicOnHold": lambda _call, _given: None,
}
