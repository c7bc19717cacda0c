"""The little of SDP that a voice call needs: one audio stream, its codecs, its direction (RFC 4566, RFC 3264)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from kernel.errors import BadInput

_RTPMAP = re.compile(r"rtpmap:(\d{1,3}) ([^/\s]+)/(\d+)")
#: Static payload types (RFC 3551 table 4) need no rtpmap line.
_STATIC = {0: "PCMU", 8: "PCMA"}


class Direction(StrEnum):
    """Who may send, seen from the writer of the SDP."""

    BOTH = "sendrecv"
    #: The writer sends, the other only listens: this is how a phone puts the other side on hold.
    SEND_ONLY = "sendonly"
    RECEIVE_ONLY = "recvonly"
    NEITHER = "inactive"


#: What the answer says to an offer of this direction (RFC 3264 §6.1).
ANSWERING = {
    Direction.BOTH: Direction.BOTH,
    Direction.SEND_ONLY: Direction.RECEIVE_ONLY,
    Direction.RECEIVE_ONLY: Direction.SEND_ONLY,
    Direction.NEITHER: Direction.NEITHER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One side's description of its audio."""

    ip: str
    port: int
    #: Payload type → codec name in capitals, best first.
    formats: dict[int, str]
    direction: Direction = Direction.BOTH
    #: Grows by one with every changed description of a call (RFC 3264 §8).
    version: int = 1

    def payload_type(self, codec: str) -> int | None:
        """The number this side wants ``codec`` sent under, None when it does not take it."""
        return next((number for number, name in self.formats.items() if name == codec), None)


def parse_sdp(body: bytes) -> Session:
    """Read the first audio stream. Raises ``BadInput`` when there is none."""
    ip, port, direction = "", 0, Direction.BOTH
    numbers: list[int] = []
    names = dict(_STATIC)
    for line in body.decode("utf-8", "replace").splitlines():
        kind, _, text = line.partition("=")
        if kind == "c":
            ip = text.split()[-1]
        elif kind == "m" and numbers:
            break
        elif kind == "m" and text.startswith("audio "):
            words = text.split()
            port, numbers = int(words[1]), [int(word) for word in words[3:] if word.isdigit()]
        elif kind == "a" and (found := _RTPMAP.match(text)):
            names[int(found[1])] = found[2].upper()
        elif kind == "a" and text.strip() in list(Direction):
            direction = Direction(text.strip())
    if not ip or not numbers:
        raise BadInput("bad_sdp", "the session description names no audio address")
    # RFC 3264 §8.4: the old form of hold.
    if ip == "0.0.0.0":  # noqa: S104 - compared with, not bound to
        direction = Direction.NEITHER
    formats = {number: names[number] for number in numbers if number in names}
    return Session(ip=ip, port=port, formats=formats, direction=direction)


def build_sdp(session: Session) -> bytes:
    """Write one audio stream; 20 ms packets, keys 0-9 * # A-D as telephone events (RFC 4733 §2.4.1)."""
    lines = [
        "v=0",
        f"o=lab 1 {session.version} IN IP4 {session.ip}",
        "s=-",
        f"c=IN IP4 {session.ip}",
        "t=0 0",
        f"m=audio {session.port} RTP/AVP {' '.join(map(str, session.formats))}",
    ]
    for number, name in session.formats.items():
        lines.append(f"a=rtpmap:{number} {name.lower() if name == 'TELEPHONE-EVENT' else name}/8000")
        if name == "TELEPHONE-EVENT":
            lines.append(f"a=fmtp:{number} 0-15")
    lines += ["a=ptime:20", f"a={session.direction}"]
    return ("\r\n".join(lines) + "\r\n").encode()
