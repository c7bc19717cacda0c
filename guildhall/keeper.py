"""Keeps Asterisk, the engine and our other processes running: starts them, again when they die, ends them if asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from adapters import log as logging_setup
from adapters.asterisk.pbx_process import start_pbx
from guildhall import processes
from guildhall.free_ports import claim_ports, load_ports
from guildhall.pbx import pbx_folders, pbx_root
from guildhall.privilege import engine_owner
from guildhall.settings import HOME, Settings
from guildhall.short_logs import ShortLog
from guildhall.watchdog import Watchdog
from guildhall.watching import Watch, errand

log = structlog.get_logger()

_POLL_S = 0.2
#: Restart delays grow to this; a process that ran for _STEADY_S starts again at once.
_LONGEST_DELAY_S = 10.0
_STEADY_S = 30.0


@dataclass(slots=True, kw_only=True)
class Kept:
    """One process under care."""

    name: str
    pid_file: Path
    start: Callable[[], int]
    grace_s: float
    #: Calls go before everything: a recorder that waits 100 ms for the processor throws sound away (audiohook.c).
    nice: int = 0
    delay_s: float = 0.0
    started_at: float = field(default=0.0)
    due_at: float = field(default=0.0)

    def look(self, now: float) -> None:
        """Start it when it does not run and is due. A process found running (an earlier keeper's) is adopted."""
        if processes.running(self.pid_file) is not None or now < self.due_at:
            return
        if self.started_at:
            self.delay_s = 0.0 if now - self.started_at > _STEADY_S else min(self.delay_s * 2 + 0.2, _LONGEST_DELAY_S)
            log.error("a process ended by itself: starting it again", process=self.name, next_delay_s=self.delay_s)
        self.started_at, self.due_at = now, now + self.delay_s
        pid = self.start()
        processes.set_priority(pid, self.nice)
        processes.remember(self.pid_file, pid)


def start_part(settings: Settings, module: str, output: str) -> int:
    """Start one of our own processes in the background, as the engine's user; return its pid."""
    uid, gid = engine_owner()
    settings.logs.mkdir(parents=True, exist_ok=True)
    as_user = {"user": uid, "group": gid, "extra_groups": []} if os.geteuid() == 0 and uid != 0 else {}
    with (settings.logs / output).open("ab") as out:
        process = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603 - no overload takes **as_user; our own modules, no shell
            [sys.executable, "-m", module],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            cwd=HOME,
            **as_user,
        )
    return int(process.pid)


def parts(settings: Settings) -> list[Kept]:
    """What is kept running, in the order it is started; ended in the other."""
    folders, root = pbx_folders(settings), pbx_root(settings)
    output = settings.var / "pbx" / "asterisk.out"

    def ours(name: str, module: str, grace_s: float, nice: int) -> Kept:
        return Kept(
            name=name,
            pid_file=settings.run / f"{name}.pid",
            start=lambda: start_part(settings, module, f"{name}.out"),
            grace_s=grace_s,
            nice=nice,
        )

    return [
        Kept(
            name="asterisk",
            pid_file=settings.run / "asterisk.pid",
            start=lambda: start_pbx(folders, root, output=output),
            grace_s=5.0,
            nice=-10,
        ),
        ours("engine", "guildhall.serve", 8.0, -5),
        ours("recordings", "guildhall.recordings_worker", 5.0, 0),
        ours("desk", "guildhall.desk_server", 4.0, 0),
    ]


def keep(settings: Settings) -> None:
    """Run until SIGTERM, then end the engine first, Asterisk after it."""
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: ended.append(number))
    signal.signal(signal.SIGINT, lambda number, _frame: ended.append(number))
    ports = load_ports(settings.run / "ports.json")
    # Held while we live: another checkout that starts while our engine is down must not take its port.
    claims = claim_ports(ports) if ports else []
    kept = parts(settings)
    watch = Watch(settings, lambda what: errand(settings, what))
    dog = Watchdog(settings.run / "engine.pid", settings.sign_of_life, settings.engine_still_s)
    logs = settings.var / "pbx" / "log"
    shorter = (ShortLog(logs / "messages.log"), ShortLog(logs / "warnings.log", for_a_day=True))
    while not ended:
        for one in kept:
            one.look(time.monotonic())
        dog.look(time.monotonic())
        watch.look(time.monotonic(), time.time())
        for one_log in shorter:
            one_log.look(time.monotonic(), time.time())
        time.sleep(_POLL_S)
        _collect()
    for one in reversed(kept):
        processes.stop(one.pid_file, grace_s=one.grace_s)
    for claim in claims:
        claim.close()


def _collect() -> None:
    """Collect children that ended, so that none stays a zombie."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


if __name__ == "__main__":
    the_settings = Settings()
    logging_setup.configure(the_settings.logs / "keeper.jsonl", the_settings.log_level)
    keep(the_settings)
