"""Text for people: what the command line prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # The doctor reads flows and keys: half a second that `guildhall status` need not wait for.
    from guildhall.doctor import Finding


def how_to_call(town: Mapping[str, Any]) -> str:
    """Which numbers to dial, where to point a softphone, how to stop."""
    trunk, lines = town["trunk"], []
    port = trunk["port"] or "(not running)"
    lines.append(f"\nDial through the trunk at {trunk['host']}:{port} (UDP), calling from {', '.join(trunk['from'])}:")
    for number in town["numbers"]:
        goal = f"straight to {number['queue']}" if number["direct"] else f"flow {number['flow']}"
        lines.append(f"  {number['number']}  {number['council']:<12} {goal}")
    lines.append("\nAgents' softphones register there; each password lies in its file:")
    for agent in town["agents"]:
        sip = agent["sip"]
        lines.append(
            f"  {agent['agent']:<18} user {sip['user']}  {sip['host']}:{port}  password {sip['password_file']}"
        )
    codes = town["star_codes"]
    lines.append(
        f"\nOn an agent's phone: {codes['login']} log in, {codes['ready']} ready, {codes['not_ready']} not ready, "
        f"{codes['logout']} log out.  Or: guildhall agent login AGENT, agent ready AGENT"
    )
    if page := town["ports"]["http"]:
        lines.append(f"The desk's page: http://127.0.0.1:{page}/  Whoever is to log in: guildhall desk add --help")
    lines.append("Wallboard: none yet.  A demonstration call: make call.  What runs: make status.  Stop: make down.")
    return "\n".join(lines)


def agents(rows: Iterable[Mapping[str, Any]]) -> str:
    """One line an agent."""
    lines = []
    for row in rows:
        reach = "" if row["reachable"] else "  phone not registered"
        aux = f" ({row['aux']})" if row.get("aux") else ""
        pending = f"  then {row['pending']}" if row.get("pending") else ""
        lines.append(f"  {row['id']:<18} {row['presence']}{aux}, {row['occupation']}{pending}{reach}")
    return "\n".join(lines)


def state(data: Mapping[str, Any]) -> str:
    """Engine, agents, waiting and talking calls."""
    waiting = [
        f"  {row['contact']}  {row['queue']}  {row['waited_s']:.0f} s  {row['state']}"
        + ("  ALARM: nobody answers" if row.get("alarm") else "")
        for row in data["waiting"]
    ]
    return "\n".join(
        [
            # Nothing yet: it has never seen the PBX since it started.
            f"Engine: {data['engine'] or 'cannot see Asterisk yet; see guildhall doctor'}",
            "Agents:",
            agents(data["agents"]),
            f"Waiting: {len(waiting)}",
            *waiting,
            f"Talking: {len(data['talking'])}",
            *(f"ALARM: steering of {council} got worse: {what}" for council, what in data.get("steering", {}).items()),
        ]
    )


def findings(found: Sequence[Finding]) -> str:
    """One line a check, with what to do below it."""
    lines = []
    for one in found:
        lines.append(f"{'ok ' if one.ok else 'BAD'}  {one.check:<10} {one.message}")
        if one.remedy and not one.ok:
            lines.append(f"                -> {one.remedy}")
    return "\n".join(lines)
