"""``guildhall doctor``: what runs, what is wrong, and what to do about it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from adapters.asterisk.pbx_process import pbx_owner
from adapters.control.client import ask
from adapters.files.dialplans import read_dialplans
from guildhall import processes
from guildhall.flow_book import flow_book
from guildhall.free_ports import load_ports
from guildhall.pbx import fit_version, pbx_root
from guildhall.recordings_keys import KEY_VARIABLE, recording_keys
from guildhall.secret_files import LEAST_CHARACTERS
from guildhall.settings import Settings
from guildhall.speech_models import model_files
from kernel.commands import ShowState
from kernel.errors import GuildhallError


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check: what was looked at, whether it is well, what was seen, what to do."""

    check: str
    ok: bool
    message: str
    remedy: str = ""

    def as_dict(self) -> dict[str, object]:
        """The contract's shape."""
        return asdict(self)


def _pbx(settings: Settings) -> Finding:
    pbx_owner()
    return Finding(check="pbx", ok=True, message=fit_version(pbx_root(settings)))


def _process(settings: Settings, name: str) -> Finding:
    pid = processes.running(settings.run / f"{name}.pid")
    return Finding(
        check=name,
        ok=pid is not None,
        message=f"runs, pid {pid}" if pid else "does not run",
        remedy="" if pid else f"run 'make up'; if it ends again see {settings.logs}",
    )


def _alarm(data: Mapping[str, Any]) -> bool:
    return any(row.get("alarm") for row in data.get("waiting", ()))


def _engine(settings: Settings) -> Finding:
    outcome = ask(settings.control, ShowState(), timeout=3.0)
    state = outcome.data.get("engine") if outcome.ok and isinstance(outcome.data, dict) else None
    if isinstance(outcome.data, dict) and state == "up" and _alarm(outcome.data):
        message, remedy = (
            "an emergency waits and nobody answers",
            "make an agent ready for it: guildhall agent",
        )
        return Finding(check="deciding", ok=False, message=message, remedy=remedy)
    return Finding(
        check="deciding",
        ok=state == "up",
        message=f"the engine is {state}" if state else outcome.message,
        remedy="" if state == "up" else f"see {settings.logs / 'engine.jsonl'}",
    )


def _secrets(settings: Settings) -> Finding:
    files = [path for path in settings.secrets.glob("*") if path.is_file()]
    open_ones = [path.name for path in files if path.stat().st_mode & 0o077]
    closed = [path for path in files if path.name not in open_ones]
    weak = [path.name for path in closed if len(path.read_text("utf-8", "replace").strip()) < LEAST_CHARACTERS]
    bad = open_ones + weak
    return Finding(
        check="secrets",
        ok=not bad,
        message=f"{len(files)} secrets, each its owner's only"
        if not bad
        else f"open or weak: {', '.join(sorted(bad))}",
        remedy="" if not bad else f"delete them from {settings.secrets}, then 'make down' and 'make up'",
    )


def _listeners(settings: Settings) -> Finding:
    loopback = settings.bind.startswith("127.")
    return Finding(
        check="listeners",
        ok=True,
        message=f"SIP on {settings.bind}" + ("" if loopback else ": reachable from other machines, as you asked"),
    )


def _disk(settings: Settings) -> Finding:
    settings.recordings.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.recordings).free / 1e9
    return Finding(
        check="disk",
        ok=free >= settings.least_free_gb,
        message=f"{free:.1f} GB free for recordings",
        remedy="" if free >= settings.least_free_gb else "make room: without it calls go on unrecorded",
    )


def _recordings_key(settings: Settings) -> Finding:
    if not os.environ.get(KEY_VARIABLE) and not any((settings.var / "vault").glob("[0-9a-f][0-9a-f]")):
        return Finding(check="recordings_key", ok=True, message="not used yet")
    recording_keys(settings)
    return Finding(check="recordings_key", ok=True, message="there, its owner's only: keep a copy of it elsewhere")


def _dialplans(settings: Settings) -> Finding:
    plans = read_dialplans(settings.dialplans)
    flow_book(plans)
    return Finding(
        check="dialplans",
        ok=True,
        message=f"{len(plans.tenants)} councils, {len(plans.queues)} queues, {len(plans.agents)} agents",
    )


def _ports(settings: Settings) -> Finding:
    ports = load_ports(settings.run / "ports.json")
    return Finding(
        check="ports",
        ok=True,
        message=f"SIP {ports.sip}, AMI {ports.ami}, AGI {ports.agi}" if ports else "none chosen yet",
    )


def _speech(settings: Settings) -> Finding:
    """Said plainly and survived: calls go on by keys."""
    missing = model_files(settings).missing()
    return Finding(
        check="speech",
        ok=not missing,
        message="models for speech are there" if not missing else f"NO SPEECH: missing {', '.join(missing)}",
        remedy="" if not missing else "run make setup; until then callers who would be steered get the menu",
    )


_CHECKS: dict[str, Callable[[Settings], Finding]] = {
    "pbx": _pbx,
    "keeper": lambda settings: _process(settings, "keeper"),
    "asterisk": lambda settings: _process(settings, "asterisk"),
    "engine": lambda settings: _process(settings, "engine"),
    "deciding": _engine,
    "recordings": lambda settings: _process(settings, "recordings"),
    "recordings_key": _recordings_key,
    "desk": lambda settings: _process(settings, "desk"),
    "dialplans": _dialplans,
    "secrets": _secrets,
    "listeners": _listeners,
    "ports": _ports,
    "disk": _disk,
    "speech": _speech,
}


def examine(settings: Settings) -> list[Finding]:
    """Make every check; one that cannot be made is a finding too."""
    findings = []
    for name, check in _CHECKS.items():
        try:
            findings.append(check(settings))
        except GuildhallError as error:
            findings.append(Finding(check=name, ok=False, message=str(error), remedy=error.message))
        except (OSError, subprocess.SubprocessError) as error:
            findings.append(
                Finding(check=name, ok=False, message=f"cannot be looked at: {error}", remedy="run as root")
            )
    return findings
