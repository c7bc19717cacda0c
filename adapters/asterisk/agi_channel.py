"""The caller's line over AGI: play, listen, write on the channel, say an event, answer."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence

import structlog

from adapters.asterisk.agi_session import AgiGone, AgiSession
from adapters.asterisk.agi_wire import AgiReply
from adapters.asterisk.kept_keys import KEYS, KeptKeys
from kernel.errors import BadInput, LineGone, PlaybackFailed, Refused
from kernel.ids import ContactId, LegId, TenantId, checked_id
from kernel.number import Dialled, parse_dialled

__all__ = ["AgentPhone", "AgiLine", "LineGone", "leaving"]

log = structlog.get_logger()

#: Samples a second of everything the PBX plays.
_RATE = 8000
#: Keys taken during one prompt that may not be interrupted; a stuck key must not hold the prompt for ever.
_MAX_KEYS = 32
#: Added to the longest duration of a verb: time enough for a slow PBX, short enough that a caller whose engine froze
#: reaches the static fallback (docs/asterisk.md rule 1).
_GRACE_S = 5
_SHORT_S = 5.0

#: `[outside]` ends a talk after two hours.
_TALK_LIMIT_S = 7200.0 + 60.0
#: Where messages are recorded, as the PBX sees it.
MESSAGES = "/srv/guildhall/spool/voicemail"

_SOUND = re.compile(r"/[A-Za-z0-9_./-]{1,250}")
_OWN_VARIABLE = re.compile(r"GH_[A-Z_]+")
_AUDIO_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EVENT_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
#: Ids only. A comma would be another header of the event, an ampersand another channel.
_EVENT_VALUE = re.compile(r"[A-Za-z0-9_.:/ @+-]{0,200}")


#: What `[leave]` gives.
_LEAVING = ("a contact", "a council", "a number", "keys", "a reason", "a queue", "a language")


class AgiPhone:
    """One telephone in our hands. Every verb first renews ``TIMEOUT(absolute)``, the way out of a frozen engine.

    Every verb raises ``LineGone`` when the line is no longer ours (hung up, or redirected away), and ``Refused`` when
    the PBX does not know the command.
    """

    def __init__(
        self,
        session: AgiSession,
        seconds: Callable[[str], float | None] = lambda _sound: None,
        quiet: tuple[str, float] | None = None,
    ) -> None:
        """``seconds``: how long the sound at a path is, None when that is not known.

        ``quiet``: path and seconds of a sound as faint as an open line, played while we listen; None: nothing is sent.
        """
        self._session = session
        self._seconds = seconds
        self._quiet = quiet
        self._kept = KeptKeys(self._get, self._set)
        #: Keys we know of that nobody has asked for yet.
        self._ahead = ""

    async def play(self, sounds: Sequence[str], *, interruptible: bool, longest_s: float = 60.0) -> str:
        """Play files one after another and return the keys pressed meanwhile, "" if none.

        ``sounds``: absolute paths on the PBX without extension. ``interruptible``: stop at the first key; else each key
        is kept and the prompt goes on where it was. ``longest_s``: of a sound of unknown length.
        Raises ``PlaybackFailed``.
        """
        for sound in sounds:
            if not _SOUND.fullmatch(sound) or ".." in sound:
                raise BadInput("bad_sound", "a sound is an absolute path of letters, digits, '-', '_', '.' and '/'")
        keys, self._ahead = self._ahead + await self._kept.fresh(), ""
        for sound in sounds:
            if keys and interruptible:
                break
            heard = await self._play_one(sound, interruptible, self._seconds(sound) or longest_s)
            keys += await self._kept.fresh(heard)
        return keys

    async def listen(self, seconds: float) -> str | None:
        """Wait for one key; None when none came within ``seconds``.

        ``WAIT FOR DIGIT`` sends no RTP: carriers and handsets take the line for dead, people too. So a faint sound is
        played that any key ends; a sound that cannot be played is no reason not to listen.
        """
        self._ahead += await self._kept.fresh()
        if not self._ahead:
            self._ahead = await self._kept.fresh(await self._listen(seconds))
        key, self._ahead = self._ahead[:1], self._ahead[1:]
        return key or None

    async def _listen(self, seconds: float) -> str:
        if self._quiet is not None and seconds <= self._quiet[1]:
            sound, length_s = self._quiet
            from_sample = str(round((length_s - seconds) * _RATE))
            reply = await self._verb(seconds, "STREAM FILE", sound, KEYS, from_sample)
            if reply.number != -1:
                return _key(reply) or ""
            await self._verb(_SHORT_S, "CHANNEL STATUS")
            log.error("the sound of an open line cannot be played: listening in silence")
            self._quiet = None
        reply = await self._verb(seconds, "WAIT FOR DIGIT", str(max(1, round(seconds * 1000))))
        if reply.number == -1:
            raise _gone()
        return _key(reply) or ""

    async def record(self, name: str, longest_s: float, silence_s: float) -> None:
        """Record into ``<name>.wav`` of the messages' folder, until a key, so much silence or the limit."""
        path = f"{MESSAGES}/{checked_id(name, 'a message')}"
        limit_ms, silence = str(round(longest_s * 1000)), f"s={max(1, round(silence_s))}"
        reply = await self._verb(longest_s, "RECORD FILE", path, "wav", KEYS, limit_ms, silence)
        if reply.number == -1:
            raise _gone() if reply.data == "hangup" else Refused("agi_refused", "the PBX could not record")
        # The key that ended it was meant for nothing else.
        await self._drop_keys()

    async def reach(self, number: Dialled, ring_s: float, shown: str) -> str:
        """Ring an outside number through ``[outside]`` and join it; returns only when that failed, with Dial's word."""
        arguments = f"{parse_dialled(number)},{math.ceil(ring_s)},{parse_dialled(shown)}"
        # The dialplan has the call until the end of the talk and lifts the timeout meanwhile, so nothing is renewed.
        reply = await self._send(ring_s + _TALK_LIMIT_S, "GOSUB", "outside", "s", "1", arguments)
        if reply.number == -1:
            raise _gone()
        if (await self._send(_SHORT_S, "GET VARIABLE", "GH_NEXT")).data == "bye":
            # They talked, and the outside hung up: the call is over for the flow too, and the dialplan ends it.
            raise _gone()
        await self._drop_keys()
        return await self._get("GH_OUTSIDE") or ""

    async def set_variables(self, values: Mapping[str, str]) -> None:
        """Write ``GH_…`` variables on the channel. Raises ``BadInput`` before anything is written."""
        for name in values:
            if not _OWN_VARIABLE.fullmatch(name):
                raise BadInput("bad_variable", "a variable of ours is called GH_ and capital letters")
        for name, value in values.items():
            await self._verb(_SHORT_S, "SET VARIABLE", name, value)

    async def user_event(self, name: str, fields: Mapping[str, str]) -> None:
        """Say a UserEvent aloud, for the engine to hear over AMI. Ids only, no caller's words."""
        words = [name, *fields]
        if not all(_EVENT_WORD.fullmatch(word) for word in words):
            raise BadInput("bad_event", "a UserEvent's words hold letters, digits and '_'")
        if not all(_EVENT_VALUE.fullmatch(value) for value in fields.values()):
            raise BadInput("bad_event", "a UserEvent's values hold letters, digits, spaces and _ . : / @ + -")
        text = ",".join([name, *(f"{key}: {value}" for key, value in fields.items())])
        reply = await self._verb(_SHORT_S, "EXEC", "UserEvent", text)
        if reply.number == -1:
            raise _gone()
        if reply.number != 0:
            raise Refused("agi_refused", "the PBX has no UserEvent: app_userevent is not loaded")

    async def lend_sound(self, id_: str, port: int, longest_s: float) -> bool:
        """Give the call's sound to our AudioSocket port, until that ends it; whether it went as it should.

        False: the connection was refused, tore, or Asterisk gave up after two silent seconds. ``longest_s``: at most.
        """
        if not _AUDIO_ID.fullmatch(id_):
            raise BadInput("bad_audio_id", "the sound's id is a UUID")
        reply = await self._verb(longest_s, "EXEC", "AudioSocket", f"{id_},127.0.0.1:{port}")
        # The first key went to the listener with the sound, and ended its turn.
        self._ahead += (await self._kept.fresh())[1:]
        return reply.number == 0

    async def still_there(self) -> None:
        """Return when the caller is; else raise ``LineGone``."""
        await self._verb(_SHORT_S, "CHANNEL STATUS")

    async def answer(self) -> None:
        """Answer the call."""
        reply = await self._verb(_SHORT_S, "ANSWER")
        if reply.number == -1:
            raise _gone()

    async def _play_one(self, sound: str, interruptible: bool, longest_s: float) -> str:  # noqa: FBT001 - passed on
        keys = ""
        position = 0
        while True:
            escape = KEYS if len(keys) < _MAX_KEYS else ""
            reply = await self._verb(longest_s, "STREAM FILE", sound, escape, str(position))
            if reply.number == -1:
                # A missing file and a line that ended at once look the same, `result=-1 endpos=0` [measured]:
                # a line that is gone does not answer the next command.
                await self._verb(_SHORT_S, "CHANNEL STATUS")
                raise PlaybackFailed("playback_failed", "the PBX could not play a prompt")
            key = _key(reply)
            if key is None:
                return keys
            keys += key
            if interruptible:
                return keys
            position = max(position, reply.endpos or 0)

    async def _drop_keys(self) -> None:
        await self._kept.fresh()
        self._ahead = ""

    async def _get(self, variable: str) -> str | None:
        return (await self._send(_SHORT_S, "GET VARIABLE", variable)).data

    async def _set(self, variable: str, value: str) -> None:
        await self._send(_SHORT_S, "SET VARIABLE", variable, value)

    async def _verb(self, longest_s: float, command: str, *args: str) -> AgiReply:
        allowed = math.ceil(longest_s) + _GRACE_S
        await self._send(_SHORT_S, "SET VARIABLE", "TIMEOUT(absolute)", str(allowed))
        return await self._send(allowed, command, *args)

    async def _send(self, within_s: float, command: str, *args: str) -> AgiReply:
        reply = await self._session.command(command, *args, within_s=within_s)
        # 511: "Command Not Permitted on a dead channel".
        if reply.code == 511:  # noqa: PLR2004 - AGI's own code, see above
            raise _gone()
        if reply.code != 200:  # noqa: PLR2004 - the one code of success
            raise Refused("agi_refused", f"the PBX does not take the command {command}")
        return reply


class AgiLine(AgiPhone):
    """One caller's line: the dialplan's arguments are contact, council, number dialled, keys typed so far, relay."""

    def __init__(
        self,
        session: AgiSession,
        seconds: Callable[[str], float | None] = lambda _sound: None,
        quiet: tuple[str, float] | None = None,
    ) -> None:
        """Raise ``BadInput`` when the dialplan's arguments are not that."""
        super().__init__(session, seconds, quiet)
        try:
            # Empty last arguments may be left out by Asterisk.
            contact, tenant, number, typed, relay = (*session.args, "", "")[:5]
        except ValueError:
            raise BadInput("agi_args", "the dialplan must give token, contact, council, number and keys") from None
        self.contact = ContactId(checked_id(contact, "a contact"))
        self.tenant = TenantId(checked_id(tenant, "a council"))
        self.number: Dialled = parse_dialled(number)
        #: Keys pressed during the opening that the dialplan plays by itself.
        self.typed = "".join(key for key in typed if key in KEYS)
        self._kept = KeptKeys(self._get, self._set, told=len(self.typed))
        #: A relay assistant speaks for a caller who types (18001, 18002).
        self.relay = relay == "1"
        #: The PBX's name of her channel.
        self.channel = session.env.get("agi_channel", "")
        #: The caller's number as the carrier gave it: outside text, personal, possibly forged or withheld.
        self.caller = session.env.get("agi_callerid", "")


class AgentPhone(AgiPhone):
    """The phone of an agent who dialled a star code: the arguments are her endpoint and what she dialled."""

    def __init__(self, session: AgiSession, seconds: Callable[[str], float | None] = lambda _sound: None) -> None:
        """Raise ``BadInput`` when the dialplan's arguments are not that."""
        super().__init__(session, seconds)
        try:
            sip_user, dialled = session.args
        except ValueError:
            raise BadInput("agi_args", "the dialplan must give token, endpoint and star code") from None
        self.sip_user = checked_id(sip_user, "a SIP user")
        self.leg = LegId(checked_id(session.env.get("agi_uniqueid", ""), "a leg"))
        self.dialled: Dialled = parse_dialled(dialled)

    async def listen_at(self, leg: LegId, how: str) -> None:
        """Tell the dialplan at which leg to listen when this script ends; ``how``: listen, whisper or barge."""
        await self._send(_SHORT_S, "SET VARIABLE", "GH_SPY_HOW", checked_id(how, "a way to listen"))
        await self._send(_SHORT_S, "SET VARIABLE", "GH_SPY", checked_id(leg, "a leg"))


def leaving(args: Sequence[str]) -> tuple[str, str, str]:
    """Why a caller leaves, which queue, and the language spoken: what `[leave]` adds to a caller's arguments.

    Raises ``BadInput`` when they are not that.
    """
    if len(args) != len(_LEAVING):
        raise BadInput("agi_args", "[leave] must give token, contact, council, number, keys, why, queue and language")
    why, queue, language = (checked_id(word, what) for word, what in zip(args[4:], _LEAVING[4:], strict=True))
    return why, queue, language


def _key(reply: AgiReply) -> str | None:
    return chr(reply.number) if reply.number is not None and 0 < reply.number < 128 else None  # noqa: PLR2004 - ASCII


def _gone() -> LineGone:
    return AgiGone("line_gone", "the line is no longer in this session's hands")
