"""What is seen of a service from outside: its processes, and what a refused command says."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.fakes.service import Service

NAMES = ("keeper", "asterisk", "engine")


def pids(service: Service) -> dict[str, int]:
    return {name: service.pid(name) for name in NAMES}


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def kept_by(service: Service) -> list[int]:
    """Every keeper that runs for this service: the environment says for which."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        if b"guildhall.keeper" in command and f"GUILDHALL_VAR={service.settings.var}".encode() in environment.split(
            b"\0"
        ):
            found.append(int(process.name))
    return found


def sentence(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    """What a refused command said: for people, on stderr, with its exit code, and never a traceback."""
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
    return done.stderr
