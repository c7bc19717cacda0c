"""Effects towards the PBX: redirect the caller to an agent, take an offer back, remember an agent, beat."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog

from adapters.asterisk.mover import actions_for
from adapters.asterisk.readiness import Readiness
from kernel.ids import AgentId, ContactId, LegId, OfferId
from kernel.orders import Order, ProbeLeg
from kernel.seen import AgentMemory, OrderRefused, RedirectRefused

log = structlog.get_logger()

Headers = Mapping[str, str]


#: In the place of a SIP user: the phones stand in ``GH_RING``.
SEVERAL = "several"


class Reply(Protocol):
    """The PBX's answer to one action."""

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a header."""
        ...


class Link(Protocol):
    """What this file needs of the AMI link."""

    def tell(
        self,
        actions: Sequence[tuple[str, Headers]],
        on_reply: Callable[[int, Reply | None], None] | None = None,
    ) -> None:
        """Send actions in one write, in order."""
        ...


class Probe(Protocol):
    """Looks whether sound comes from a leg (met by LegProbe)."""

    def probe(self, leg: LegId) -> None:
        """Begin to look."""
        ...


class Ring(Protocol):
    """An offer to be made (met by acd's RingAgent)."""

    @property
    def contact(self) -> ContactId: ...  # noqa: D102 - the fields speak for themselves
    @property
    def channel(self) -> str: ...  # noqa: D102 - as above
    @property
    def offer(self) -> OfferId: ...  # noqa: D102 - as above
    @property
    def epoch(self) -> int: ...  # noqa: D102 - as above
    @property
    def agent(self) -> AgentId: ...  # noqa: D102 - as above
    @property
    def ring_time_s(self) -> float: ...  # noqa: D102 - as above
    @property
    def also(self) -> Sequence[AgentId]: ...  # noqa: D102 - as above


class Withdrawal(Protocol):
    """An offer to be taken back (met by acd's WithdrawOffer)."""

    @property
    def channel(self) -> str: ...  # noqa: D102 - as above
    @property
    def agent_leg(self) -> LegId | None: ...  # noqa: D102 - as above


def memory_key(sip_user: str) -> str:
    """Return the global variable that keeps an agent.

    Not AstDB: over AMI it takes class `system` (DBPut) or live_dangerously (DB()), and the engine's user has neither
    (docs/decisions/0003-agent-memory-in-globals.md).
    """
    return f"GH_AGENT_{sip_user}"


class AmiDialler:
    """Speaks to the PBX for the engine. Nothing here waits: refusals come back as inputs."""

    def __init__(
        self,
        link: Link,
        sip_users: Mapping[AgentId, str],
        on_refused: Callable[[RedirectRefused | OrderRefused], None],
        readiness: Readiness | None = None,
        probe: Probe | None = None,
    ) -> None:
        """``sip_users``: agent -> endpoint name. ``probe`` None: no leg is ever told to be silent."""
        self._link, self._probe = link, probe
        self._readiness = readiness or Readiness()
        self._sip_users = sip_users
        self._on_refused = on_refused

    def ring(self, effect: Ring) -> None:
        """Write the token on the caller's channel and redirect it to ``[take]``: two actions in one write."""
        # An extension has 79 characters (AST_MAX_EXTENSION 80): several phones go into a variable.
        phones = SEVERAL if effect.also else self._sip_users[effect.agent]
        exten = f"{effect.epoch}*{effect.offer}*{phones}*{effect.ring_time_s:g}"
        several = "-".join(self._sip_users[agent] for agent in (effect.agent, *effect.also))
        told = [("Setvar", {"Channel": effect.channel, "Variable": "GH_RING", "Value": several})] if effect.also else []

        def answered(index: int, reply: Reply | None) -> None:
            # Setvar before it fails as well when the caller is gone; the Redirect's word decides. No reply at all
            # means the link is lost: the reconcile that follows will tell.
            if index == len(told) + 1 and reply is not None and reply.get("Response") != "Success":
                self._on_refused(RedirectRefused(contact=effect.contact, offer=effect.offer))

        self._link.tell(
            [
                *told,
                # With an underscore: Dial copies it to the agent's leg, where a restarted engine finds it.
                ("Setvar", {"Channel": effect.channel, "Variable": "_GH_OFFER", "Value": effect.offer}),
                ("Redirect", {"Channel": effect.channel, "Context": "take", "Exten": exten, "Priority": "1"}),
            ],
            answered,
        )

    def withdraw(self, effect: Withdrawal) -> None:
        """Clear the token, so that an answer is refused at the join, and stop the agent's phone."""
        actions: list[tuple[str, Headers]] = [
            ("Setvar", {"Channel": effect.channel, "Variable": "GH_OFFER", "Value": ""})
        ]
        if effect.agent_leg is not None:
            actions.append(("Hangup", {"Channel": effect.agent_leg}))
        self._link.tell(actions)

    def order(self, order: Order) -> None:
        """Move a call under way. Whoever hangs up in that very moment makes the PBX refuse; the core is told."""
        if isinstance(order, ProbeLeg):
            if self._probe is not None:
                self._probe.probe(order.leg)
            return
        contact = getattr(order, "contact", None)
        actions = actions_for(order, self._sip_users)

        def answered(index: int, reply: Reply | None) -> None:
            refused = index == len(actions) - 1 and reply is not None and reply.get("Response") != "Success"
            if refused and contact is not None:
                self._on_refused(OrderRefused(contact=contact))

        self._link.tell(actions, answered)

    def remember(self, memory: AgentMemory) -> None:
        """Write an agent's state into the PBX's own store."""
        value = json.dumps(
            {
                "presence": memory.presence,
                "aux": memory.aux_code,
                "pending": memory.pending,
                "pending_aux": memory.pending_aux,
                "wrap_up_until": memory.wrap_up_until,
                "idle_since": memory.idle_since,
                **({"queues": list(memory.queues)} if memory.queues is not None else {}),
            },
            separators=(",", ":"),
        )
        user = self._sip_users[memory.agent]
        kept = ("Setvar", {"Variable": memory_key(user), "Value": value})
        self._link.tell([kept, *self._readiness.actions(user, memory)])

    def beat(self, epoch: int) -> None:
        """Tell the dialplan that the engine decides: whole wall-clock seconds, compared with Asterisk's EPOCH."""
        del epoch  # The epoch is written once, when the reign begins (ami_view.py).
        self._link.tell([("Setvar", {"Variable": "GH_HEARTBEAT", "Value": str(int(time.time()))})])
