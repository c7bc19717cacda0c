"""The endpoints for calls under way: list them, pause their recording, let it go on. The door decides who may."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desk.web.answers import Guard, body_of, text_of
from desk.web.ports import CallsDoor
from kernel.errors import BadInput
from kernel.ids import checked_id
from kernel.visitor import Visitor

#: The engine's door takes no longer word.
_MOST_WHY = 64


class CallPages:
    """The handlers."""

    def __init__(self, door: CallsDoor, guard: Guard) -> None:
        self._door, self._guard = door, guard

    def routes(self) -> list[Route]:
        """Every path with what answers it."""
        one, guarded = "/api/calls/{call}", self._guard.of
        return [
            Route("/api/calls", guarded(self.under_way, counts=False)),
            Route(f"{one}/pause", guarded(self.pause), methods=["POST"]),
            Route(f"{one}/resume", guarded(self.resume), methods=["POST"]),
        ]

    async def under_way(self, _request: Request, who: Visitor) -> Response:
        """Those she may pause."""
        return JSONResponse(list(await self._door.under_way(who)))

    async def pause(self, request: Request, who: Visitor) -> Response:
        """Silence one; it goes on by itself."""
        why = text_of(await body_of(request), "why", _MOST_WHY)
        if any(one.isdigit() for one in why):
            # P21: a card number typed here would stand in facts and on MQTT for as long as they are kept.
            raise BadInput("bad_reason", "a reason holds no digits: what is it for, in words")
        return JSONResponse({"message": await self._door.pause(who, _call(request), why)})

    async def resume(self, request: Request, who: Visitor) -> Response:
        """Let it go on."""
        await body_of(request)
        return JSONResponse({"message": await self._door.resume(who, _call(request))})


def _call(request: Request) -> str:
    return checked_id(request.path_params["call"], "a contact")
