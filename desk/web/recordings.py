"""The endpoints for recordings: find, show, hear, take out, hold, erase. What is allowed is decided behind the door."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from desk.web.answers import Guard, body_of, text_of
from desk.web.ports import RecordingsDoor
from kernel.errors import BadInput, Refused
from kernel.ids import AgentId, ContactId, QueueId, TenantId, checked_id
from kernel.recording import Recording, RecordingId, Wanted
from kernel.visitor import Visitor

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
#: A browser asks for the whole rest; it gets this much and asks again: less is decrypted for a skipped song.
_MOST_BYTES = 1 << 20
_MOST_ROWS = 200
_TYPES = {"opus": "audio/ogg", "mp3": "audio/mpeg", "wav": "audio/wav"}


def row_of(one: Recording) -> dict[str, object]:
    """A recording as the page shows it; never the caller's number."""
    return {
        "id": one.id,
        "call": one.call,
        "council": one.council,
        "queue": one.queue,
        "agent": one.agent,
        "from": one.began,
        "seconds": one.seconds,
        "outcome": one.outcome,
        "kind": one.kind,
        "state": one.state.value,
        "purpose": one.purpose,
        "keep_until": one.keep_until,
        "hold": one.hold,
        "gaps": [gap.as_json() for gap in one.gaps],
        "figures": dict(one.figures),
    }


class RecordingPages:
    """The handlers."""

    def __init__(self, door: RecordingsDoor, guard: Guard) -> None:
        self._door, self._guard = door, guard

    def routes(self) -> list[Route]:
        """Every path with what answers it."""
        one = "/api/recordings/{id}"
        guarded = self._guard.of
        return [
            Route("/api/recordings", guarded(self.find)),
            Route(one, guarded(self.show)),
            Route(f"{one}/peaks", guarded(self.peaks)),
            Route(f"{one}/transcript", guarded(self.transcript)),
            Route(f"{one}/link", guarded(self.link), methods=["POST"]),
            Route(f"{one}/export", guarded(self.export), methods=["POST"]),
            Route(f"{one}/hold", guarded(self.hold), methods=["POST"]),
            Route(f"{one}/erase", guarded(self.erase), methods=["POST"]),
            Route("/api/timeline/{call}", guarded(self.timeline)),
            Route("/audio/{link}", guarded(self.audio)),
            Route("/download/{link}", guarded(self.download)),
        ]

    async def find(self, request: Request, who: Visitor) -> Response:
        """The list."""
        found = await self._door.find(who, wanted_of(request.query_params))
        return JSONResponse([row_of(one) for one in found])

    async def show(self, request: Request, who: Visitor) -> Response:
        """One."""
        return JSONResponse(row_of(await self._door.show(who, _id(request))))

    async def peaks(self, request: Request, who: Visitor) -> Response:
        """The waveform: it tells who spoke when, so it takes the right to listen."""
        content = await self._door.peaks(who, _id(request))
        return StreamingResponse(content, media_type="application/json")

    async def transcript(self, request: Request, who: Visitor) -> Response:
        """What was said: it takes the right to listen. Why there is none, where there is none."""
        try:
            text = await self._door.transcript(who, _id(request))
        except Refused as error:
            if error.code != "no_transcript":
                raise
            return JSONResponse({"text": None, "why": error.message})
        return JSONResponse({"text": text, "why": None})

    async def timeline(self, request: Request, who: Visitor) -> Response:
        """Everything of one contact."""
        call = checked_id(request.path_params["call"], "a contact")
        return JSONResponse(await self._door.timeline(who, call))

    async def link(self, request: Request, who: Visitor) -> Response:
        """An address that plays it for her, for ten minutes."""
        await body_of(request)
        found = await self._door.show(who, _id(request))
        link = self._guard.sessions.link(who, found.id, "play")
        return JSONResponse({"url": f"/audio/{link}"})

    async def export(self, request: Request, who: Visitor) -> Response:
        """An address that downloads it, for her, for ten minutes."""
        form = text_of(await body_of(request), "form")
        if form not in _TYPES:
            raise BadInput("bad_form", f"a recording is exported as {', '.join(_TYPES)}")
        found = await self._door.show(who, _id(request))
        if "export" not in self._door.rights(who):
            raise HTTPException(403, "your role may not take recordings out")
        return JSONResponse({"url": f"/download/{self._guard.sessions.link(who, found.id, form)}"})

    async def hold(self, request: Request, who: Visitor) -> Response:
        """A legal hold on, or off with reason null."""
        body = await body_of(request)
        reason = None if body.get("reason") is None else text_of(body, "reason")
        await self._door.hold(who, _id(request), reason)
        return JSONResponse({"held": reason is not None})

    async def erase(self, request: Request, who: Visitor) -> Response:
        """Gone for good."""
        why = text_of(await body_of(request), "why")
        await self._door.erase(who, _id(request), why)
        return JSONResponse({"erased": True})

    async def audio(self, request: Request, who: Visitor) -> Response:
        """A range of the audio, or its beginning."""
        recording, form = self._guard.sessions.opened(request.path_params["link"], who)
        if form != "play":
            raise HTTPException(404, "this link plays nothing")
        size = await self._door.size(who, RecordingId(recording))
        start, end = range_of(request.headers.get("range"), size)
        content = await self._door.audio(who, RecordingId(recording), start, end - start)
        headers = {
            "Accept-Ranges": "bytes",
            "Content-Range": f"bytes {start}-{end - 1}/{size}",
            "Content-Length": str(end - start),
        }
        return StreamingResponse(content, 206, headers, "audio/ogg")

    async def download(self, request: Request, who: Visitor) -> Response:
        """The whole, in the form that was asked for."""
        recording, form = self._guard.sessions.opened(request.path_params["link"], who)
        if form not in _TYPES:
            raise HTTPException(404, "this link downloads nothing")
        content = await self._door.export(who, RecordingId(recording), form)
        headers = {"Content-Disposition": f'attachment; filename="{recording}.{form}"'}
        return StreamingResponse(content, 200, headers, _TYPES[form])


def _id(request: Request) -> RecordingId:
    return RecordingId(request.path_params["id"])


def range_of(text: str | None, size: int) -> tuple[int, int]:
    """First byte and the one behind the last, at most 1 MiB. Raises ``HTTPException`` 416 for one that is not there."""
    match = _RANGE.fullmatch(text or "bytes=0-")
    if match is None or not (match[1] or match[2]):
        raise HTTPException(416, "one range of bytes", {"Content-Range": f"bytes */{size}"})
    if match[1]:
        start = int(match[1])
        end = min(size, int(match[2]) + 1) if match[2] else size
    else:
        start, end = max(0, size - int(match[2])), size
    if start >= size or end <= start:
        raise HTTPException(416, "no such range", {"Content-Range": f"bytes */{size}"})
    return start, min(end, start + _MOST_BYTES)


def wanted_of(query: Mapping[str, str]) -> Wanted:
    """The list's filters. Raises ``BadInput`` for what cannot be one."""

    def word(name: str) -> str | None:
        text = query.get(name, "").strip()
        return checked_id(text, f"the filter '{name}'") if text else None

    def amount(name: str) -> float | None:
        text = query.get(name, "").strip()
        if not text:
            return None
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if not math.isfinite(found):
            raise BadInput("bad_filter", f"the filter '{name}' takes a number")
        return found

    council, queue, agent, call = word("council"), word("queue"), word("agent"), word("call")
    return Wanted(
        councils=frozenset({TenantId(council)}) if council else None,
        since=amount("since"),
        until=amount("until"),
        queue=QueueId(queue) if queue else None,
        agent=AgentId(agent) if agent else None,
        call=ContactId(call) if call else None,
        outcome=word("outcome"),
        least_s=amount("longer"),
        most_s=amount("shorter"),
        most=_MOST_ROWS,
    )
