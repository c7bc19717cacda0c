"""SIP messages as bytes and as data: parse, build, take headers apart. No I/O and no clock (RFC 3261 §7, §25)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from kernel.errors import BadInput

Header = tuple[str, str]

_VERSION = "SIP/2.0"
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6][0-9]{2})(?: (.*))?")
_REQUEST_LINE = re.compile(r"([A-Za-z0-9.!%*_+`'~-]+) (\S+) SIP/2\.0")
_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
#: A line break that does not fold: what follows would be read as a new header.
_BREAKS_OUT = re.compile(r"(?:\r\n|\r(?!\n)|\n)(?![ \t])")
_FOLD = re.compile(r"[ \t]*\r?\n[ \t]+")
#: RFC 3261 §25.1, ``mark`` and ``user-unreserved``: what may stand unescaped in a URI's user part beside letters
#: and digits. ``#`` is not among them.
_USER_CHARACTERS = "-_.!~*'()&=+$,;?/"

#: RFC 3261 §7.3.3 and the IANA registry: the short names a sender may use when datagrams get long.
_COMPACT = {
    "c": "Content-Type",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "s": "Subject",
    "t": "To",
    "v": "Via",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What requests and responses share. ``Content-Length`` is never among ``headers``: it follows from ``body``."""

    headers: tuple[Header, ...]
    body: bytes = b""

    def first(self, name: str) -> str:
        """The value of the first header of this name (any case), empty when there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def every(self, name: str) -> tuple[str, ...]:
        """All values of this name in order, comma lists taken apart."""
        return tuple(part for row in self.rows(name) for part in split_list(row))

    def rows(self, name: str) -> tuple[str, ...]:
        """All values of this name in order, untouched: for headers whose commas do not separate values."""
        return tuple(value for key, value in self.headers if key.lower() == name.lower())

    @property
    def cseq(self) -> tuple[int, str]:
        """Number and method. ``(0, "")`` when unreadable."""
        number, _, method = self.first("CSeq").partition(" ")
        return (int(number), method.strip()) if number.isascii() and number.isdigit() else (0, "")

    @property
    def branch(self) -> str:
        """The top Via's branch: names the transaction (RFC 3261 §17.1.3)."""
        vias = self.every("Via")
        return parameter(vias[0], "branch") if vias else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Message):
    """A SIP request."""

    method: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(Message):
    """A SIP response."""

    status: int
    reason: str = ""


def parse(datagram: bytes) -> Request | Response:
    """Read one datagram. Raises ``BadInput`` when it is not SIP; the text itself is not repeated."""
    head, blank, rest = datagram.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not blank:
        raise BadInput("bad_sip", "a SIP message ends its headers with an empty line")
    start, _, block = head.decode("utf-8", "surrogateescape").partition("\r\n")
    headers, length = _read_headers(block)
    if length is not None and length > len(rest):
        raise BadInput("bad_sip", "the body is shorter than Content-Length says")
    body = rest if length is None else rest[:length]
    if status := _STATUS_LINE.fullmatch(start):
        return Response(status=int(status[1]), reason=status[2] or "", headers=headers, body=body)
    if request := _REQUEST_LINE.fullmatch(start):
        return Request(method=request[1], uri=request[2], headers=headers, body=body)
    raise BadInput("bad_sip", "the first line is neither a SIP request nor a SIP response")


def _read_headers(block: str) -> tuple[tuple[Header, ...], int | None]:
    headers: list[Header] = []
    length: int | None = None
    for line in _FOLD.sub(" ", block).split("\r\n"):
        if not line:
            continue
        name, colon, value = line.partition(":")
        name = name.strip()
        if not colon or not _TOKEN.fullmatch(name):
            raise BadInput("bad_sip", "a header line has no name")
        name, value = _COMPACT.get(name.lower(), name), value.strip()
        if name.lower() != "content-length":
            headers.append((name, value))
        elif value.isascii() and value.isdigit():
            length = int(value)
        else:
            raise BadInput("bad_sip", "Content-Length is not a number")
    return tuple(headers), length


def encode(message: Request | Response) -> bytes:
    """Write one datagram. Raises ``BadInput`` when a header's line break would begin a new header."""
    if isinstance(message, Request):
        start = f"{message.method} {message.uri} {_VERSION}"
    else:
        start = f"{_VERSION} {message.status} {message.reason}"
    lines = [start, *(f"{name}: {value}" for name, value in message.headers), f"Content-Length: {len(message.body)}"]
    if any(_BREAKS_OUT.search(line) for line in lines):
        raise BadInput("bad_sip", "a line break in a header must be followed by a blank")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + message.body


def split_list(value: str) -> list[str]:
    """Cut at commas that stand outside quotes and angle brackets."""
    parts, start, quoted, angled, skip = [], 0, False, False, False
    for at, char in enumerate(value):
        if skip:
            skip = False
        elif quoted:
            skip, quoted = char == "\\", char != '"'
        elif char == '"':
            quoted = True
        elif char in "<>":
            angled = char == "<"
        elif char == "," and not angled:
            parts.append(value[start:at].strip())
            start = at + 1
    return [part for part in [*parts, value[start:].strip()] if part]


def parameter(value: str, name: str) -> str:
    """The ``;name=…`` parameter behind a header's address, empty when absent or without value."""
    behind = value.rpartition(">")[2] if ">" in value else value
    for part in behind.split(";")[1:]:
        key, _, text = part.partition("=")
        if key.strip().lower() == name:
            return text.strip().strip('"')
    return ""


def uri_in(value: str) -> str:
    """The URI of a From, To, Contact, Route or Record-Route value, without brackets and header parameters."""
    _, bracket, rest = value.rpartition("<")
    return rest.partition(">")[0] if bracket else value.partition(";")[0].strip()


def uri_user(uri: str) -> str:
    """The user part of a SIP URI, percent escapes undone; empty when there is none."""
    user, at, _ = uri.partition(":")[2].partition("@")
    return unquote(user.partition(":")[0]) if at else ""


def uri_address(uri: str) -> tuple[str, int]:
    """Host and port of a SIP URI; 5060 when it names none (RFC 3261 §19.1.2). IPv4 and names only."""
    rest = uri.partition(":")[2]
    user, at, behind = rest.partition("@")  # a user part may hold ";" and "?", but no plain "@"
    host, _, port = re.split(r"[;?>]", behind if at else user)[0].partition(":")
    return host, int(port) if port.isascii() and port.isdigit() else 5060


def name_addr(display: str, uri: str) -> str:
    """``"display" <uri>``, safe for any display name: what a hostile one can do stays inside the quotes.

    A line break becomes a fold, the nearest legal thing on the wire (RFC 3261 §25.1: a quoted-pair cannot
    hold CR or LF): it tests a reader that splits lines before it unfolds them.
    """
    if not display:
        return f"<{uri}>"
    text = display.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"\r\n|\r|\n", "\r\n ", text) + f'" <{uri}>'


def sip_uri(user: str, address: tuple[str, int]) -> str:
    """``sip:user@host:port``; every character outside RFC 3261's ``user`` rule is percent-escaped."""
    host, port = address
    return f"sip:{quote(user, safe=_USER_CHARACTERS)}@{host}:{port}"
