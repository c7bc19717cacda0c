"""AGI as bytes: a decoder of environment and replies, and the one encoder of commands; no I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kernel.errors import BadInput, GuildhallError

#: Asterisk 22 sends some 25 lines of environment plus the arguments.
_MAX_ENVIRONMENT_LINES = 100
_MAX_LINE = 4096
#: The longest usage text of Asterisk 22 has 20 lines.
_MAX_USAGE_LINES = 100
#: Asterisk 22.10.1 took 4,000 bytes whole and cut 9,000 in two, running the rest as a second command [measured].
_MAX_COMMAND = 2000


class AgiProtocolError(GuildhallError):
    """What the peer sent is not AGI, or is too long to be held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgiReply:
    """The answer to one command. Results may be the caller's keys, so they stay out of the repr."""

    #: 200; 510 unknown command; 511 not on a dead channel; 520 wrong usage.
    code: int
    #: What stands after ``result=``; empty unless 200.
    result: str = field(default="", repr=False)
    #: What stands in the parentheses, None when there are none: a variable's value, ``timeout``.
    data: str | None = field(default=None, repr=False)
    #: Where a stream stopped, in samples from the start of the file.
    endpos: int | None = None

    @property
    def number(self) -> int | None:
        """The result as a number; None when it is none, as in ``result= (timeout)``."""
        return int(self.result) if re.fullmatch(r"-?[0-9]{1,9}", self.result) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HangupSeen:
    """The line ``HANGUP``: the channel is no longer ours. It is no reply."""


#: Data is greedy, because a value may hold ``)``: the last one closes.
_RESULT = re.compile(r"200 result=(?P<result>[^ ]*)(?: \((?P<data>.*)\))?(?: endpos=(?P<endpos>[0-9]{1,18}))?.*")
_CODED = re.compile(r"(?P<code>[0-9]{3})(?:[ -].*)?")


class AgiDecoder:
    """Bytes in any chunks to the environment first, then to replies. ``environment`` is None until its blank line."""

    def __init__(self) -> None:
        self.environment: Mapping[str, str] | None = None
        self._gathered: dict[str, str] = {}
        self._rest = b""
        #: Lines of a 520 usage text still under way; None when there is none.
        self._usage_lines: int | None = None

    def feed(self, data: bytes) -> list[AgiReply | HangupSeen]:
        """Return the replies that became complete. Raises ``AgiProtocolError``."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _MAX_LINE or any(len(line) > _MAX_LINE for line in lines):
            raise AgiProtocolError("agi_protocol", "an AGI line is too long")
        seen = (self._line(line.decode("utf-8", "replace")) for line in lines)
        return [reply for reply in seen if reply is not None]

    def end(self) -> None:
        """Take note of the end of the stream. Raises ``AgiProtocolError`` inside the environment or a line."""
        if self.environment is None or self._rest:
            raise AgiProtocolError("agi_protocol", "the peer closed in the middle of its words")

    def _line(self, line: str) -> AgiReply | HangupSeen | None:
        if self.environment is None:
            self._environment_line(line)
            return None
        if self._usage_lines is not None:
            return self._usage_line(line)
        if line == "HANGUP":
            return HangupSeen()
        if line.startswith("520-"):
            self._usage_lines = 0
            return None
        return _reply(line)

    def _environment_line(self, line: str) -> None:
        if not line:
            self.environment = self._gathered
            return
        name, colon, value = line.partition(":")
        # A caller's name that carried a line feed could forge `agi_arg_1`; the true one follows, as a duplicate.
        if not colon or name in self._gathered or len(self._gathered) >= _MAX_ENVIRONMENT_LINES:
            raise AgiProtocolError("agi_protocol", "the AGI environment is malformed")
        self._gathered[name] = value.removeprefix(" ")

    def _usage_line(self, line: str) -> AgiReply | None:
        assert self._usage_lines is not None  # noqa: S101 - only called then
        self._usage_lines += 1
        if line.startswith("520 "):
            self._usage_lines = None
            return AgiReply(code=520)
        if self._usage_lines > _MAX_USAGE_LINES:
            raise AgiProtocolError("agi_protocol", "an AGI usage text does not end")
        return None


def _reply(line: str) -> AgiReply | None:
    found = _RESULT.fullmatch(line)
    if found is not None:
        endpos = found["endpos"]
        return AgiReply(
            code=200, result=found["result"], data=found["data"], endpos=None if endpos is None else int(endpos)
        )
    coded = _CODED.fullmatch(line)
    if coded is None or coded["code"] == "200":
        raise AgiProtocolError("agi_protocol", "an AGI reply is malformed")
    # 100 Trying announces the reply, it is not it.
    return None if coded["code"] == "100" else AgiReply(code=int(coded["code"]))


_OWN_VARIABLE = re.compile(r"GH_[A-Z_]+")
#: Functions are run by GET VARIABLE, SHELL() too (SECURITY V04): so names come from here and nowhere else.
_READABLE = frozenset({
    "CHANNEL(endpoint)", "CHANNEL(language)", "CHANNEL(linkedid)", "CHANNEL(name)", "CHANNEL(state)", "UNIQUEID",
})  # fmt: skip
_WRITABLE = frozenset({"TIMEOUT(absolute)"})
_APPLICATIONS = frozenset({"AudioSocket", "Playtones", "StopPlaytones", "UserEvent", "Wait"})


def _may_get(args: tuple[str, ...]) -> bool:
    return len(args) == 1 and (args[0] in _READABLE or _OWN_VARIABLE.fullmatch(args[0]) is not None)


def _may_set(args: tuple[str, ...]) -> bool:
    return len(args) == 2 and (args[0] in _WRITABLE or _OWN_VARIABLE.fullmatch(args[0]) is not None)  # noqa: PLR2004 - name, value


def _may_exec(args: tuple[str, ...]) -> bool:
    return len(args) in {1, 2} and args[0] in _APPLICATIONS


#: Our own folder and our own ids: a recording elsewhere is a file anywhere (SECURITY V05, V06).
_MESSAGE = re.compile(r"/srv/guildhall/spool/voicemail/[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
#: Number, seconds, number shown: what `[outside]` takes, and nothing that Dial could read as syntax (V03).
_OUTSIDE = re.compile(r"\+?[0-9]{2,20},[0-9]{1,3},[0-9+]{2,20}")


def _may_record(args: tuple[str, ...]) -> bool:
    return len(args) > 1 and args[1] == "wav" and _MESSAGE.fullmatch(args[0]) is not None


def _may_gosub(args: tuple[str, ...]) -> bool:
    return args[:3] == ("outside", "s", "1") and len(args) == 4 and _OUTSIDE.fullmatch(args[3]) is not None  # noqa: PLR2004 - context, extension, priority, arguments


def _any(args: tuple[str, ...]) -> bool:
    del args
    return True


#: Every command we may send, and what its arguments must satisfy. No HANGUP: only AMI's Hangup ends a call.
COMMANDS: Mapping[str, Callable[[tuple[str, ...]], bool]] = {
    "ANSWER": _any,
    "CHANNEL STATUS": _any,
    "EXEC": _may_exec,
    "GET VARIABLE": _may_get,
    "GOSUB": _may_gosub,
    "NOOP": _any,
    "RECORD FILE": _may_record,
    "SET VARIABLE": _may_set,
    "STREAM FILE": _any,
    "WAIT FOR DIGIT": _any,
}

#: C0, DEL and C1: a line feed is a second command, the rest serve nobody.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def encode_command(command: str, *args: str) -> bytes:
    """Encode one command with its arguments, each quoted as Asterisk's ``parse_args`` (res_agi.c) reads it back.

    Raises ``BadInput`` for a command or argument that is not allowed; never repeats a value, which may be caller data.
    """
    check = COMMANDS.get(command)
    if check is None or not check(args):
        raise BadInput("agi_command", "this AGI command, or what it names, is not one that Guildhall sends")
    line = " ".join([command, *map(_quoted, args)])
    try:
        data = line.encode() + b"\n"
    except UnicodeEncodeError:
        # `from None`: the original error carries the value.
        raise BadInput("agi_value", "an AGI argument is not text") from None
    if len(data) > _MAX_COMMAND:
        raise BadInput("agi_value", f"an AGI command is longer than {_MAX_COMMAND} bytes")
    return data


def _quoted(value: str) -> str:
    if _CONTROL.search(value):
        raise BadInput("agi_value", "an AGI argument may not hold control characters")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
