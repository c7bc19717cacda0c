"""RTP packets, and the stream of them that one side of a call sends: speech and keys. No I/O (RFC 3550, RFC 4733)."""

from __future__ import annotations

import secrets
import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from kernel.errors import BadInput
from lab.g711 import FRAME
from lab.voice import Voice

_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")
_VERSION_2 = 0x80
_MARKER = 0x80
_END = 0x80

#: Event codes 0-15 in order (RFC 4733 §3.2).
KEYS = "0123456789*#ABCD"
#: -10 dBm0, a usual loudness.
_VOLUME = 10
#: Packets that say "the key is down": 100 ms, well over the 40 ms a receiver must recognise (Q.24).
_HELD_PACKETS = 5
#: The end is said three times, so that losing one does no harm (RFC 4733 §2.5.1.4).
_END_PACKETS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One RTP packet without extensions."""

    payload_type: int
    sequence: int
    #: In samples.
    timestamp: int
    source: int
    payload: bytes
    marker: bool = False


def pack(packet: Packet) -> bytes:
    """Write one packet."""
    second = packet.payload_type | (_MARKER if packet.marker else 0)
    head = _HEADER.pack(_VERSION_2, second, packet.sequence & 0xFFFF, packet.timestamp & 0xFFFFFFFF, packet.source)
    return head + packet.payload


def unpack(data: bytes) -> Packet:
    """Read one packet. Raises ``BadInput`` when it is not RTP version 2."""
    if len(data) < _HEADER.size or data[0] & 0xC0 != _VERSION_2:
        raise BadInput("bad_rtp", "not an RTP packet")
    first, second, sequence, timestamp, source = _HEADER.unpack_from(data)
    start, end = _HEADER.size + 4 * (first & 0x0F), len(data)
    if first & 0x10 and len(data) >= start + 4:
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
    if first & 0x20:
        end -= data[-1]
    return Packet(
        payload_type=second & 0x7F,
        sequence=sequence,
        timestamp=timestamp,
        source=source,
        payload=data[start:end],
        marker=bool(second & _MARKER),
    )


def key_ended(payload: bytes) -> str | None:
    """The key of a telephone event that says "released", None for one still held or unreadable."""
    if len(payload) < _EVENT.size:
        return None
    code, flags, _duration = _EVENT.unpack_from(payload)
    return KEYS[code] if flags & _END and code < len(KEYS) else None


class Sender:
    """The stream one side sends. Each call of ``next_packet`` is 20 ms of it."""

    def __init__(self, *, payload_type: int, event_type: int | None, voice: Voice) -> None:
        self._payload_type = payload_type
        self._event_type = event_type
        self._voice, self._spoken = voice, 0
        self._sequence = secrets.randbelow(0x8000)
        self._timestamp = secrets.randbelow(0x80000000)
        self._source = secrets.randbits(32)
        self._fresh = True
        self._keys: deque[Iterator[Packet]] = deque()

    @property
    def pressing(self) -> bool:
        """Whether keys are still being sent."""
        return bool(self._keys)

    def say(self, voice: Voice) -> None:
        """Say this from the next packet on."""
        self._voice, self._spoken = voice, 0

    def press(self, key: str, *, gap_packets: int) -> None:
        """Queue one key and the pause after it. Raises ``BadInput`` for a key no telephone has."""
        if key not in KEYS or self._event_type is None:
            raise BadInput("bad_key", "this call takes no such key")
        self._keys.append(self._key_packets(KEYS.index(key), self._event_type, gap_packets))

    def next_packet(self) -> bytes:
        """The packet for the next 20 ms."""
        packet: Packet | None = None
        while self._keys and packet is None:
            packet = next(self._keys[0], None)
            if packet is None:
                self._keys.popleft()
        return pack(packet or self._audio())

    def _audio(self) -> Packet:
        packet = self._packet(self._payload_type, self._timestamp, self._voice.frame(self._spoken), marker=self._fresh)
        self._fresh = False
        self._spoken += 1
        self._timestamp += FRAME
        return packet

    def _packet(self, payload_type: int, timestamp: int, payload: bytes, *, marker: bool) -> Packet:
        self._sequence += 1
        return Packet(
            payload_type=payload_type,
            sequence=self._sequence,
            timestamp=timestamp,
            source=self._source,
            payload=payload,
            marker=marker,
        )

    def _key_packets(self, code: int, event_type: int, gap_packets: int) -> Iterator[Packet]:
        """All packets of one key share the timestamp of its start; the duration grows (RFC 4733 §2.5.1)."""
        start = self._timestamp
        for number in range(_HELD_PACKETS + _END_PACKETS):
            end = _END if number >= _HELD_PACKETS else 0
            duration = FRAME * min(number + 1, _HELD_PACKETS + 1)
            payload = _EVENT.pack(code, end | _VOLUME, duration)
            self._timestamp += FRAME
            yield self._packet(event_type, start, payload, marker=number == 0)
        for _ in range(gap_packets):
            yield self._audio()
