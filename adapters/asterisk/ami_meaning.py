"""What an AMI event means to the house: one table, event name to the kernel's word. Asterisk's words end here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from adapters.asterisk.offer_ends import why_ended, why_leg_ended
from adapters.asterisk.wish import read_wish
from kernel.errors import BadInput
from kernel.ids import AgentId, ConsultId, ContactId, LegId, OfferId, QueueId, TenantId, checked_id
from kernel.queues import Queue
from kernel.seen import (
    AgentLegDialled,
    CallBegan,
    ConsultAnswered,
    ConsultLost,
    ConsultOver,
    ContactHolding,
    ContactResting,
    ExitTaken,
    FellBack,
    HangUpHeard,
    LegEnteredBridge,
    LegHeld,
    LegHungUp,
    OfferReturned,
    OutcomeNamed,
    OwnCallBegan,
    PhoneRefused,
    ReachChanged,
)

Meant = (
    CallBegan
    | ContactResting
    | ContactHolding
    | FellBack
    | ConsultAnswered
    | ConsultLost
    | ConsultOver
    | OfferReturned
    | OutcomeNamed
    | ExitTaken
    | AgentLegDialled
    | LegEnteredBridge
    | HangUpHeard
    | LegHungUp
    | LegHeld
    | OwnCallBegan
    | PhoneRefused
    | ReachChanged
)

#: Device states in which a phone cannot be rung.
OUT_OF_REACH = frozenset({"UNAVAILABLE", "INVALID"})
#: Headers of the same name stand in each event of a channel, before ours: the dialplan's step and the channel's own.
_WISH_HEADERS = {"Priority": "WishPriority", "Language": "WishLanguage", "Moved_in": "MovedIn"}
#: ChannelState 4, Ring: the channel's own side dialled us. A leg that we dial begins as Down.
_DIALLED_BY_ITSELF = "4"
#: ChannelState 5, Ringing: the phone had said 180.
_RINGING = "5"


class Event(Protocol):
    """An AMI frame: header by name, empty when absent."""

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a header."""
        ...


def endpoint_of(channel: str) -> str:
    """``PJSIP/a001-00000012`` -> ``a001``; empty for channels of another kind."""
    tech, _, rest = channel.partition("/")
    return rest.rpartition("-")[0] if tech == "PJSIP" else ""


class Meaning:
    """Reads events; knows which endpoint belongs to which agent, and nothing of the calls' state."""

    def __init__(
        self, agents: Mapping[str, AgentId], queues: Mapping[QueueId, Queue], now: Callable[[], float]
    ) -> None:
        """``agents``: SIP user -> agent."""
        self.agents = agents
        self.queues = queues
        self._now = now

    def read(self, event: Event) -> Meant | None:
        """Return what the event means, or None when it means nothing here. Raises ``BadInput`` on a damaged one."""
        reader = _READERS.get(event.get("Event"))
        return reader(self, event) if reader is not None else None

    def _user_event(self, event: Event) -> Meant | None:
        reader = _USER_EVENTS.get(event.get("UserEvent"))
        return reader(self, event) if reader is not None else None

    def _call(self, event: Event) -> Meant:
        return CallBegan(
            contact=_contact(event),
            channel=event.get("Channel"),
            leg=_leg(event),
            tenant=TenantId(checked_id(event.get("Tenant"), "a council")),
            number=event.get("Number"),
        )

    def _holding(self, event: Event) -> Meant:
        return ContactHolding(
            wish=read_wish(
                lambda name: event.get(_WISH_HEADERS.get(name, name)),
                channel=event.get("Channel"),
                leg=event.get("Uniqueid"),
                now=self._now(),
                queues=self.queues,
            )
        )

    def _fell_back(self, event: Event) -> Meant:
        return FellBack(contact=_contact(event))

    def _back(self, event: Event) -> Meant:
        return OfferReturned(
            contact=_contact(event),
            offer=OfferId(event.get("Offer")),
            why=_why(event),
            answered_by=self.agents.get(endpoint_of(event.get("Leg"))),
        )

    def _consulted(self, event: Event) -> Meant:
        return ConsultAnswered(consult=ConsultId(event.get("Consult")), leg=_leg(event))

    def _alone(self, event: Event) -> Meant:
        talked = event.get("Status") == "ANSWER"
        return ConsultOver(consult=ConsultId(event.get("Consult")), why="talked" if talked else _why(event))

    def _apart(self, event: Event) -> Meant:
        return ConsultLost(consult=ConsultId(event.get("Consult")))

    def _resting(self, event: Event) -> Meant:
        due = event.get("Due")
        seconds = float(due) if due.isascii() and due.replace(".", "", 1).isdigit() else self._now()
        return ContactResting(contact=_contact(event), due=seconds)

    def _done(self, event: Event) -> Meant:
        # The caller's channel lives on, in a survey; for whoever distributes calls it is gone.
        return LegHungUp(leg=_leg(event))

    def _outcome(self, event: Event) -> Meant:
        return OutcomeNamed(contact=_contact(event), why=checked_id(event.get("Why"), "an outcome"), leg=_leg(event))

    def _exit(self, event: Event) -> Meant:
        return ExitTaken(contact=_contact(event), token=OfferId(event.get("Token")))

    def _new_channel(self, event: Event) -> Meant | None:
        agent = self.agents.get(endpoint_of(event.get("Channel")))
        if agent is None or event.get("ChannelState") != _DIALLED_BY_ITSELF:
            return None
        return OwnCallBegan(agent=agent, leg=_leg(event))

    def _dial_begin(self, event: Event) -> Meant | None:
        agent = self.agents.get(endpoint_of(event.get("DestChannel")))
        if agent is None or not event.get("Uniqueid"):
            return None
        return AgentLegDialled(caller_leg=_leg(event), agent_leg=LegId(event.get("DestUniqueid")), agent=agent)

    def _bridge_enter(self, event: Event) -> Meant:
        return LegEnteredBridge(leg=_leg(event), bridge=event.get("BridgeUniqueid"))

    def _hang_up_heard(self, event: Event) -> Meant:
        return HangUpHeard(leg=_leg(event))

    def _hang_up(self, event: Event) -> Meant:
        ours = endpoint_of(event.get("Channel")) in self.agents
        why = why_leg_ended(cause=event.get("Cause"), rang=event.get("ChannelState") == _RINGING) if ours else ""
        return LegHungUp(leg=_leg(event), why=why)

    def _phone_refused(self, event: Event) -> Meant | None:
        agent = self.agents.get(event.get("Agent"))
        if agent is None:
            return None
        return PhoneRefused(
            contact=_contact(event), offer=OfferId(event.get("Offer")), agent=agent, why=event.get("Why")
        )

    def _hold(self, event: Event) -> Meant:
        return LegHeld(leg=_leg(event), held=event.get("Event") == "Hold")

    def _device(self, event: Event) -> Meant | None:
        agent = self.agents.get(event.get("Device").removeprefix("PJSIP/"))
        if agent is None:
            return None
        return ReachChanged(agent=agent, reachable=event.get("State") not in OUT_OF_REACH)


def _contact_status(meaning: Meaning, event: Event) -> Meant | None:
    """A phone in a call keeps its device state when it dies; its contact's state tells (C52)."""
    agent = meaning.agents.get(event.get("EndpointName"))
    reachable = {"Unreachable": False, "Reachable": True}.get(event.get("ContactStatus"))
    return None if agent is None or reachable is None else ReachChanged(agent=agent, reachable=reachable)


def _leg(event: Event) -> LegId:
    return LegId(event.get("Uniqueid"))


def _why(event: Event) -> str:
    return why_ended(
        status=event.get("Status"),
        cause=event.get("Cause"),
        rang=event.get("Rang"),
        dialled_ms=event.get("Dialled"),
        limit_s=event.get("Limit"),
    )


def _contact(event: Event) -> ContactId:
    try:
        return ContactId(checked_id(event.get("Contact"), "a contact"))
    except BadInput:
        raise BadInput("bad_event", f"a {event.get('UserEvent')} event carries no contact id") from None


_READERS: dict[str, Callable[[Meaning, Event], Meant | None]] = {
    "UserEvent": Meaning._user_event,  # noqa: SLF001 - the table of this class's own readers
    "Newchannel": Meaning._new_channel,  # noqa: SLF001 - as above
    "DialBegin": Meaning._dial_begin,  # noqa: SLF001 - as above
    "BridgeEnter": Meaning._bridge_enter,  # noqa: SLF001 - as above
    "HangupRequest": Meaning._hang_up_heard,  # noqa: SLF001 - as above
    "Hangup": Meaning._hang_up,  # noqa: SLF001 - as above
    "Hold": Meaning._hold,  # noqa: SLF001 - as above
    "Unhold": Meaning._hold,  # noqa: SLF001 - as above
    "ContactStatus": _contact_status,
    "DeviceStateChange": Meaning._device,  # noqa: SLF001 - as above
}
_USER_EVENTS: dict[str, Callable[[Meaning, Event], Meant | None]] = {
    "GuildhallResting": Meaning._resting,  # noqa: SLF001 - as above
    "GuildhallDone": Meaning._done,  # noqa: SLF001 - as above
    "GuildhallCall": Meaning._call,  # noqa: SLF001 - as above
    "GuildhallHolding": Meaning._holding,  # noqa: SLF001 - as above
    "GuildhallFallback": Meaning._fell_back,  # noqa: SLF001 - as above
    "GuildhallBack": Meaning._back,  # noqa: SLF001 - as above
    "GuildhallPhone": Meaning._phone_refused,  # noqa: SLF001 - as above
    "GuildhallExit": Meaning._exit,  # noqa: SLF001 - as above
    "GuildhallConsulted": Meaning._consulted,  # noqa: SLF001 - as above
    "GuildhallAlone": Meaning._alone,  # noqa: SLF001 - as above
    "GuildhallApart": Meaning._apart,  # noqa: SLF001 - as above
    "GuildhallOutcome": Meaning._outcome,  # noqa: SLF001 - as above
}
