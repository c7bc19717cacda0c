"""The town: who can be called, by whom, through what. The machine-readable door for anyone who brings own phones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from desk.call_codes import CALL_CODES
from desk.star_codes import STAR_CODES
from guildhall.free_ports import Ports, load_ports
from guildhall.processes import running
from guildhall.settings import HOME, Settings
from kernel.agent import AgentProfile
from kernel.queues import Queue
from kernel.tenant import CouncilNumber, Tenant


def relative(path: Path) -> str:
    """A path as the town shows it: relative to the checkout where it lies inside."""
    return str(path.relative_to(HOME)) if path.is_relative_to(HOME) else str(path)


def _number(number: CouncilNumber) -> dict[str, object]:
    return {
        "number": number.number,
        "council": number.tenant,
        "queue": number.queue,
        "flow": number.flow,
        "direct": number.queue is not None,
    }


def _agent(agent: AgentProfile, settings: Settings, ports: Ports | None) -> dict[str, object]:
    return {
        "agent": agent.id,
        "council": agent.tenant,
        "councils": list(agent.councils),
        "queues": list(agent.queues),
        "skills": dict(agent.skills),
        "sip": {
            "host": settings.bind,
            "port": ports.sip if ports else None,
            "transport": "udp",
            "user": agent.sip_user,
            "password_file": relative(settings.secrets / agent.sip_user),
        },
    }


def describe_town(
    settings: Settings, *, tenants: Sequence[Tenant], queues: Sequence[Queue], agents: Sequence[AgentProfile]
) -> dict[str, object]:
    """The town in the shape of the contract ``guildhall town --json``; ports are null while nothing runs."""
    engine, asterisk = running(settings.run / "engine.pid"), running(settings.run / "asterisk.pid")
    ports = load_ports(settings.run / "ports.json") if asterisk else None
    return {
        "numbers": [_number(number) for tenant in tenants for number in tenant.numbers],
        "queues": [{"id": queue.id, "council": queue.tenant} for queue in queues],
        "agents": [_agent(agent, settings, ports) for agent in agents],
        "trunk": {
            "host": settings.bind,
            "port": ports.sip if ports else None,
            "transport": "udp",
            "from": list(settings.trunk_from),
        },
        "star_codes": {**STAR_CODES, **CALL_CODES},
        "ports": {
            "agi": ports.agi if ports and engine else None,
            "ami": ports.ami if ports else None,
            "http": ports.http if ports and running(settings.run / "desk.pid") else None,
            "mqtt": None,
            "audiosocket": None,
        },
        "pids": {"engine": engine, "asterisk": asterisk},
        "recordings": relative(settings.recordings),
        "log": relative(settings.logs),
    }
