"""A whole service of its own for a test: own state, own ports, own PBX, started and stopped by the command line."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from adapters.control.client import ask
from adapters.files.dialplans import read_dialplans
from guildhall.facts_export import facts_since
from guildhall.settings import Settings
from guildhall.town import describe_town
from kernel.agent import Presence
from kernel.commands import Asked, Outcome, SetPresence, ShowState
from kernel.ids import AgentId
from lab.calling import OutgoingLeg
from lab.phone import Phone
from lab.service import HOME, ServiceProcess, eventually

__all__ = [
    "EMERGENCY",
    "HOME",
    "MAREK",
    "NIA",
    "OLWEN",
    "PRIYA",
    "TOM",
    "WASTE",
    "Service",
    "eventually",
    "of",
    "words",
]

#: Of the sample councils: who can take what. Waste: Nia, Priya, Marek. Emergency: Nia, Tom, Olwen.
NIA, TOM, PRIYA = "northmere-a001", "northmere-a002", "northmere-a003"
MAREK, OLWEN = "harbourside-a101", "harbourside-a102"
WASTE, EMERGENCY = "northmere.waste", "northmere.emergency"

#: The sample councils with short times: a ring-out takes 3 s instead of 15, silence in a menu 1 s instead of 5.
_SHORTER = (
    (re.compile(r"ring_time: \w+"), "ring_time: 3s"),
    (re.compile(r"wrap_up: \w+"), "wrap_up: 1s"),
    (re.compile(r"timeout: \w+"), "timeout: 1s"),
)
#: A council's long prompts, each a second long instead of ten.
_SHORT_PROMPTS = {
    "opening": ("Our council.", "Ein cyngor."),
    "welcome": ("Welcome.", "Croeso."),
    "menu_main": ("Press 1 or 2.", "Pwyswch 1 neu 2."),
    "sorry_hold": ("Please hold.", "Arhoswch."),
    "sorry_no_input": ("No key.", "Dim allwedd."),
    "sorry_no_match": ("Wrong key.", "Allwedd anghywir."),
}
#: Rendered prompts of earlier services, by the content of their texts: speaking all of them takes seconds each time.
_SOUNDS = HOME / "var" / "test-sounds"


def short_dialplans(folder: Path) -> Path:
    """Copy the sample councils with short times and short prompts."""
    shutil.copytree(HOME / "dialplans", folder)
    for path in [*folder.rglob("queues.yaml"), *folder.rglob("flows/*.yaml")]:
        text = path.read_text(encoding="utf-8")
        for pattern, short in _SHORTER:
            text = pattern.sub(short, text)
        path.write_text(text, encoding="utf-8")
    for council in ("northmere", "harbourside"):
        path = folder / council / "prompts.yaml"
        prompts = YAML(typ="safe").load(path.read_text(encoding="utf-8"))["prompts"]
        prompts |= {name: {"en": en, "cy": cy} for name, (en, cy) in _SHORT_PROMPTS.items()}
        path.write_text(json.dumps({"prompts": prompts}, ensure_ascii=False), encoding="utf-8")
    return folder


#: What `state` gives while the engine does not answer.
_AWAY: dict[str, Any] = {"engine": "away", "agents": [], "waiting": [], "talking": [], "in_ivr": 0}
_AMI_LINES = re.compile(r"^(?:Channel: (\S+)|Variable: (?!\S+=(?:\(null\))?\r?$)(.*))", re.MULTILINE)


class Service(ServiceProcess):
    """One running Guildhall, and what tests look at in it."""

    def __init__(self, place: Path, **settings: str) -> None:
        # Two recognisers take ten seconds of processor to load: only the tests that speak have them.
        settings = {"speech_workers": "0", **settings}
        super().__init__(place, dialplans=short_dialplans(place / "dialplans"), **settings)

    def up(self) -> None:
        """Start everything, with the prompts that an earlier test has rendered."""
        sounds = self.settings.sounds
        self.bring_sounds()
        super().up()
        for path in sounds.glob("[a-z_]*/[a-z][a-z]/*.wav"):
            kept = _SOUNDS / path.relative_to(sounds)
            if not kept.exists():
                kept.parent.mkdir(parents=True, exist_ok=True)
                # In one go: another checkout's test may read at the same time.
                shutil.copy(path, part := kept.with_suffix(f".{os.getpid()}"))
                part.rename(kept)

    def bring_sounds(self) -> None:
        """Put the prompts there that an earlier service has rendered: speaking them takes four seconds."""
        if _SOUNDS.is_dir():
            shutil.copytree(_SOUNDS, self.settings.sounds, dirs_exist_ok=True)

    @property
    def settings(self) -> Settings:
        """The settings this service runs with, where a test looks at it without the command line (0.5 s a look)."""
        return Settings(var=self.place / "var", recordings=self.recordings, dialplans=self.place / "dialplans")

    async def town(self) -> dict[str, Any]:
        """The machine-readable door, as `guildhall town --json` prints it (a second of processor a look)."""
        plans = await asyncio.to_thread(read_dialplans, self.settings.dialplans)
        described = describe_town(self.settings, tenants=plans.tenants, queues=plans.queues, agents=plans.agents)
        return dict(json.loads(json.dumps(described)))

    async def command(self, command: Asked) -> Outcome:
        """Ask the engine at its door."""
        return await asyncio.to_thread(ask, self.settings.control, command, 5.0)

    async def state(self) -> dict[str, Any]:
        """The engine's view, as `guildhall status --json` prints it; an empty one while it is away."""
        outcome = await self.command(ShowState())
        return outcome.data if isinstance(outcome.data, dict) else dict(_AWAY)

    async def is_up(self) -> bool:
        """Whether the engine answers, and decides."""
        return bool((await self.state())["engine"] == "up")

    async def agent(self, agent: str) -> dict[str, Any]:
        """One agent in the engine's view; empty while the engine is away."""
        return next((row for row in (await self.state())["agents"] if row["id"] == agent), {})

    async def presence(self, agent: str, presence: Presence, aux: str | None = None) -> Outcome:
        """Ask for an agent's presence, as `guildhall agent` does."""
        return await self.command(
            SetPresence(agent=AgentId(agent), presence=presence, aux_code=aux, by="operator"),
        )

    async def ready(self, *agents: str) -> None:
        """Log these agents in and make them ready, in this order: the first one has then been idle longest."""
        for agent in agents:
            # A phone that refused a call in an earlier test rests up to 10 s.
            await eventually(lambda who=agent: self._rested(who), within_s=12)  # type: ignore[misc]  # a lambda's default has no type
            await self.presence(agent, Presence.NOT_READY, "login")
            outcome = await self.presence(agent, Presence.READY)
            assert outcome.ok, outcome
            # She may be offered a call at once, if one waits.
            await eventually(lambda who=agent: self._at_work(who), within_s=5, every_s=0.05)  # type: ignore[misc]  # a lambda's default has no type

    async def _rested(self, agent: str) -> bool:
        return (await self.agent(agent)).get("resting", "unseen") is None

    async def _at_work(self, agent: str) -> bool:
        return (await self.agent(agent)).get("word", "offline") not in {"offline", "paused"}

    async def sees(self, agent: str, word: str, within_s: float = 5.0) -> dict[str, Any]:
        """Wait until the agent's one word is this."""

        async def look() -> dict[str, Any] | None:
            row = await self.agent(agent)
            return row if row.get("word") == word else None

        return await eventually(look, within_s, 0.05) or {}

    async def dial(self, phone: Phone, number: str) -> tuple[OutgoingLeg, str]:
        """Dial; return the caller's leg and the id the switchboard gave the call. One at a time."""
        before = {fact["call"] for fact in await self.facts() if fact["ev"] == "call"}
        leg = await phone.call(number)

        async def fresh() -> str | None:
            found = (str(fact["call"]) for fact in await self.facts() if fact["ev"] == "call")
            return next((call for call in found if call not in before), None)

        return leg, await eventually(fresh, 5.0, 0.05) or ""

    async def fact(self, call: str, ev: str, within_s: float = 5.0, **fields: object) -> dict[str, Any]:
        """Wait for the call's fact of this kind, with these fields; return it."""

        async def look() -> dict[str, Any] | None:
            story = await self.story(call)
            return next((one for one in story if one["ev"] == ev and fields.items() <= one.items()), None)

        return await eventually(look, within_s, 0.05) or {}

    async def _ami(self, events: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        ports = json.loads((self.settings.run / "ports.json").read_text(encoding="ascii"))
        secret = (self.settings.secrets / "ami").read_text(encoding="ascii").strip()
        reader, writer = await asyncio.open_connection("127.0.0.1", ports["ami"])
        login = f"Action: Login\r\nUsername: guildhall\r\nSecret: {secret}\r\nEvents: {events}\r\n\r\n"
        writer.write(login.encode())
        return reader, writer

    async def originate(self, channels: Sequence[str], event: str) -> list[dict[str, str]]:
        """Start these calls on the PBX, one after another; return the user event of this name that each one says."""
        reader, writer = await self._ami("user")
        found: list[dict[str, str]] = []
        async with asyncio.timeout(60):
            for channel in channels:
                call = f"Channel: {channel}\r\nApplication: Wait\r\nData: 1\r\nAsync: yes"
                writer.write(f"Action: Originate\r\n{call}\r\n\r\n".encode())
                while True:
                    frame = (await reader.readuntil(b"\r\n\r\n")).decode()
                    fields = dict(line.partition(": ")[::2] for line in frame.splitlines())
                    if fields.get("UserEvent") == event:
                        found.append(fields)
                        break
        writer.close()
        return found

    async def channels(self, *variables: str) -> list[str]:
        """The PBX's own word on what channels it has, over AMI: name, and these variables where they are set."""
        reader, writer = await self._ami("off")
        ask_all = f"Action: Status\r\nVariables: {','.join(variables)}\r\n" if variables else "Action: Status\r\n"
        writer.write(f"{ask_all}\r\n".encode())
        async with asyncio.timeout(5):
            text = (await reader.readuntil(b"Event: StatusComplete")).decode(errors="replace")
        writer.close()
        frames = [frame for frame in text.split("\r\n\r\n") if frame.startswith("Event: Status\r\n")]
        return [" ".join("".join(found) for found in _AMI_LINES.findall(frame)) for frame in frames]

    async def pbx(self, action: str, **headers: str) -> str:
        """One action over AMI, as an engine sends it; the PBX's answer."""
        reader, writer = await self._ami("off")
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"Action: {action}\r\nActionID: it\r\n{lines}\r\n".encode())
        async with asyncio.timeout(5):
            while "ActionID: it" not in (frame := (await reader.readuntil(b"\r\n\r\n")).decode()):
                pass
        writer.close()
        return frame

    async def is_empty(self) -> bool:
        """Whether nothing of any call is left, neither in the engine nor on the PBX."""
        state = await self.state()
        return not (state["waiting"] or state["talking"] or state["in_ivr"] or await self.channels())

    async def facts(self) -> list[dict[str, Any]]:
        """Everything that happened and is stored so far (up to 0.2 s later than it happened)."""
        return await facts_since(self.settings, 0.0)

    async def story(self, call: str) -> list[dict[str, Any]]:
        """The facts of one call."""
        return [fact for fact in await self.facts() if fact.get("call") == call]

    async def last_call(self, *, with_fact: str = "end") -> str | None:
        """The call that began last, once it has a fact of this kind."""
        facts = await self.facts()
        calls = [fact["call"] for fact in facts if fact["ev"] == "call"]
        there = {fact.get("call") for fact in facts if fact["ev"] == with_fact}
        return calls[-1] if calls and calls[-1] in there else None


def of(story: list[dict[str, Any]], ev: str) -> list[dict[str, Any]]:
    """The facts of one kind."""
    return [fact for fact in story if fact["ev"] == ev]


def words(story: Sequence[Mapping[str, Any]], *without: str) -> list[str]:
    """The kinds of a story's facts, in order."""
    return [str(fact["ev"]) for fact in story if fact["ev"] not in without]
