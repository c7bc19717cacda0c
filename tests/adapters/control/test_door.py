"""The engine's local door: a real server and the command line's client over a real unix socket."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.control.client import ask
from adapters.control.server import ControlServer
from adapters.control.wire import REQUEST_LIMIT, decode_command, decode_outcome, encode_command, encode_outcome
from kernel.agent import Presence
from kernel.commands import Asked, Outcome, SetPresence, ShowState
from kernel.errors import BadInput, Refused
from kernel.ids import AgentId

pytestmark = pytest.mark.wire

READY = SetPresence(agent=AgentId("n-a001"), presence=Presence.READY, by="operator")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


class Engine:
    """Answers commands; remembers them."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answer = Outcome(ok=True, code="done", message="done")
        self.trouble: Exception | None = None

    async def ask(self, command: Asked) -> Outcome:
        self.asked.append(command)
        if self.trouble is not None:
            raise self.trouble
        return self.answer


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "control.sock"


@pytest.fixture
async def server(path: Path, engine: Engine) -> AsyncIterator[ControlServer]:
    opened = ControlServer(path, engine.ask)
    await opened.start()
    yield opened
    await opened.stop()


async def say(path: Path, data: bytes) -> list[dict[str, object]]:
    """Send raw bytes, close our side, return the replies."""
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(data)
    writer.write_eof()
    replies = [json.loads(line) async for line in reader]
    writer.close()
    await writer.wait_closed()
    return replies


async def test_given_a_command_when_asked_then_the_engine_gets_it_and_its_outcome_comes_back(
    server: ControlServer, engine: Engine, path: Path
) -> None:
    assert server is not None
    engine.answer = Outcome(ok=False, code="unknown_agent", message="no such agent: Siân", data={"near": ["n-a001"]})
    assert await asyncio.to_thread(ask, path, READY) == engine.answer
    assert await asyncio.to_thread(ask, path, ShowState()) == engine.answer
    assert engine.asked == [READY, ShowState()]


# SECURITY: the socket 0600 in a folder 0700.
@pytest.mark.usefixtures("server")
async def test_given_an_open_door_when_looked_at_then_its_owner_alone_may_use_it(path: Path) -> None:
    assert [mode(path), mode(path.parent)] == [0o600, 0o700]


def test_given_no_engine_when_asked_then_it_says_how_to_start_it(path: Path) -> None:
    down = ask(path, READY)
    assert (down.ok, down.code) == (False, "engine_down")
    assert "make up" in down.message


async def test_given_an_engine_that_was_killed_when_asked_or_started_then_down_or_up(
    path: Path, engine: Engine
) -> None:
    folder = path.parent
    folder.mkdir()
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))
    assert (await asyncio.to_thread(ask, path, READY)).code == "engine_down"
    server = ControlServer(path, engine.ask)
    await server.start()
    assert (await asyncio.to_thread(ask, path, READY)).ok
    with pytest.raises(Refused):
        await ControlServer(path, engine.ask).start()
    assert (await asyncio.to_thread(ask, path, READY)).ok
    await server.stop()
    assert not list(folder.iterdir())


async def test_given_a_folder_that_is_shared_when_started_then_refused_and_left_alone(
    tmp_path: Path, engine: Engine
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(Refused):
        await ControlServer(shared / "control.sock", engine.ask).start()
    assert mode(shared) == 0o1777


# unix(7): an address has 107 bytes; a checkout may lie deeper.
async def test_given_a_very_deep_folder_when_opened_then_it_works_all_the_same(tmp_path: Path, engine: Engine) -> None:
    path = tmp_path / ("deep" * 20) / ("deeper" * 20) / "control.sock"
    server = ControlServer(path, engine.ask)
    await server.start()
    assert (await asyncio.to_thread(ask, path, READY)).ok
    await server.stop()
    assert (await asyncio.to_thread(ask, path, READY)).code == "engine_down"


@pytest.mark.usefixtures("server")
async def test_given_an_engine_that_fails_when_asked_then_an_outcome_and_the_door_stays_open(
    engine: Engine, path: Path
) -> None:
    engine.trouble = RuntimeError("secret inside")
    failed = await asyncio.to_thread(ask, path, READY)
    assert (failed.ok, failed.code) == (False, "failed")
    assert "secret" not in failed.message
    engine.trouble = Refused("in_call", "she is talking")
    assert await asyncio.to_thread(ask, path, READY) == Outcome(ok=False, code="in_call", message="she is talking")
    engine.trouble = None
    assert (await asyncio.to_thread(ask, path, READY)).ok


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"\xff\xfe", "bad_json"),
        (b"[1]", "bad_json"),
        (b"[" * 10_000, "bad_json"),
        (b"{}", "unknown_command"),
        (b'{"command":["x"]}', "unknown_command"),
        (b'{"command":"show_state","all":true}', "unknown_field"),
        (b'{"command":"set_presence","agent":"n-a001"}', "missing_field"),
        (b'{"command":"set_presence","agent":"n-a001","presence":"asleep"}', "bad_field"),
        (b'{"command":"set_presence","agent":"a b","presence":"ready"}', "bad_id"),
        (b'{"command":"set_presence","agent":7,"presence":"ready"}', "bad_field"),
        (b'{"command":"set_presence","agent":"n-a001","presence":"ready","aux_code":"a\\nb"}', "bad_field"),
        (b'{"command":"' + b"x" * REQUEST_LIMIT + b'"}', "too_long"),
    ],
)
@pytest.mark.usefixtures("server")
async def test_given_a_bad_request_when_said_then_refused_with_a_code(
    engine: Engine, path: Path, line: bytes, code: str
) -> None:
    assert [reply["code"] for reply in await say(path, line + b"\n")] == [code]
    assert engine.asked == []


# One request, one reply, in order; a bad one does not spoil the next.
@pytest.mark.usefixtures("server")
async def test_given_several_requests_on_one_line_when_said_then_each_has_its_reply(engine: Engine, path: Path) -> None:
    replies = await say(path, encode_command(ShowState()) + b"nonsense\n" + encode_command(READY))
    assert [reply["code"] for reply in replies] == ["done", "bad_json", "done"]
    assert engine.asked == [ShowState(), READY]


async def test_given_an_engine_that_is_slow_when_time_is_up_or_it_stops_then_the_client_says_so(path: Path) -> None:
    asked = asyncio.Semaphore(0)

    async def never(_command: Asked) -> Outcome:
        asked.release()
        await asyncio.Event().wait()
        raise AssertionError

    server = ControlServer(path, never)
    await server.start()
    outcome = await asyncio.to_thread(ask, path, READY, 0.2)
    assert (outcome.ok, outcome.code) == (False, "timeout")
    await asked.acquire()
    asking = asyncio.create_task(asyncio.to_thread(ask, path, READY, 20.0))
    await asked.acquire()
    await server.stop()
    assert (await asking).code == "cut_off"


@settings(deadline=None, max_examples=50)
@given(
    agent=st.from_regex(r"[a-z]{1,8}-a[0-9]{3}", fullmatch=True),
    presence=st.sampled_from(Presence),
    aux=st.none() | st.sampled_from(["break", "rona", "cinio â Siân"]),
)
def test_given_any_command_when_written_and_read_then_the_same(agent: str, presence: Presence, aux: str | None) -> None:
    command = SetPresence(agent=AgentId(agent), presence=presence, aux_code=aux)
    assert decode_command(encode_command(command)) == command


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200))
def test_given_any_bytes_when_read_then_a_refusal_is_the_only_error(line: bytes) -> None:
    for read in (decode_command, decode_outcome):
        with pytest.raises(BadInput):
            read(line)


def test_given_an_outcome_when_written_and_read_then_the_same() -> None:
    outcome = Outcome(ok=True, code="state", message="", data={"agents": [{"agent": "n-a001", "skills": {"waste": 3}}]})
    assert decode_outcome(encode_outcome(outcome)) == outcome
