"""The PBX as it is now: one snapshot of calls, agents' legs, phones and memories, and the begin of a new reign."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence

import structlog

from adapters.asterisk.ami_meaning import OUT_OF_REACH, endpoint_of
from adapters.asterisk.dialler import memory_key
from adapters.asterisk.link_port import Frame, Link
from adapters.asterisk.readiness import Readiness
from adapters.asterisk.wish import read_wish
from kernel.agent import Presence
from kernel.contact import Wish
from kernel.errors import BadInput
from kernel.exits import END_WORDS, LeaveWhy
from kernel.ids import AgentId, ConsultId, ContactId, LegId, OfferId, QueueId, TenantId, checked_id
from kernel.queues import Queue
from kernel.seen import AgentMemory, PbxSeen, SeenCall, SeenLeg

log = structlog.get_logger()

#: Variables of a caller's channel that a snapshot reads.
_VARIABLES = (
    "GH_ROLE",
    "GH_CONTACT",
    "GH_TENANT",
    "GH_NUMBER",
    "GH_QUEUE",
    "GH_PRIORITY",
    "GH_SKILLS",
    "GH_LANG",
    "GH_ARRIVED",
    "GH_PREFERRED",
    "GH_MOVED_IN",
    "GH_AGREED",
    "GH_PLACE",
    "GH_WRITTEN",
    "GH_LEFT",
    "GH_OFFER",
    "GH_AGENT",
    "GH_OFFERED_AT",
    "GH_JOINED_AT",
    "GH_CONSULT",
    "GH_PARTED_LEG",
)
#: Where a caller is who was with an agent and stands apart from her for now.
_APART = frozenset({"consult-hold", "rejoin"})
#: What an unset variable reads as in Status.
_UNSET = {"", "(null)"}


def _variables(frame: Frame) -> dict[str, str]:
    pairs = (line.partition("=") for line in frame.all("Variable"))
    return {name: value for name, _, value in pairs if value not in _UNSET}


def _consult(variables: Mapping[str, str]) -> ConsultId | None:
    consult = variables.get("GH_CONSULT")
    return ConsultId(consult) if consult else None


def _moment(text: str) -> float | None:
    return float(text) if text.replace(".", "", 1).isdecimal() else None


def _left(why: str) -> str | None:
    return END_WORDS[LeaveWhy(why)] if why in list(LeaveWhy) else None


class AmiView:
    """Takes snapshots over AMI. Each one begins a new reign: a higher epoch, which the dialplan checks."""

    def __init__(
        self,
        link: Link,
        agents: Mapping[str, AgentId],
        queues: Mapping[QueueId, Queue],
        readiness: Readiness | None = None,
    ) -> None:
        """``agents``: SIP user -> agent."""
        self._readiness = readiness
        self._link = link
        self._agents = agents
        self._queues = queues
        self._epoch = 0
        self._reborn = False

    async def see(self) -> PbxSeen:
        """Take a new epoch, then read everything. Raises Refused or OutcomeUnknown when the PBX does not answer."""
        await self._new_epoch()
        channels = await self._channels()
        devices = await self._link.ask_list("DeviceStateList", {})
        memories = [await self._memory(user, agent) for user, agent in self._agents.items()]
        self._tell_readiness(memories)
        calls, legs = self._sort(channels)
        reborn, self._reborn = self._reborn, False
        return PbxSeen(
            reborn=reborn,
            calls=tuple(calls),
            legs=tuple(legs),
            reachable=self._reachable(devices),
            memories=tuple(memory for memory in memories if memory is not None),
            epoch=self._epoch,
        )

    async def glance(self) -> tuple[tuple[SeenCall, ...], tuple[SeenLeg, ...]]:
        """Return callers and agents' legs, and leave the epoch alone. Raises as ``see``."""
        calls, legs = self._sort(await self._channels())
        return tuple(calls), tuple(legs)

    async def _channels(self) -> Sequence[Frame]:
        return await self._link.ask_list("Status", {"Variables": ",".join(_VARIABLES)})

    async def _new_epoch(self) -> None:
        """Milliseconds, and always above the last one, also when the wall clock was set back."""
        last = (await self._link.ask("Getvar", {"Variable": "GH_EPOCH"})).get("Value")
        known = int(last) if last.isdecimal() else 0
        # Kept until a snapshot is whole: the next try reads the epoch written here.
        self._reborn = self._reborn or known == 0
        self._epoch = max(int(time.time() * 1000), known + 1, self._epoch + 1)
        await self._link.ask("Setvar", {"Variable": "GH_EPOCH", "Value": str(self._epoch)})

    def _tell_readiness(self, memories: Sequence[AgentMemory | None]) -> None:
        """An Asterisk that was started anew knows nobody's: whoever has no memory is not ready."""
        if self._readiness is None:
            return
        if self._reborn:
            self._readiness.forget()
        for user, memory in zip(self._agents, memories, strict=True):
            if memory is None:
                self._link.tell(self._readiness.actions(user, None))

    def _reachable(self, devices: Sequence[Frame]) -> frozenset[AgentId]:
        states = {frame.get("Device").removeprefix("PJSIP/"): frame.get("State") for frame in devices}
        return frozenset(
            agent for user, agent in self._agents.items() if states.get(user, "UNAVAILABLE") not in OUT_OF_REACH
        )

    def _sort(self, channels: Sequence[Frame]) -> tuple[list[SeenCall], list[SeenLeg]]:
        calls: list[SeenCall] = []
        legs: list[SeenLeg] = []
        for frame in channels:
            variables = _variables(frame)
            agent = self._agents.get(endpoint_of(frame.get("Channel")))
            if agent is not None:
                offer = variables.get("GH_OFFER")
                legs.append(
                    SeenLeg(
                        agent=agent,
                        leg=LegId(frame.get("Uniqueid")),
                        offer=OfferId(offer) if offer else None,
                        bridge=frame.get("BridgeID") or None,
                        consult=_consult(variables),
                    )
                )
            elif variables.get("GH_ROLE") == "caller":
                try:
                    calls.append(self._call(frame, variables))
                except BadInput as error:
                    log.warning("a caller's channel carries no readable wish", code=error.code)
        return calls, legs

    def _call(self, frame: Frame, variables: Mapping[str, str]) -> SeenCall:
        agent = self._agents.get(variables.get("GH_AGENT", ""))
        offer = variables.get("GH_OFFER")
        # Somebody who is being told or asked something waits, too.
        holding = frame.get("Context") in {"hold", "said", "asked"}
        queued = holding or offer is not None or "GH_ARRIVED" in variables
        return SeenCall(
            contact=ContactId(checked_id(variables.get("GH_CONTACT", ""), "a contact")),
            channel=frame.get("Channel"),
            leg=LegId(frame.get("Uniqueid")),
            tenant=TenantId(checked_id(variables.get("GH_TENANT", ""), "a council")),
            number=variables.get("GH_NUMBER", ""),
            wish=self._wish(frame, variables) if queued else None,
            holding=holding,
            offer=OfferId(offer) if offer else None,
            agent=agent,
            offered_at=_moment(variables.get("GH_OFFERED_AT", "")),
            joined_at=_moment(variables.get("GH_JOINED_AT", "")),
            bridge=frame.get("BridgeID") or None,
            left=None if holding else _left(variables.get("GH_LEFT", "")),
            fallback=frame.get("Context") == "fallback",
            consult=_consult(variables),
            parted=frame.get("Context") in _APART,
            parted_leg=LegId(variables["GH_PARTED_LEG"]) if "GH_PARTED_LEG" in variables else None,
        )

    def _wish(self, frame: Frame, variables: Mapping[str, str]) -> Wish:
        names = {"Language": "GH_LANG"}
        return read_wish(
            lambda name: variables.get(names.get(name, f"GH_{name.upper()}"), ""),
            channel=frame.get("Channel"),
            leg=frame.get("Uniqueid"),
            now=time.time(),
            queues=self._queues,
        )

    async def _memory(self, user: str, agent: AgentId) -> AgentMemory | None:
        text = (await self._link.ask("Getvar", {"Variable": memory_key(user)})).get("Value")
        if text in _UNSET:
            return None
        try:
            kept = json.loads(text)
            return AgentMemory(
                agent=agent,
                presence=Presence(kept["presence"]),
                aux_code=kept["aux"],
                pending=Presence(kept["pending"]) if kept["pending"] else None,
                pending_aux=kept["pending_aux"],
                wrap_up_until=kept["wrap_up_until"],
                idle_since=float(kept["idle_since"]),
                queues=tuple(QueueId(queue) for queue in kept["queues"]) if "queues" in kept else None,
            )
        except (ValueError, KeyError, TypeError):
            log.warning("an agent's memory on the PBX cannot be read: she is taken as logged out", agent=agent)
            return None
