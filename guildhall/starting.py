"""``guildhall up``: prepare everything, start it, and say what to dial."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from adapters.asterisk.pbx_process import check_namespace
from adapters.control.client import ask
from guildhall import processes
from guildhall.configuring import configure, give_to_engine
from guildhall.free_ports import (
    Ports,
    choose_ports,
    claim_ports,
    load_ports,
    one_choice_at_a_time,
    one_start_of,
    save_ports,
)
from guildhall.pbx import fit_version, pbx_root
from guildhall.prompts import pbx_prompts
from guildhall.publishing import keep_started
from guildhall.settings import HOME, Settings
from kernel.commands import ShowState
from kernel.errors import GuildhallError

Say = Callable[[str], None]

#: Asterisk boots in about 2 s here; the engine in about 1 s. A loaded machine gets more.
_START_LIMIT_S = 45.0
_POLL_S = 0.1


def start(settings: Settings, say: Say) -> bool:
    """Start what is not running. False when everything ran already. Raises ``GuildhallError`` with what to do next."""
    keeper = settings.run / "keeper.pid"
    if processes.running(keeper) is not None and engine_ready(settings):
        return False
    check_namespace()
    fit_version(pbx_root(settings))
    for folder in (settings.var, settings.run, settings.logs, settings.sounds):
        folder.mkdir(parents=True, exist_ok=True)
    settings.run.chmod(0o700)
    with one_start_of(settings.run, _START_LIMIT_S):
        _start(settings, say)
    return True


def _start(settings: Settings, say: Say) -> None:
    say("prompts")
    dialplans = keep_started(settings, say)
    # From the choice on nobody else takes these ports; the keeper inherits the claims and holds them while it lives.
    with one_choice_at_a_time(_START_LIMIT_S):
        ports = _ports(settings)
        claims = claim_ports(ports)
    say("configuration and secrets")
    configure(settings, dialplans, pbx_prompts(settings), ports)
    give_to_engine(settings)
    say(f"Asterisk on {settings.bind}:{ports.sip}, and the engine")
    _start_keeper(settings, claims)
    _wait(lambda: _answers(ports.ami), "Asterisk does not answer", settings.var / "pbx" / "asterisk.out")
    _wait(lambda: engine_ready(settings), "the engine does not decide", settings.logs / "engine.out")


def engine_ready(settings: Settings) -> bool:
    """Whether the engine answers and is up: a call can be placed."""
    outcome = ask(settings.control, ShowState(), timeout=2.0)
    return outcome.ok and isinstance(outcome.data, dict) and outcome.data.get("engine") == "up"


def stop(settings: Settings) -> bool:
    """End what was started here, and nothing else. True when something ran."""
    ended = processes.stop(settings.run / "keeper.pid", grace_s=20.0)
    # The keeper ends its own; these find work only when the keeper itself had died.
    for name in ("desk", "recordings"):
        ended = processes.stop(settings.run / f"{name}.pid", grace_s=5.0) or ended
    ended = processes.stop(settings.run / "engine.pid", grace_s=8.0) or ended
    return processes.stop(settings.run / "asterisk.pid", grace_s=5.0) or ended


def _ports(settings: Settings) -> Ports:
    path = settings.run / "ports.json"
    kept = load_ports(path)
    if kept is not None and processes.running(settings.run / "asterisk.pid") is not None:
        return kept
    ports = choose_ports(settings.bind, settings.sip_port)
    save_ports(path, ports)
    return ports


def _start_keeper(settings: Settings, claims: Sequence[socket.socket]) -> None:
    path = settings.run / "keeper.pid"
    if processes.running(path) is not None:
        return
    with (settings.logs / "keeper.out").open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "guildhall.keeper"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            cwd=HOME,
            pass_fds=[claim.fileno() for claim in claims],
        )
    processes.remember(path, process.pid)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait(ready: Callable[[], bool], trouble: str, output: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT_S
    while not ready():
        if time.monotonic() > deadline:
            raise GuildhallError(
                "not_started", f"{trouble} after {_START_LIMIT_S:.0f} s: see {output}, or run 'guildhall doctor'"
            )
        time.sleep(_POLL_S)
