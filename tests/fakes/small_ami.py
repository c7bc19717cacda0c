"""A PBX as AMI shows it: channels, variables and device states, looked at as the engine does."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.asterisk.ami_view import AmiView
from kernel.ids import AgentId, QueueId, TenantId
from kernel.queues import Queue
from kernel.seen import PbxSeen
from tests.fakes.ami_peer import Action, AmiPeer, LinkUser, error, message, success

Headers = Sequence[tuple[str, str]]
A1, A2 = AgentId("northmere-a001"), AgentId("northmere-a002")
AGENTS = {"a001": A1, "a002": A2}
WASTE = QueueId("northmere.waste")
QUEUES = {WASTE: Queue(id=WASTE, tenant=TenantId("northmere"), name="Bins", skills={"waste": 1})}
CALLER = "PJSIP/trunk-00000001"


class SmallAmi:
    """What the scripted PBX holds: channels, device states and global variables."""

    def __init__(self) -> None:
        self.channels: list[Headers] = []
        self.devices: dict[str, str] = {}
        self.variables: dict[str, str] = {}

    def answer(self, action: Action) -> bytes:
        name = action["Action"]
        if name == "Getvar":
            value = self.variables.get(action["Variable"], "")
            return success(action, ("Variable", action["Variable"]), ("Value", value))
        if name == "Setvar":
            self.variables[action["Variable"]] = action["Value"]
            return success(action, ("Message", "Variable Set"))
        if name == "Status":
            return self._list(action, "Status", self.channels)
        if name == "DeviceStateList":
            rows = [[("Device", device), ("State", state)] for device, state in self.devices.items()]
            return self._list(action, "DeviceStateChange", rows)
        return error(action, "Invalid/unknown command")

    def _list(self, action: Action, event: str, rows: Sequence[Headers]) -> bytes:
        tagged = ("ActionID", action["ActionID"])
        begin = message(("Response", "Success"), tagged, ("EventList", "start"))
        items = b"".join(message(("Event", event), tagged, *row) for row in rows)
        return begin + items + message(("Event", f"{event}Complete"), tagged, ("EventList", "Complete"))


def caller(context: str = "hold", *, bridge: str = "", **variables: str) -> Headers:
    """A caller's channel in Status; an unset variable reads as the literal (null) (docs/asterisk.md rule 5)."""
    held = {
        "GH_ROLE": "caller",
        "GH_CONTACT": "c1764000000-12",
        "GH_TENANT": "northmere",
        "GH_NUMBER": "03069990001",
        "GH_QUEUE": "northmere.waste",
        "GH_PRIORITY": "(null)",
        "GH_SKILLS": "",
        "GH_ARRIVED": "1764000000.500000",
        "GH_OFFER": "(null)",
        **variables,
    }
    return [
        ("Channel", CALLER),
        ("Uniqueid", "1764000000.12"),
        ("Context", context),
        ("BridgeID", bridge),
        *[("Variable", f"{name}={value}") for name, value in held.items()],
    ]


def agent_leg(channel: str = "PJSIP/a001-00000002", *, offer: str = "(null)", bridge: str = "") -> Headers:
    return [
        ("Channel", channel),
        ("Uniqueid", "1764000000.13"),
        ("BridgeID", bridge),
        ("Variable", "GH_ROLE=(null)"),
        ("Variable", f"GH_OFFER={offer}"),
    ]


async def see(pbx: SmallAmi, times: int = 1) -> list[PbxSeen]:
    peer = AmiPeer(pbx.answer)
    await peer.start()
    try:
        async with LinkUser(peer) as user:
            await user.until_up()
            view = AmiView(user.link, AGENTS, QUEUES)
            return [await view.see() for _ in range(times)]
    finally:
        await peer.stop()
