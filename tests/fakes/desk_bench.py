"""The desk's pages on a port of their own, with two councils' recordings and a person of every role."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import uvicorn

from adapters.files.desk_people import DeskPeople
from adapters.store.fact_store import FactStore
from desk.web.app import desk_app
from guildhall.desk_calls import DoorToCalls
from guildhall.desk_notes import DoorToNotes
from guildhall.desk_steering import DoorToSteering
from guildhall.desk_wiring import DoorToRecordings
from guildhall.recordings_wiring import recordings_of
from guildhall.settings import HOME, Settings
from kernel.commands import Asked, Outcome, PauseRecording, ResumeRecording, ShowNotes, ShowRecorders, TakeNote
from kernel.facts import CallBegan
from kernel.ids import AgentId, ContactId, TenantId
from kernel.notes import Note
from kernel.recording import AuditEntry, Recording, Wanted
from kernel.visitor import Visitor
from recordings.core.policy import Role
from tests.fakes.desk_line import Answer, DeskLine
from tests.fakes.recordings_bench import KEY, RecordingsBench

NORTHMERE, HARBOURSIDE = "northmere", "harbourside"
#: The call under way of each council.
LIVE = {NORTHMERE: "c1764000000-71", HARBOURSIDE: "c1764000000-72"}


class EngineDoor:
    """The engine's door: one joined call a council, answered as ``Pausing`` does; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.away = False
        #: The agent's own call, as `ShowNotes` tells it; None: she is in none.
        self.own: dict[str, object] | None = None
        self.rows: dict[str, dict[str, object]] = {
            call: {"call": call, "council": council, "queue": f"{council}.waste", "agent": f"{council}-a001"}
            | {"may_pause": True, "paused_by": None, "paused_until": None}
            for call, council in ((LIVE[NORTHMERE], NORTHMERE), (LIVE[HARBOURSIDE], HARBOURSIDE))
        }

    def ask(self, command: Asked) -> Outcome:
        """Answer."""
        if self.away:
            return Outcome(ok=False, code="engine_down", message="the engine is not running")
        if isinstance(command, ShowRecorders):
            return Outcome(ok=True, code="recorders", message="", data=list(self.rows.values()))
        if isinstance(command, ShowNotes):
            no_call = Outcome(ok=False, code="no_call", message="the agent is in no call")
            return no_call if self.own is None else Outcome(ok=True, code="notes", message="", data=self.own)
        self.asked.append(command)
        if isinstance(command, TakeNote):
            return Outcome(ok=True, code="done", message=f"noted on {command.contact}")
        return self._recorder(command)

    def _recorder(self, command: Asked) -> Outcome:
        assert isinstance(command, PauseRecording | ResumeRecording)
        row = self.rows[command.contact]
        if isinstance(command, PauseRecording):
            row |= {"paused_by": command.by, "paused_until": time.time() + 120}
            return Outcome(ok=True, code="paused", message="paused; it goes on by itself in 120 s")
        if row["paused_by"] is None:
            return Outcome(ok=False, code="not_paused", message="the recording of this call is not paused")
        row |= {"paused_by": None, "paused_until": None}
        return Outcome(ok=True, code="resumed", message="the recording goes on")


class DeskBench:
    """Start with ``open``, ask with ``ask``, end with ``close``."""

    def __init__(self, folder: Path, dialplans: Path = HOME / "dialplans") -> None:
        """``dialplans``: the councils' files; a copy where something is taught."""
        self.recordings, self._dialplans = RecordingsBench(folder), dialplans
        self.now = 1000.0
        self.people = DeskPeople(folder / "secrets" / "desk-people.json")
        self.passwords: dict[str, str] = {}
        self.engine = EngineDoor()

    async def open(self) -> DeskBench:
        """Two recordings sealed (Northmere's first), one of each role for Northmere, and the pages served."""
        await self.recordings.open()
        for number, council in ((1, NORTHMERE), (2, HARBOURSIDE)):
            self.recordings.record(number)
            await self.recordings.tell(number, council=council)
        await self.recordings.service.settle()
        folder = self.recordings.folder
        key = folder / "secrets" / "recordings-key"
        key.parent.mkdir(exist_ok=True, mode=0o700)
        key.write_text(KEY)
        key.chmod(0o600)
        settings = Settings(
            var=folder, recordings=self.recordings.audio, database_url=self.recordings.url, dialplans=self._dialplans
        )
        found = recordings_of(settings, self.recordings.engine, self.recordings.clock, self.recordings)
        for role in Role:
            agent = AgentId("northmere-a001") if role is Role.AGENT else None
            self.let_in(role.value, role.value, NORTHMERE, agent=agent)
        self.notes = found.notes
        app = desk_app(
            DoorToRecordings(found),
            DoorToCalls(self.engine.ask),
            DoorToSteering(settings, found),
            DoorToNotes(self.engine.ask, found),
            self.people,
            now=lambda: self.now,
        )
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, lifespan="off")
        self.app, self._server = app, uvicorn.Server(config)
        self._running = asyncio.create_task(self._server.serve())
        deadline = time.monotonic() + 10
        while not self._server.started:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        return self

    async def close(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        await self._running
        await self.recordings.close()

    def let_in(self, user: str, role: str, *councils: str, agent: AgentId | None = None) -> None:
        """Add a person."""
        visitor = Visitor(user=user, role=role, councils=frozenset(map(TenantId, councils)), agent=agent)
        self.passwords[user] = self.people.add(visitor)

    async def log_in(self, user: str) -> str:
        """Her cookie."""
        return await DeskLine(self.port).log_in(user, self.passwords[user])

    async def ask(self, method: str, path: str, cookie: str = "", body: object = None, **headers: str) -> Answer:
        """Send one request."""
        return await DeskLine(self.port).ask(method, path, cookie, body, **headers)

    async def of(self, council: str) -> Recording:
        """A council's recording."""
        [found] = await self.recordings.catalogue.find(Wanted(councils=frozenset({TenantId(council)})))
        return found

    async def note(self, council: str, text: str, *, by: str = "northmere-a003") -> str:
        """Keep a note on the council's call under way and on its recorded one; the id of the one under way."""
        recorded, tenant = (await self.of(council)).call, TenantId(council)
        began = CallBegan(t=1000.0, call=ContactId(LIVE[council]), council=tenant, number="03069990001")
        store = FactStore(self.recordings.engine, spill=self.recordings.folder / "spill.jsonl")
        store.put(began)
        await store.flush()
        for call in (began.call, recorded):
            note = Note(call=call, council=tenant, subject=None, t=1000.0, keep_until=9e9, by=by, text=text)
            await self.notes.add(note, AuditEntry(t=1000.0, who=by, role="agent", action="note_added", council=tenant))
        return began.call

    async def audit(self) -> list[tuple[str, str]]:
        """(who, action) of every line."""
        return [(line["who"], line["action"]) for line in await self.recordings.audit.lines()]
