"""Pid files: ours is known by pid and start time, ended politely, then by force; another's is left alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from guildhall import processes

pytestmark = pytest.mark.wire

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[str]]:
    """A child of ours that ends when asked."""
    with subprocess.Popen(["/bin/sleep", "60"], text=True) as child:
        yield child
        child.kill()


def test_given_a_process_when_remembered_then_running_until_stopped(
    tmp_path: Path, sleeper: subprocess.Popen[str]
) -> None:
    path = tmp_path / "run" / "x.pid"
    processes.remember(path, sleeper.pid)
    assert processes.running(path) == sleeper.pid
    assert processes.stop(path, grace_s=5.0)
    assert processes.running(path) is None
    assert not path.exists()
    assert not processes.stop(path, grace_s=5.0)


def test_given_a_process_that_ignores_the_asking_when_stopped_then_by_force(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True) as child:  # noqa: S603 - a fixed program
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        path = tmp_path / "x.pid"
        processes.remember(path, child.pid)
        began = time.monotonic()
        assert processes.stop(path, grace_s=0.2)
        assert time.monotonic() - began < 5
    assert not Path(f"/proc/{child.pid}").exists()


# "make down stops what it started and nothing else": a pid is used again by the kernel, a start time is not.
def test_given_another_process_with_that_pid_when_stopped_then_left_alone(
    tmp_path: Path, sleeper: subprocess.Popen[str]
) -> None:
    path = tmp_path / "x.pid"
    path.write_text(json.dumps({"pid": sleeper.pid, "started": "1"}))
    assert processes.running(path) is None
    assert not processes.stop(path, grace_s=0.2)
    assert sleeper.poll() is None


# A process that ended before its pid was written has no start time: it must not match whoever comes next.
def test_given_a_process_that_was_gone_already_when_remembered_then_not_running(tmp_path: Path) -> None:
    gone = subprocess.run(["/bin/sh", "-c", "echo $$"], capture_output=True, text=True, check=True)
    processes.remember(tmp_path / "x.pid", int(gone.stdout))
    assert processes.running(tmp_path / "x.pid") is None


# It ended by itself between the look and the signal: no reason for a traceback from `down`.
def test_given_a_process_that_ends_by_itself_when_signalled_then_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sleeper: subprocess.Popen[str]
) -> None:
    path = tmp_path / "x.pid"
    processes.remember(path, sleeper.pid)
    really = os.kill

    def too_late(pid: int, number: int) -> None:
        really(pid, 9)
        os.waitpid(pid, 0)
        really(pid, number)

    monkeypatch.setattr(os, "kill", too_late)
    assert processes.stop(path, grace_s=5.0)


def test_given_a_zombie_when_looked_at_then_not_running(tmp_path: Path) -> None:
    with subprocess.Popen(["/bin/sleep", "60"]) as child:
        processes.remember(tmp_path / "x.pid", child.pid)
        os.kill(child.pid, 9)
        deadline = time.monotonic() + 5
        while Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            assert time.monotonic() < deadline
        assert processes.running(tmp_path / "x.pid") is None


@pytest.mark.parametrize("content", ["", "{", "1234", "null", '{"pid": "x", "started": "1"}', '{"pid": 1}'])
def test_given_a_damaged_pid_file_when_read_then_nothing_runs(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.pid").write_text(content)
    assert processes.running(tmp_path / "x.pid") is None
    assert not processes.stop(tmp_path / "x.pid", grace_s=0.1)


# Nice values of two sessions are not compared where the kernel groups by session (sched(7)): a recorder once lost sound
# beside other sessions' work, although they were "nicer".
def test_given_a_process_when_it_gives_way_then_it_and_its_session_do() -> None:
    with subprocess.Popen(["/bin/sleep", "60"], start_new_session=True) as child:
        processes.set_priority(child.pid, 7)
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == 7
        group = Path(f"/proc/{child.pid}/autogroup")
        assert not group.exists() or group.read_text(encoding="ascii").split()[-1] == "7"
        child.kill()


def test_given_a_process_that_is_gone_when_it_should_give_way_then_nothing_happens() -> None:
    with subprocess.Popen(["/bin/true"]) as child:
        child.wait()
    processes.set_priority(child.pid, 7)


# A pid file that was being written read as "nothing runs".
def test_given_a_pid_file_when_written_again_and_again_then_a_reader_never_meets_half_of_it(tmp_path: Path) -> None:
    path, done = tmp_path / "x.pid", threading.Event()
    processes.remember(path, os.getpid())

    def write() -> None:
        while not done.is_set():
            processes.remember(path, os.getpid())

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert {processes.running(path) for _ in range(2000)} == {os.getpid()}
    finally:
        done.set()
        writer.join()
