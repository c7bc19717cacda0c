"""The sound of one call leg: sends 20 ms frames on the shared beat, keeps what is heard with its arrival times."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass

from kernel.errors import BadInput
from lab.g711 import FRAME, LAWS, RATE, Law
from lab.kernel_stamp import Address, open_udp, read_stamped
from lab.listen import QUIET_DBFS, rms_dbfs
from lab.metronome import metronome
from lab.rtp import Sender, key_ended, unpack
from lab.sdp import Direction, Session
from lab.voice import Sound, voice_of

_EVENTS = "TELEPHONE-EVENT"
_OUR_FORMATS = {8: "PCMA", 0: "PCMU", 101: _EVENTS}
#: Receive buffer of a leg that does not listen: the kernel drops what does not fit. An unbound port instead would
#: send the PBX an ICMP error for every packet.
_SINK_BYTES = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardFrame:
    """One packet's sound as it came."""

    #: Kernel arrival, Unix seconds.
    at: float
    payload: bytes
    law: Law


class Media:
    """One RTP socket. With ``flows`` False only the one packet is sent that Asterisk's Answer() waits for."""

    def __init__(
        self,
        local_ip: str,
        *,
        flows: bool,
        codecs: tuple[str, ...] = (),
        on_audio: Callable[[float], None] = lambda _at: None,
    ) -> None:
        self._flows = flows
        self._codecs = codecs
        self._on_audio = on_audio
        self._socket = open_udp(local_ip, even=True)
        if not flows:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SINK_BYTES)
        self._ip = local_ip
        self._to: Address | None = None
        self._law = LAWS[0]
        self._sender: Sender | None = None
        self._sound: Sound = None
        self._direction = Direction.BOTH
        #: What we said we take: the numbers their packets carry.
        self._ours: dict[int, str] = {
            number: name for number, name in _OUR_FORMATS.items() if not codecs or name in {*codecs, _EVENTS}
        }
        self._last_key_stamp: int | None = None
        self._version = 0
        self._closed = False
        self._keys_sent = asyncio.Event()
        #: True while this phone has the other side on hold: it then sends nothing, as phones do.
        self.muted = False
        self.frames: list[HeardFrame] = []
        #: Keys the other side pressed (telephone events).
        self.keys_heard = ""
        #: Arrival of the first frame that was not silence, Unix seconds.
        self.first_audio_at: float | None = None

    def describe(self, direction: Direction = Direction.BOTH, *, formats: dict[int, str] | None = None) -> Session:
        """This side's SDP; a new version each time."""
        self._version += 1
        self._ours = formats or self._ours
        port = self._socket.getsockname()[1]
        return Session(ip=self._ip, port=port, formats=self._ours, direction=direction, version=self._version)

    def answer_formats(self, offer: Session) -> dict[int, str]:
        """Of the offer's formats those spoken here, theirs first; of a phone with codecs of its own the first of those.

        Raises ``BadInput`` when none is.
        """
        spoken = {*self._spoken_with(offer), _EVENTS}
        formats = {number: name for number, name in offer.formats.items() if name in spoken}
        if not set(formats.values()) - {_EVENTS}:
            raise BadInput("bad_sdp", "the other side offers no codec of ours")
        return formats

    def aim(self, theirs: Session) -> None:
        """Send there from now on, in the first codec that is theirs and ours."""
        law = next((law for name in self._spoken_with(theirs) for law in LAWS if law.name == name), None)
        if law is None:
            raise BadInput("bad_sdp", "the other side takes no codec of ours")
        number = theirs.payload_type(law.name)
        changed = self._sender is None or law is not self._law
        self._to, self._law, self._direction = (theirs.ip, theirs.port), law, theirs.direction
        if changed and number is not None:
            voice = voice_of(self._sound, law)
            self._sender = Sender(payload_type=number, event_type=theirs.payload_type(_EVENTS), voice=voice)

    def start(self) -> None:
        """The call is up: send one packet now, and the rest on the beat."""
        self._send()
        if self._flows and not self._closed:
            metronome().join(self.beat)

    def close(self) -> None:
        """Fall silent and give the port back."""
        if self._closed:
            return
        self._closed = True
        self._keys_sent.set()
        metronome().leave(self.beat)
        self._socket.close()

    def beat(self) -> None:
        """20 ms are over: send a frame, take in what came."""
        if self._closed:
            return
        if self._direction in (Direction.BOTH, Direction.RECEIVE_ONLY) and not self.muted:
            self._send()
        if self._sender and not self._sender.pressing:
            self._keys_sent.set()
        self._listen()

    def speak(self, sound: Sound) -> None:
        """Say this from now on; before the call is up, from its beginning."""
        self._sound = sound
        voice = voice_of(sound, self._law)
        if self._sender:
            self._sender.say(voice)

    async def press(self, keys: str, gap_s: float) -> None:
        """Press keys, one after another; done when the last is released and its gap over.

        Raises ``BadInput`` when the call takes no keys.
        """
        if self._sender is None or not self._flows:
            raise BadInput("bad_key", "keys need a call that is up and has media")
        for key in keys:
            self._sender.press(key, gap_packets=round(gap_s * RATE / FRAME))
        self._keys_sent.clear()
        await self._keys_sent.wait()

    def heard(self, start: float | None = None, end: float | None = None) -> bytearray:
        """What came in, decoded, in order of arrival; between two moments (Unix seconds) where given."""
        pcm = bytearray()
        for frame in self.frames:
            if (start is None or frame.at >= start) and (end is None or frame.at < end):
                pcm += frame.law.decode(frame.payload)
        return pcm

    def _spoken_with(self, theirs: Session) -> list[str]:
        offered = list(theirs.formats.values())
        if self._codecs:
            return [name for name in self._codecs if name in offered][:1]
        return [name for name in offered if name in {law.name for law in LAWS}]

    def _send(self) -> None:
        if self._sender and self._to and not self._closed:
            try:
                self._socket.sendto(self._sender.next_packet(), self._to)
            except OSError:
                return  # a full buffer or an address out of reach: a lost packet, as on any line

    def _listen(self) -> None:
        while got := read_stamped(self._socket):
            data, _source, at = got
            try:
                packet = unpack(data)
            except BadInput:
                continue
            name = self._ours.get(packet.payload_type)
            law = next((law for law in LAWS if law.name == name), None)
            if law:
                self._hear(HeardFrame(at=at, payload=packet.payload, law=law))
            elif name == _EVENTS and packet.timestamp != self._last_key_stamp and (key := key_ended(packet.payload)):
                self.keys_heard += key
                self._last_key_stamp = packet.timestamp

    def _hear(self, frame: HeardFrame) -> None:
        self.frames.append(frame)
        if self.first_audio_at is None and rms_dbfs(frame.law.decode(frame.payload)) > QUIET_DBFS:
            self.first_audio_at = frame.at
            self._on_audio(frame.at)
