"""AMI as bytes: a decoder from chunks to frames, and the one encoder of actions; no I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from kernel.errors import BadInput, GuildhallError

Headers = Mapping[str, str] | Sequence[tuple[str, str]]

_EOL = b"\r\n"
_END = b"\r\n\r\n"
#: A banner is some 30 bytes; a peer that talks on without ending its line is not a PBX.
_MAX_BANNER = 1024
#: The fattest frame seen was 3 KB; Status with many variables may reach some tens.
_MAX_FRAME = 256 * 1024
_MAX_LINE = 64 * 1024

#: Asterisk 22.10.1 took a header line of 1,024 bytes with its CRLF and refused one of 1,029 ("line too long"); a
#: message of 200 lines it refused without repeating the ActionID, so the asker would wait in vain [measured].
_MAX_LINE_SENT = 1024
_MAX_HEADERS_SENT = 100


class AmiProtocolError(GuildhallError):
    """What the peer sent is not AMI, or is too long to be held."""


class Frame:
    """One AMI message: its headers in order, names in any case, the first of a repeated name winning.

    First wins so that the fields of a UserEvent, which Asterisk writes last, cannot pose as its ``Channel``.
    """

    __slots__ = ("_first", "pairs")

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self.pairs = tuple(pairs)
        self._first: dict[str, str] = {}
        for name, value in self.pairs:
            self._first.setdefault(name.lower(), value)

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a header."""
        return self._first.get(name.lower(), default)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a header, in order."""
        wanted = name.lower()
        return tuple(value for key, value in self.pairs if key.lower() == wanted)

    @property
    def event(self) -> str:
        """The event's name; empty for a reply."""
        return self._first.get("event", "")

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._first

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frame) and self.pairs == other.pairs

    def __hash__(self) -> int:
        return hash(self.pairs)

    def __repr__(self) -> str:
        # Values may be caller data, and a repr ends up in logs.
        return f"<Frame {self.event or 'reply'} of {len(self.pairs)} headers>"


class AmiDecoder:
    """Bytes in any chunks to frames. ``banner`` is None until its line is complete.

    ``wanted`` names the events worth parsing; the others are dropped unread (5 instead of 16 microseconds an event, and
    with read=all they are nine in ten), but never one that carries an ActionID: it answers somebody.
    """

    def __init__(self, wanted: frozenset[str] | None = None) -> None:
        self.banner: str | None = None
        self._rest = b""
        self._wanted = None if wanted is None else frozenset(name.encode() for name in wanted)

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that became complete. Raises ``AmiProtocolError`` for an endless line or frame."""
        data = self._rest + data
        if self.banner is None:
            line, found, data = data.partition(_EOL)
            if len(line) > _MAX_BANNER:
                raise AmiProtocolError("ami_protocol", "the peer's greeting is too long for a PBX's")
            if not found:
                self._rest = line
                return []
            self.banner = line.decode("utf-8", "replace")
        *whole, self._rest = data.split(_END)
        if len(self._rest) > _MAX_FRAME:
            raise AmiProtocolError("ami_protocol", "a message does not end")
        # Text is decoded only here, when complete: a letter cut by a TCP segment stays whole.
        return [_parse(raw) for raw in whole if raw.strip() and not self._skips(raw)]

    def _skips(self, raw: bytes) -> bool:
        if self._wanted is None or not raw.startswith(b"Event: "):
            return False
        end = raw.find(_EOL)
        name = raw[7:] if end < 0 else raw[7:end]
        return name not in self._wanted and b"\r\nActionID: " not in raw


def _parse(raw: bytes) -> Frame:
    if len(raw) > _MAX_FRAME:
        raise AmiProtocolError("ami_protocol", "a message is too long")
    pairs = []
    for line in raw.decode("utf-8", "replace").split("\r\n"):
        if len(line) > _MAX_LINE:
            raise AmiProtocolError("ami_protocol", "a line is too long")
        name, colon, value = line.partition(":")
        # Only the output of Command has lines without a colon, and that action is not on the list.
        if colon:
            # One message of Asterisk 22 ends in a bare line feed: "No Contacts found\n".
            pairs.append((name, value.removeprefix(" ").rstrip("\n")))
    return Frame(pairs)


#: Actions we may send. No Command, GetConfig, UpdateConfig, ModuleLoad, Reload: each is a ladder to the shell or to
#: files (SECURITY V01, V02). No QueueAdd: a member of a queue is anything that Asterisk can dial.
ACTIONS = frozenset({
    "Challenge", "CoreShowChannels", "DeviceStateList", "Events", "Getvar", "Hangup", "Login", "Logoff",
    "MixMonitorMute", "Originate", "PJSIPShowContacts", "PJSIPShowEndpoints", "Ping", "PlayDTMF", "QueueWithdrawCaller",
    "Redirect", "Setvar", "Status", "UserEvent",
})  # fmt: skip

#: A channel variable, or one of the functions that only tell or keep state: SHELL, CURL, EVAL, FILE and their kin are
#: how a variable's name becomes a command (CVE-2012-2414).
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*|(?:CHANNEL|DB|DEVICE_STATE|GLOBAL|TIMEOUT)\([A-Za-z0-9_./@:-]+\)")
#: The one with commas: packets received on a leg.
PACKETS = "CHANNEL(rtcp,rxcount,audio)"
#: What a call of ours may run without the dialplan. MixMonitor, System, AGI, Exec reach a shell.
_APPLICATIONS = frozenset({"ChanSpy", "Echo", "MusicOnHold", "Playback", "Wait"})

_SEAT = re.compile(r"Local/[A-Za-z0-9][A-Za-z0-9_.-]{0,63}@callback-resident/n")

_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_FORBIDDEN = re.compile(r"[\r\n\0]")


def _names_are_plain(value: str) -> bool:
    return value == PACKETS or all(_VARIABLE.fullmatch(name) for name in value.split(","))


def _assigned_name_is_plain(value: str) -> bool:
    return _VARIABLE.fullmatch(value.partition("=")[0]) is not None


def _is_a_seat(value: str) -> bool:
    """The one thing we begin by ourselves: a PJSIP channel here would be a call past the gate."""
    return _SEAT.fullmatch(value) is not None


#: (action, header) -> what its value must satisfy beyond the rules for all.
_CHECKS: Mapping[tuple[str, str], Callable[[str], bool]] = {
    ("Getvar", "variable"): _names_are_plain,
    ("Setvar", "variable"): _names_are_plain,
    ("Status", "variables"): _names_are_plain,
    ("Originate", "variable"): _assigned_name_is_plain,
    ("Originate", "application"): _APPLICATIONS.__contains__,
    ("Originate", "channel"): _is_a_seat,
    ("Originate", "context"): "callback-seat".__eq__,
    # A key as if the agent had pressed it; never one that is sent to a phone (``Receive``).
    ("PlayDTMF", "digit"): frozenset("0123456789*#").__contains__,
    ("PlayDTMF", "receive"): "true".__eq__,
}


def encode_action(name: str, headers: Headers, action_id: str) -> bytes:
    """Encode one action; ``headers`` may repeat a name (``Variable``) when given as pairs.

    Raises ``BadInput`` for an action or header that is not allowed; never repeats a value, which may be caller data.
    """
    if name not in ACTIONS:
        raise BadInput("ami_action", "this AMI action is not one that Guildhall sends")
    pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
    if len(pairs) > _MAX_HEADERS_SENT:
        raise BadInput("ami_value", f"an AMI action holds at most {_MAX_HEADERS_SENT} headers")
    lines = [b"Action: " + name.encode(), _line("ActionID", action_id)]
    for key, value in pairs:
        if key.lower() in {"action", "actionid"}:
            raise BadInput("ami_header", "the action's name and id are not given as headers")
        check = _CHECKS.get((name, key.lower()))
        if check is not None and not check(value):
            raise BadInput("ami_value", f"{name} may not carry this {key.lower()}")
        lines.append(_line(key, value))
    return _EOL.join(lines) + _END


def _line(key: str, value: str) -> bytes:
    if not _HEADER_NAME.fullmatch(key):
        raise BadInput("ami_header", "an AMI header's name holds letters, digits, '-' and '_', at most 64")
    if _FORBIDDEN.search(value):
        raise BadInput("ami_value", f"the value of {key} may not hold CR, LF or NUL")
    try:
        line = f"{key}: {value}".encode()
    except UnicodeEncodeError:
        # `from None`: the original error carries the value.
        raise BadInput("ami_value", f"the value of {key} is not text") from None
    if len(line) + len(_EOL) > _MAX_LINE_SENT:
        raise BadInput("ami_value", f"the value of {key} is too long for one AMI line")
    return line
