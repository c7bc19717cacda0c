"""The FastAGI port: who may knock, which script answers, and that no session can hurt another."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import structlog

from adapters.asterisk.agi_session import AgiConnection, AgiGone, AgiSession
from adapters.asterisk.mishap import kind_and_place
from kernel.errors import BadInput

log = structlog.get_logger()

Script = Callable[[AgiSession], Awaitable[None]]

#: Asterisk sends its environment in one burst after connecting.
_ENVIRONMENT_WAIT_S = 10.0
#: How long a script may tidy up after its line is gone.
_TIDY_WAIT_S = 30.0
#: How long ``close`` waits for cancelled scripts.
_CLOSE_WAIT_S = 5.0


class AgiServer:
    """Listens for Asterisk. FastAGI has no authentication of its own, so: loopback, a token, known scripts only (V13).

    ``scripts``: the name in ``agi://host/NAME`` -> the coroutine function that takes the session. ``token`` is what the
    dialplan gives as first argument. ``port`` 0 takes a free one; ``port`` then tells which.
    """

    def __init__(  # noqa: PLR0913 - a listener's settings, all named by the caller
        self,
        host: str,
        port: int,
        token: str,
        scripts: Mapping[str, Script],
        *,
        max_sessions: int = 2000,
        environment_wait_s: float = _ENVIRONMENT_WAIT_S,
        tidy_wait_s: float = _TIDY_WAIT_S,
    ) -> None:
        if not token:
            raise BadInput("agi_token", "the FastAGI port needs a token; without one anybody could drive calls")
        self.port = port
        self._host = host
        self._token = token.encode()
        self._scripts = dict(scripts)
        self._max_sessions = max_sessions
        self._environment_wait_s = environment_wait_s
        self._tidy_wait_s = tidy_wait_s
        self._server: asyncio.Server | None = None
        #: Every connection with the timer that ends it when its environment does not come.
        self._connections: dict[AgiConnection, asyncio.TimerHandle] = {}
        #: The script of each connection: referenced, so that no task is collected while it runs.
        self._tasks: dict[AgiConnection, asyncio.Task[None]] = {}
        self._full = False

    @property
    def sessions(self) -> int:
        """How many scripts are running."""
        return len(self._tasks)

    async def start(self) -> None:
        """Listen. Raises ``OSError`` when the port is taken."""
        self._server = await asyncio.get_running_loop().create_server(self._connection, self._host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening, cancel every session and wait for them."""
        if self._server is not None:
            self._server.close()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_CLOSE_WAIT_S)
        for connection in list(self._connections):
            connection.abort()
        if self._server is not None:
            await self._server.wait_closed()

    def _connection(self) -> AgiConnection:
        return AgiConnection(on_connected=self._welcome, on_environment=self._begin, on_gone=self._depart)

    def _welcome(self, connection: AgiConnection) -> None:
        if not _is_loopback(connection.peer):
            log.warning("a FastAGI peer from outside was turned away")
            connection.abort()
            return
        # Scripts that tidy up after their line count too.
        if max(len(self._connections), len(self._tasks)) >= self._max_sessions:
            if not self._full:
                log.error("FastAGI sessions are full, callers go to the static fallback", sessions=self._max_sessions)
            self._full = True
            connection.abort()
            return
        self._full = False
        # No task until the environment is there: a health check that connects and closes costs nothing (fault a).
        timer = asyncio.get_running_loop().call_later(self._environment_wait_s, connection.abort)
        self._connections[connection] = timer

    def _begin(self, connection: AgiConnection) -> None:
        timer = self._connections.get(connection)
        if timer is None:
            return
        timer.cancel()
        env = connection.environment
        if not hmac.compare_digest(env.get("agi_arg_1", "").encode(), self._token):
            log.warning("a FastAGI session without the right token was closed")
            connection.abort()
            return
        script = self._scripts.get(env.get("agi_network_script", ""))
        if script is None:
            log.warning("a FastAGI session for an unknown script was closed")
            connection.abort()
            return
        task = asyncio.get_running_loop().create_task(self._run(script, connection))
        self._tasks[connection] = task
        task.add_done_callback(partial(self._finish, connection))

    def _finish(self, connection: AgiConnection, _task: asyncio.Task[None]) -> None:
        del self._tasks[connection]
        connection.close()

    def _depart(self, connection: AgiConnection) -> None:
        timer = self._connections.pop(connection, None)
        if timer is not None:
            timer.cancel()
        task = self._tasks.get(connection)
        if task is not None:
            asyncio.get_running_loop().call_later(self._tidy_wait_s, task.cancel)

    async def _run(self, script: Script, connection: AgiConnection) -> None:
        try:
            await script(AgiSession(connection))
        except AgiGone:
            # The ordinary end of many calls.
            return
        except Exception as error:  # noqa: BLE001 - one session's mishap must end no other's (fault g)
            # `error`, not `exception`: a traceback ends in the exception's text.
            log.error("a FastAGI script failed", **kind_and_place(error))  # noqa: TRY400 - see above


def _is_loopback(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False
