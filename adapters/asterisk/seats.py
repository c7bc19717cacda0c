"""Puts a seat into a queue: two ends of a Local channel, one waiting in ``[hold]``, the other to ring the resident."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from kernel.errors import BadInput, Refused
from kernel.ids import checked_id
from kernel.number import parse_dialled

#: Local channels answer at once; the PBX has so long.
_TIMEOUT_MS = "5000"
#: The trunk's and the agents' first codec (pjsip.conf), so that no translator stands on the resident's leg: with slin,
#: which Originate chooses by itself, one does from her answer to the end, and those of Debian's Asterisk drop the next
#: speaker in half of the cases (docs/decisions/0047-a-seat-speaks-as-its-line.md). A Local channel has one format.
CODEC = "alaw"


class Reply(Protocol):
    """The PBX's answer to one action."""

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a header."""
        ...


class Link(Protocol):
    """What this file needs of the AMI link."""

    async def ask(self, action: str, headers: Mapping[str, str], *, timeout_s: float = 5.0) -> Reply:
        """Send one action, return its reply."""
        ...


async def set_seat(link: Link, variables: Mapping[str, str], *, contact: str, to: str) -> None:
    """Ask for a seat of this contact, to ring ``to`` when an agent has taken it.

    Raises ``BadInput`` for values a dialplan could read as syntax, ``Refused`` when the PBX does not do it.
    """
    if any(sign in value for value in variables.values() for sign in ',${}()"\\;&|'):
        raise BadInput("bad_variable", "a variable of a seat holds a sign that Asterisk reads as syntax")
    pairs = {**variables, "GH_CALLBACK_TO": parse_dialled(to)}
    reply = await link.ask(
        "Originate",
        {
            "Channel": f"Local/{checked_id(contact, 'a contact')}@callback-resident/n",
            "Context": "callback-seat",
            "Exten": "s",
            "Priority": "1",
            "Timeout": _TIMEOUT_MS,
            "Codecs": CODEC,
            # Otherwise this AMI session would take no other action until the seat stands.
            "Async": "true",
            "Variable": ",".join(f"{name}={value}" for name, value in pairs.items()),
        },
    )
    if reply.get("Response") != "Success":
        raise Refused("no_seat", "the PBX refused a seat for a call back")
