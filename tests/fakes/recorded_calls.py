"""Calls of the lab that are recorded, and what becomes of them: answered, talked, sealed, alarmed about, heard."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from statistics import correlation
from typing import Any

from adapters.store.audit_log import SqlAuditLog
from adapters.store.engine import open_engine
from kernel.agent import Presence
from lab.behaviour import Answer
from lab.call_leg import CallLeg
from lab.calling import OutgoingLeg
from lab.listen import energy_per_window, hears, read_wav
from lab.phone import Phone
from lab.town import Town
from tests.fakes.service import NIA, Service, eventually

#: The voices of callers and agents: tones.
CALLER_HZ, AGENT_HZ = 440, 1000


async def joined(service: Service, town: Town, number: str) -> tuple[OutgoingLeg, CallLeg, str]:
    """A call that is answered: the caller's leg, the agent's, the call's id."""
    agent, caller = await pair(service, town)
    leg, call = await service.dial(caller, number)
    ringing = await agent.next_call()
    await service.fact(call, "answer")
    await eventually(lambda: hears(bytes(leg.media.heard())[-4000:], AGENT_HZ))
    await talks(leg, 1.0)
    return leg, ringing, call


async def pair(service: Service, town: Town) -> tuple[Phone, Phone]:
    """Nia, ready, and a resident, both with a voice."""
    agent = await town.agent(NIA, behaviour=Answer(), voice=AGENT_HZ)
    await service.ready(NIA)
    return agent, await town.caller("01632960111", voice=CALLER_HZ)


async def talks(leg: CallLeg, seconds: float) -> None:
    """Let the talk go on for so long, by what is heard of it."""
    until = len(leg.media.heard()) + int(seconds * 16000)
    await eventually(lambda: len(leg.media.heard()) >= until, within_s=seconds + 5)


async def recorded(service: Service, call: str) -> dict[str, Any]:
    """The call's recording in the list, once it is sealed."""

    async def look() -> dict[str, Any] | None:
        found = json.loads(await service.ask("recordings", "list", "--call", call, "--json"))
        return found[0] if found and found[0]["state"] == "kept" else None

    # The worker is nice: on a busy machine it comes last.
    return await eventually(look, within_s=90) or {}


def at_most(service: Service, size: str) -> None:
    """Let no file of Asterisk's grow beyond so many bytes; as its own user, for not every root may do that."""
    pbx = service.pid("asterisk")
    owner = Path(f"/proc/{pbx}").stat()
    words = ["prlimit", "--pid", str(pbx), f"--fsize={size}:"]
    subprocess.run(words, check=True, user=owner.st_uid, group=owner.st_gid, extra_groups=[])  # noqa: S603 - our own Asterisk


async def alarm(service: Service, call: str, what: str) -> dict[str, Any]:
    """Wait for the call's alarm of this kind."""

    async def look() -> dict[str, Any] | None:
        found = [one for one in await service.facts() if one["ev"] == "alarm" and one.get("contact") == call]
        return next((one for one in found if one["what"] == what), None)

    return await eventually(look, within_s=15) or {}


async def talked(service: Service, town: Town, agent: str, number: str, caller: str) -> dict[str, Any]:
    """A call with both voices, to its end; its recording, sealed."""
    await town.agent(agent, behaviour=Answer(), voice=AGENT_HZ)
    await service.ready(agent)
    leg, call = await service.dial(await town.caller(caller, voice=CALLER_HZ), number)
    await service.fact(call, "answer", agent=agent)
    await eventually(lambda: hears(bytes(leg.media.heard())[-4000:], AGENT_HZ))
    await talks(leg, 1.0)
    await leg.hang_up()
    await service.fact(call, "recording", within_s=12)
    # The next call of the test may be somebody else's to answer.
    await service.presence(agent, Presence.LOGGED_OUT)
    return await recorded(service, call)


async def audit_of(service: Service, recording: str) -> list[dict[str, Any]]:
    """The lines of the audit log about one recording."""
    database = open_engine(service.settings.store_url)
    try:
        return await SqlAuditLog(database).lines(recording=recording)
    finally:
        await database.dispose()


async def timeline(service: Service, call: str, parts: int) -> dict[str, Any] | None:
    """The call's timeline, once the worker has taken in all its parts."""
    told = await service.ask("recordings", "timeline", call, "--json", check=False)
    found: dict[str, Any] = json.loads(told) if told.startswith("{") else {}
    return found if len(found.get("recordings", ())) == parts else None


def loudness(service: Service, call: str, side: str, join: int = 1) -> list[float]:
    """A side's energy, ten times a second, dBFS."""
    return energy_per_window(read_wav(service.recordings / f"{call}-{join}{side}.wav").channels[0])


def quiet_run(levels: list[float]) -> int:
    """The longest run of windows in silence."""
    longest = run = 0
    for level in levels:
        run = run + 1 if level < -60 else 0
        longest = max(longest, run)
    return longest


def likeness(heard: list[float], pcm: bytes) -> float:
    """How well loudness over time follows a voice's, 1 at best, wherever the recording begins in it."""
    # A window begins anywhere in a syllable: the voice is cut at every 20 ms, a packet's length.
    return max(_followed(heard, energy_per_window(pcm[late:])) for late in range(0, 1600, 320))


def _followed(heard: list[float], voice: list[float]) -> float:
    best = -1.0
    for lag in range(-20, max(1, len(voice) - 30)):
        pairs = [(was, voice[at + lag]) for at, was in enumerate(heard) if 0 <= at + lag < len(voice)]
        if len(pairs) >= 30:
            best = max(best, correlation(*([max(-55.0, level) for level in row] for row in zip(*pairs, strict=True))))
    return best
