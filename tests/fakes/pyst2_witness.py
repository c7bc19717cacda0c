"""A witness that is not of our making: pyst2's Manager listens to the same Asterisk and keeps what it hears."""

from __future__ import annotations

import socket
import threading
import warnings
from types import TracebackType
from typing import Any, Self

from guildhall.free_ports import load_ports
from guildhall.pbx import AMI_USER
from guildhall.settings import Settings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from asterisk.manager import Manager

#: One AMI event: header -> value. Of a repeated header pyst2 keeps the last only.
Heard = dict[str, str]


class _Flag(threading.Event):
    """pyst2 is of 2019 and asks ``isSet``, deprecated since: where warnings are errors its threads would die of it."""

    def isSet(self) -> bool:  # noqa: N802 - pyst2's word
        return self.is_set()


class _Manager(Manager):  # type: ignore[misc]  # pyst2 publishes no types
    """pyst2's manager, which may be forgotten without a further word to Asterisk."""

    def __init__(self) -> None:
        super().__init__()
        self._connected, self._running = _Flag(), _Flag()

    def leave(self) -> None:
        """Hang up without a word: pyst2's ``close`` says goodbye, and waits for ever when Asterisk is quicker."""
        if self._sock is not None:
            # Its threads end one another when they see the end of the stream.
            self._sock._sock.shutdown(socket.SHUT_RDWR)
            for thread in (self.message_thread, self.event_dispatch_thread):
                thread.join(timeout=5)
        self._running.clear()

    def __del__(self) -> None:
        """pyst2 logs off here, at whatever moment the collector comes by."""


class Pyst2Witness:
    """Logs in as the engine's user (``allowmultiplelogin=yes``) and only listens. Use it as ``with``.

    Keep to ten calls a second: pyst2 reads byte by byte, 550 events a second at most (LIBRARIES §2).
    """

    def __init__(self, settings: Settings) -> None:
        ports = load_ports(settings.run / "ports.json")
        assert ports is not None
        self._port = ports.ami
        self._secret = (settings.secrets / "ami").read_text(encoding="ascii").strip()
        self._lock = threading.Lock()
        self._heard: list[Heard] = []
        self._manager: Any = None

    def __enter__(self) -> Self:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            self._manager = _Manager()
            self._manager.register_event("*", self._hear)
            self._manager.connect("127.0.0.1", self._port)
            self._manager.login(AMI_USER, self._secret)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._manager.leave()

    def heard(self) -> list[Heard]:
        """Everything so far, in order."""
        with self._lock:
            return list(self._heard)

    def _hear(self, event: Any, _manager: Any) -> None:  # noqa: ANN401 - pyst2 publishes no types
        with self._lock:
            self._heard.append(dict(event.headers))
