"""A real mosquitto for a test: own port on loopback, a user with a password, nobody without one."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.open_sockets import free_port


def _program(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


class Mosquitto:
    """One broker that can be killed and started again on the same port."""

    user = "guildhall"
    password = "only-for-this-test"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        passwords = folder / "passwords"
        passwords.touch(mode=0o600)
        subprocess.run(  # noqa: S603  # a fixed program on a file of this test
            [_program("mosquitto_passwd"), "-b", str(passwords), self.user, self.password], check=True, timeout=10
        )
        (folder / "mosquitto.conf").write_text(
            # As root mosquitto would change to a user who may not read the folder of the test.
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\nuser root\n"
        )

    def start(self) -> None:
        """Start it; returns when it takes connections."""
        command = [_program("mosquitto"), "-c", str(self._folder / "mosquitto.conf")]
        with (self._folder / "said").open("ab") as said:
            self._process = subprocess.Popen(command, stdout=said, stderr=said)  # noqa: S603  # as above
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert time.monotonic() < deadline, (self._folder / "said").read_text()
                time.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        """Kill it: nobody is told."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None


@contextmanager
def mosquitto(folder: Path) -> Iterator[Mosquitto]:
    """One that runs, with its files in this folder."""
    running = Mosquitto(folder)
    running.start()
    try:
        yield running
    finally:
        running.kill()
