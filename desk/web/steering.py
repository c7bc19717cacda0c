"""The endpoints for steering: the week's review, phrases to teach, needs of callers. The door decides who may."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desk.web.answers import Guard, body_of, text_of
from desk.web.ports import NewNeed, SteeringDoor
from kernel.errors import BadInput
from kernel.ids import checked_id
from kernel.visitor import Visitor

#: Weeks back that the page looks; facts are kept for longer, drift is told by four weeks.
_MOST_WEEKS = 12
_MOST_DAYS = 730


class SteeringPages:
    """The handlers."""

    def __init__(self, door: SteeringDoor, guard: Guard) -> None:
        self._door, self._guard = door, guard

    def routes(self) -> list[Route]:
        """Every path with what answers it."""
        guarded = self._guard.of
        return [
            Route("/api/steering", guarded(self.review)),
            Route("/api/steering/teaching", guarded(self.teaching, counts=False)),
            Route("/api/steering/accept", guarded(self.accept), methods=["POST"]),
            Route("/api/steering/undo", guarded(self.undo), methods=["POST"]),
            Route("/api/needs", guarded(self.needs)),
            # A number stands in no address: addresses are written into logs on their way.
            Route("/api/needs/add", guarded(self.add_need), methods=["POST"]),
            Route("/api/needs/remove", guarded(self.remove_need), methods=["POST"]),
        ]

    async def review(self, request: Request, who: Visitor) -> Response:
        """One week of her councils, counted."""
        asked = request.query_params.get("weeks_ago", "0")
        weeks = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= 2 else _MOST_WEEKS  # noqa: PLR2004 - two digits
        if weeks >= _MOST_WEEKS:
            raise BadInput("bad_week", f"weeks_ago takes 0 to {_MOST_WEEKS - 1}")
        return JSONResponse(list(await self._door.review(who, weeks)))

    async def teaching(self, _request: Request, who: Visitor) -> Response:
        """What became of the last phrase, and what can be taken back."""
        return JSONResponse(await self._door.teaching(who))

    async def accept(self, request: Request, who: Visitor) -> Response:
        """Teach a phrase: it begins now and takes a minute."""
        body = await body_of(request)
        council = checked_id(text_of(body, "council"), "a council")
        intent = checked_id(text_of(body, "intent"), "an intent")
        await self._door.accept(who, council, intent, text_of(body, "text"))
        return JSONResponse({"begun": True}, 202)

    async def undo(self, request: Request, who: Visitor) -> Response:
        """Take one back: the same."""
        await self._door.undo(who, checked_id(text_of(await body_of(request), "id", 12), "an acceptance"))
        return JSONResponse({"begun": True}, 202)

    async def needs(self, _request: Request, who: Visitor) -> Response:
        """Those that hold now."""
        return JSONResponse(list(await self._door.needs(who)))

    async def add_need(self, request: Request, who: Visitor) -> Response:
        """Register one for a number."""
        body = await body_of(request)
        days = body.get("days")
        if not isinstance(days, int) or not 1 <= days <= _MOST_DAYS:
            raise BadInput("bad_days", f"a need holds from 1 to {_MOST_DAYS} days")
        wanted = NewNeed(
            number=text_of(body, "number", 32),
            need=text_of(body, "need", 32),
            council=checked_id(text_of(body, "council"), "a council"),
            purpose=text_of(body, "purpose"),
            days=days,
        )
        return JSONResponse({"message": await self._door.add_need(who, wanted)})

    async def remove_need(self, request: Request, who: Visitor) -> Response:
        """Take one out."""
        body = await body_of(request)
        council = checked_id(text_of(body, "council"), "a council")
        told = await self._door.remove_need(who, text_of(body, "caller", 64), council, text_of(body, "need", 32))
        return JSONResponse({"message": told})
