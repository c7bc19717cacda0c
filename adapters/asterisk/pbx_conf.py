"""The generated part of Asterisk's configuration: ports, secrets, agents, numbers; the rest is in asterisk_conf/."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adapters.asterisk.static_queues import static_hints, static_queues, static_wrap_ups
from kernel.agent import AgentProfile
from kernel.errors import BadInput
from kernel.ids import checked_id
from kernel.number import parse_dialled
from kernel.queues import Queue
from kernel.tenant import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class PbxSettings:
    """Where this run's Asterisk listens, and what it shares with the engine."""

    bind: str
    sip_port: int
    ami_port: int
    agi_port: int
    rtp_from: int
    rtp_to: int
    ami_user: str
    ami_secret: str
    agi_token: str
    #: Source addresses of the trunk; no agent may use one of them.
    trunk_from: tuple[str, ...]
    #: Whole seconds without a sign of the engine after which waiting callers go to app_queue.
    fallback_after_s: int = 12
    #: Where the trunk takes our calls, host:port; None: nothing can be dialled out.
    trunk_out: str | None = None
    #: Whole seconds between two tries to ring a resident back.
    callback_rest_s: int = 300
    #: Whole seconds without a packet after which an agent's leg ends.
    phone_silence_s: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticPart:
    """What the PBX does by itself: made from the flows, see ``static_dialplan.py`` and ``static_queues.py``."""

    dialplan: str = ""
    #: Council, flow -> the context it begins in, without its language.
    flows: Mapping[tuple[str, str], str] = field(default_factory=dict)
    queues: Sequence[Queue] = ()
    #: Whole Unix seconds, some years back at most: callers' places in app_queue are counted from here.
    origin: int = 0
    #: How long its questions wait for a key, seconds: each of these needs an open line's noise of its length.
    listens_s: Sequence[float] = ()
    #: Global variable -> the sound an agent hears whose star code nobody decides on (static.conf).
    star_words: Mapping[str, str] = field(default_factory=dict)


#: AMI classes: `call` for Redirect, Setvar, Status and Hangup; events of calls, our user events, queue and device
#: events, and `system` for ContactStatus and FullyBooted. `originate` for the seats of callbacks (seats.py). Never
#: command, config, system or all (SECURITY V02).
_AMI_READ = "call,user,agent,system"
_AMI_WRITE = "call,originate"

#: docs/asterisk.md rule 21. The filter cuts VarSet, Newexten and the like, two thirds of all events, before they
#: are sent.
AMI_EVENTS = (
    "UserEvent",
    "Newchannel",
    "Hangup",
    "HangupRequest",
    "DialBegin",
    "BridgeEnter",
    "BridgeLeave",
    "Hold",
    "Unhold",
    "DeviceStateChange",
    "ContactStatus",
    "FullyBooted",
    "Shutdown",
)

#: Names taken in pjsip.conf: an agent's lines under one of them would be merged into it.
_SECTIONS = frozenset(
    {"global", "system", "udp", "trunk", "trunk-id", "trunk-endpoint", "agent-endpoint", "agent-aor", "agent-auth"}
)


def _value(text: str) -> str:
    """A configuration value: one line, and nothing Asterisk reads as comment, template or expression."""
    if not text.isprintable() or any(sign in text for sign in ';[]{}$"\\,'):
        raise BadInput("bad_conf_value", "a configuration value holds a character that Asterisk reads as syntax")
    return text


def _globals(settings: PbxSettings, static: StaticPart) -> str:
    out = _value(settings.trunk_out or "")
    words = "".join(f"{name}={_value(path)}\n" for name, path in static.star_words.items())
    return (
        f"GH_AGI_PORT={settings.agi_port}\nGH_AGI_TOKEN={_value(settings.agi_token)}\n"
        f"GH_FALLBACK_AFTER={settings.fallback_after_s}\nGH_ORIGIN={static.origin}\n"
        f"GH_TRUNK_OUT={out}\nGH_CALLBACK_REST={settings.callback_rest_s}\n{words}"
    )


def _manager(settings: PbxSettings) -> str:
    filters = "".join(f"eventfilter(name({name})) =\n" for name in AMI_EVENTS)
    return (
        f"port = {settings.ami_port}\n"
        f"[{_value(settings.ami_user)}]\nsecret = {_value(settings.ami_secret)}\n"
        "deny = 0.0.0.0/0.0.0.0\npermit = 127.0.0.1/255.255.255.255\n"
        f"read = {_AMI_READ}\nwrite = {_AMI_WRITE}\nwritetimeout = 1000\n{filters}"
    )


def _rtp(settings: PbxSettings) -> str:
    return f"rtpstart={settings.rtp_from}\nrtpend={settings.rtp_to}\n"


def _pjsip(settings: PbxSettings, agents: Iterable[AgentProfile], passwords: Mapping[str, str]) -> str:
    parts = [
        f"[udp]\ntype=transport\nprotocol=udp\nbind={_value(settings.bind)}:{settings.sip_port}\n",
        "[trunk](trunk-endpoint)\ntransport=udp\n",
        "[trunk-id]\ntype=identify\nendpoint=trunk\n" + "".join(f"match={_value(ip)}\n" for ip in settings.trunk_from),
    ]
    for agent in agents:
        user = checked_id(agent.sip_user, "a SIP user")
        if user in _SECTIONS:
            raise BadInput("reserved_name", "a SIP user may not be named like a section of asterisk_conf/pjsip.conf")
        parts.append(
            f"[{user}](agent-endpoint)\ntransport=udp\nauth={user}\naors={user}\n"
            f"rtp_timeout={settings.phone_silence_s}\n"
            f"[{user}](agent-auth)\nusername={user}\npassword={_value(passwords[user])}\n"
            f"[{user}](agent-aor)\n"
        )
    return "\n".join(parts)


def _numbers(
    tenants: Iterable[Tenant],
    opening: Mapping[str, str],
    sorry: Mapping[str, str],
    flows: Mapping[tuple[str, str], str],
) -> str:
    lines = ["[council-numbers]"]
    for tenant in tenants:
        for number in tenant.numbers:
            lines += [
                f"exten => {parse_dialled(number.number)},1,Set(GH_TENANT={checked_id(tenant.id, 'a council')})",
                f" same => n,Set(GH_DEFAULT_QUEUE={checked_id(tenant.default_queue, 'a queue')})",
                f" same => n,Set(GH_OPENING={_value(opening.get(tenant.id, ''))})",
                f" same => n,Set(GH_SORRY={_value(sorry.get(tenant.id, ''))})",
            ]
            if static := flows.get((tenant.id, number.flow or "")):
                language = checked_id(tenant.languages[0], "a language")
                lines += [f" same => n,Set(GH_STATIC={static})", f" same => n,Set(GH_LANG={language})"]
            if number.queue is not None:
                lines.append(f" same => n,Set(GH_DIRECT={checked_id(number.queue, 'a queue')})")
            lines.append(" same => n,Goto(call,${EXTEN},1)")
        if tenant.hours_line is not None:
            council = checked_id(tenant.id, "a council")
            lines.append(f"exten => {parse_dialled(tenant.hours_line)},1,Set(GH_TENANT={council})")
            lines.append(" same => n,Goto(hours-line,${EXTEN},1)")
    return "\n".join(lines) + "\n"


def write_conf(  # noqa: PLR0913 - one argument a kind of thing that is generated
    folder: Path,
    settings: PbxSettings,
    *,
    tenants: Sequence[Tenant],
    agents: Sequence[AgentProfile],
    passwords: Mapping[str, str],
    opening: Mapping[str, str],
    sorry: Mapping[str, str],
    owner: tuple[int, int] | None,
    static: StaticPart | None = None,
) -> None:
    """Write the generated files, mode 0600, owned by ``owner`` (uid, gid) when given.

    ``opening`` and ``sorry``: council -> sound path without extension. Raises ``BadInput`` for a value that
    Asterisk would read as syntax.
    """
    folder.mkdir(parents=True, exist_ok=True)
    static = static or StaticPart()
    files = {
        "globals.conf": _globals(settings, static),
        "manager.conf": _manager(settings),
        "rtp.conf": _rtp(settings),
        "pjsip.conf": _pjsip(settings, agents, passwords),
        "numbers.conf": _numbers(tenants, opening, sorry, static.flows),
        "static.conf": static.dialplan + static_hints(agents) + static_wrap_ups(agents),
        "queues.conf": static_queues(static.queues, agents, dict(sorry)),
    }
    for name, text in files.items():
        write_generated(folder / name, text, owner)


def write_generated(path: Path, text: str, owner: tuple[int, int] | None) -> None:
    """Write one file of Asterisk's configuration, mode 0600, owned by ``owner`` (uid, gid) when given."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(f"; Generated by guildhall up; edits are lost.\n{text}")
    if owner is not None:
        os.chown(path, *owner)
