"""The endpoints for notes on contacts: an agent's own call, any call by right, writing. The door decides who may."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desk.web.answers import Guard, body_of
from desk.web.ports import NotesDoor
from kernel.errors import BadInput
from kernel.ids import checked_id
from kernel.visitor import Visitor


class NotePages:
    """The handlers."""

    def __init__(self, door: NotesDoor, guard: Guard) -> None:
        self._door, self._guard = door, guard

    def routes(self) -> list[Route]:
        """Every path with what answers it."""
        guarded = self._guard.of
        return [
            # The page looks again by itself: that keeps no session alive.
            Route("/api/my-call", guarded(self.mine, counts=False)),
            Route("/api/notes/{call}", guarded(self.of_call)),
            Route("/api/notes/{call}/add", guarded(self.add), methods=["POST"]),
            Route("/api/notes/{call}/take-back", guarded(self.take_back), methods=["POST"]),
        ]

    async def mine(self, request: Request, who: Visitor) -> Response:
        """The call she is rung for, in, or was in last, with its notes; call null where there is none."""
        seen = request.query_params.get("seen", "")
        return JSONResponse(await self._door.mine(who, checked_id(seen, "what was seen") if seen else None))

    async def of_call(self, request: Request, who: Visitor) -> Response:
        """What was noted on a call."""
        return JSONResponse(list(await self._door.of_call(who, _call(request))))

    async def add(self, request: Request, who: Visitor) -> Response:
        """Note something."""
        text = (await body_of(request)).get("text")
        # Whatever else is wrong with it, its own law says so (kernel/notes.py).
        if not isinstance(text, str):
            raise BadInput("bad_field", "text is what to note")
        return JSONResponse({"message": await self._door.take(who, _call(request), text)})

    async def take_back(self, request: Request, who: Visitor) -> Response:
        """Her own last one."""
        await body_of(request)
        return JSONResponse({"message": await self._door.take(who, _call(request), None)})


def _call(request: Request) -> str:
    return checked_id(request.path_params["call"], "a contact")
