"""One request to the desk's pages, over HTTP."""

from __future__ import annotations

import asyncio
import http.client
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the desk answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the desk says
        """The body as JSON."""
        return json.loads(self.body)


class DeskLine:
    """Asks at a port of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def log_in(self, user: str, password: str) -> str:
        """Her cookie."""
        told = await self.ask("POST", "/api/login", body={"user": user, "password": password})
        assert told.status == 200, told
        return told.headers["set-cookie"].partition(";")[0]

    async def ask(self, method: str, path: str, cookie: str = "", body: object = None, **headers: str) -> Answer:
        """Send one request."""
        return await asyncio.to_thread(self._ask, method, path, cookie, body, headers)

    def _ask(self, method: str, path: str, cookie: str, body: object, headers: dict[str, str]) -> Answer:
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        sent = {"Cookie": cookie, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        try:
            line.request(method, path, None if body is None else json.dumps(body), sent)
            came = line.getresponse()
            answer = Answer(status=came.status, headers={k.lower(): v for k, v in came.getheaders()}, body=came.read())
        finally:
            line.close()
        return answer
