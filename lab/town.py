"""The town: residents and agents of one running switchboard, made from ``guildhall town --json``."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from kernel.errors import BadInput, Refused
from lab.behaviour import Answer, Behaviour
from lab.kernel_stamp import Address
from lab.phone import Phone
from lab.voice import Sound

#: What ``guildhall town --json`` prints (shared contract "town").
Description = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TownNumber:
    """A number residents may dial."""

    number: str
    council: str
    #: The queue a direct number leads to; None for one with a menu.
    queue: str | None
    direct: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TownAgent:
    """An agent and her telephone line."""

    agent: str
    council: str
    queues: tuple[str, ...]
    server: Address
    user: str
    password_file: Path


class Town:
    """Phones for one switchboard; leaving the ``async with`` puts all of them away.

    ``root`` is the folder the description's paths are relative to.
    """

    def __init__(self, description: Description, root: Path) -> None:
        trunk = description["trunk"]
        self._trunk: Address = (str(trunk["host"]), int(trunk["port"]))
        self._from = tuple(str(ip) for ip in trunk["from"])
        self.star_codes: dict[str, str] = dict(description["star_codes"])
        self.numbers = tuple(_number(row) for row in description["numbers"])
        self.agents = {str(row["agent"]): _agent(row, root) for row in description["agents"]}
        self.queues = tuple(str(row["id"]) for row in description["queues"])
        #: Every phone handed out, in order.
        self.phones: list[Phone] = []

    @classmethod
    def from_description(cls, description: Description, *, root: Path = Path()) -> Self:
        """Read a description. Raises ``BadInput`` naming the first thing that is missing in it."""
        try:
            return cls(description, root)
        except (KeyError, TypeError, ValueError) as reason:
            raise BadInput("bad_town", f"the town's description is not what the contract says: {reason!r}") from reason

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up and put every phone away."""
        phones, self.phones = self.phones, []
        await asyncio.gather(*(phone.close() for phone in phones))

    async def caller(  # noqa: PLR0913 - a phone's settings, each by name
        self,
        from_number: str,
        *,
        display: str = "",
        voice: Sound = None,
        media: bool = True,
        at: int = 0,
        codecs: tuple[str, ...] = (),
    ) -> Phone:
        """A resident's phone, unregistered, on the ``at``-th of the trunk's addresses.

        Raises ``OSError`` when that address is not this machine's.
        """
        phone = Phone(
            user=from_number,
            display=display,
            server=self._trunk,
            local_ip=self._from[at],
            media=media,
            codecs=codecs,
        )
        return await self._begin(phone, voice)

    async def outside(
        self, port: int, *, behaviour: Behaviour | None = None, voice: Sound = None, codecs: tuple[str, ...] = ()
    ) -> Phone:
        """A phone out in the world, reached over the trunk at ``port`` of its first address (GUILDHALL_TRUNK_OUT)."""
        phone = Phone(user="outside", server=self._trunk, local_ip=self._from[0], port=port, codecs=codecs)
        phone.behaviour = behaviour or Answer()
        return await self._begin(phone, voice)

    async def agent(
        self,
        agent_id: str,
        *,
        behaviour: Behaviour | None = None,
        voice: Sound = None,
        media: bool = True,
        codecs: tuple[str, ...] = (),
    ) -> Phone:
        """An agent's phone, registered; not yet logged in: see ``login``.

        Raises ``LookupError`` for an agent unknown here, ``Refused`` or ``TimeoutError`` from the registering.
        """
        if agent_id not in self.agents:
            raise LookupError(f"no agent {agent_id} in this town")
        agent = self.agents[agent_id]
        password = agent.password_file.read_text(encoding="utf-8").strip()
        phone = Phone(user=agent.user, server=agent.server, password=password, media=media, codecs=codecs)
        phone.behaviour = behaviour or Answer()
        await self._begin(phone, voice)
        await phone.register()
        return phone

    async def login(self, phone: Phone) -> None:
        """Dial login, then ready. Raises ``Refused`` when the switchboard does not take a code."""
        await self.dial_code(phone, "login")
        await self.dial_code(phone, "ready")

    async def dial_code(self, phone: Phone, name: str, *, more: str = "", within_s: float = 15.0) -> None:
        """Dial the star code ``login``, ``logout``, ``ready`` or ``not_ready`` and hear it out.

        ``more`` is dialled behind it, an aux code for instance. Raises ``Refused`` when it was not answered,
        ``TimeoutError`` when the switchboard neither answers nor hangs up in time.
        """
        leg = await phone.call(self.star_codes[name] + more)
        await leg.wait("ended", within_s)
        if "answered" not in leg.log.first:
            raise Refused("star_code_refused", f"the star code for {name} was answered with {leg.refused_with}")

    def direct_number(self, queue: str | None = None) -> str:
        """A number that goes straight to this queue, or to any. Raises ``LookupError`` when there is none."""
        found = [n.number for n in self.numbers if n.direct and queue in (None, n.queue)]
        return _first(found, f"no direct number for {queue or 'any queue'} in this town")

    def menu_number(self, council: str | None = None) -> str:
        """A number of this council, or of any, that a menu answers. Raises ``LookupError`` when there is none."""
        found = [n.number for n in self.numbers if not n.direct and council in (None, n.council)]
        return _first(found, f"no number with a menu for {council or 'any council'} in this town")

    async def _begin(self, phone: Phone, voice: Sound) -> Phone:
        phone.voice = voice
        await phone.start()
        self.phones.append(phone)
        return phone


def _number(row: Mapping[str, Any]) -> TownNumber:
    return TownNumber(
        number=str(row["number"]), council=str(row["council"]), queue=row.get("queue"), direct=bool(row["direct"])
    )


def _agent(row: Mapping[str, Any], root: Path) -> TownAgent:
    sip = row["sip"]
    return TownAgent(
        agent=str(row["agent"]),
        council=str(row["council"]),
        queues=tuple(row["queues"]),
        server=(str(sip["host"]), int(sip["port"])),
        user=str(sip["user"]),
        password_file=root / sip["password_file"],
    )


def _first(found: Sequence[str], otherwise: str) -> str:
    if not found:
        raise LookupError(otherwise)
    return found[0]
