"""What the dialplan tells of recording, in the house's words: keys pressed, callers told, calls not recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from adapters.asterisk.ami_meaning import endpoint_of
from kernel.ids import AgentId, ContactId, checked_id
from kernel.recording_rule import Told
from kernel.seen_recording import (
    CallerKnown,
    CallerToldSeen,
    DemandedSeen,
    RecorderKeyPressed,
    RecorderSeen,
    SecureInputAsked,
    SecureInputOver,
    UnrecordedSeen,
)

_RESULTS = frozenset({"done", "refused", "timeout", "failed"})
_WHYS = frozenset({"never", "on_demand", "declined"})


class Event(Protocol):
    """An AMI frame: header by name, empty when absent."""

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a header."""
        ...


def read_recorder_event(event: Event, agents: Mapping[str, AgentId]) -> RecorderSeen | None:
    """What the event means, or None. ``agents``: SIP user -> agent. Raises ``BadInput`` on a damaged one."""
    reader = _READERS.get(event.get("UserEvent")) if event.get("Event") == "UserEvent" else None
    return None if reader is None else reader(event, agents)


def _key(event: Event, agents: Mapping[str, AgentId]) -> RecorderSeen | None:
    # The channel's own name, which Asterisk writes before any field of ours: nobody can press another's key.
    channel = event.get("Channel")
    agent = agents.get(endpoint_of(channel))
    return None if agent is None else RecorderKeyPressed(agent=agent, channel=channel, do=event.get("Do"))


def _told(event: Event, _agents: Mapping[str, AgentId]) -> RecorderSeen | None:
    told = event.get("Told")
    return CallerToldSeen(contact=_contact(event), told=Told(told)) if told in list(Told) else None


def _unrecorded(event: Event, _agents: Mapping[str, AgentId]) -> RecorderSeen | None:
    why = event.get("Why")
    return UnrecordedSeen(contact=_contact(event), why=why) if why in _WHYS else None


def _demanded(event: Event, _agents: Mapping[str, AgentId]) -> RecorderSeen | None:
    return DemandedSeen(contact=_contact(event))


def _call(event: Event, _agents: Mapping[str, AgentId]) -> RecorderSeen | None:
    return CallerKnown(contact=_contact(event), number=event.get("CallerIDNum"))


def _secure(event: Event, _agents: Mapping[str, AgentId]) -> RecorderSeen | None:
    recorded = event.get("Recorder") != "no"
    return SecureInputAsked(contact=_contact(event), channel=event.get("Channel"), recorded=recorded)


def _secured(event: Event, _agents: Mapping[str, AgentId]) -> RecorderSeen | None:
    result = event.get("Result")
    return SecureInputOver(contact=_contact(event), result=result if result in _RESULTS else "")


def _contact(event: Event) -> ContactId:
    return ContactId(checked_id(event.get("Contact"), "a contact"))


_READERS: dict[str, Callable[[Event, Mapping[str, AgentId]], RecorderSeen | None]] = {
    "GuildhallCall": _call,
    "GuildhallTold": _told,
    "GuildhallUnrecorded": _unrecorded,
    "GuildhallDemanded": _demanded,
    "GuildhallRecorder": _key,
    "GuildhallSecure": _secure,
    "GuildhallSecured": _secured,
}
