"""The faults a to g of panoramisk's FastAGI side (docs/decisions/0004), each with the test that it is not ours."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from adapters.asterisk.agi_server import AgiServer
from adapters.asterisk.agi_session import AgiGone, AgiSession
from kernel.errors import BadInput
from tests.fakes.agi_peer import TOKEN, AgiPeer, environment
from tests.fakes.ami_peer import until

pytestmark = pytest.mark.wire

Body = Callable[[AgiSession], Awaitable[None]]


class Stage:
    """A server whose one script is a test's, and the peers that call it."""

    def __init__(self) -> None:
        self.body: Body | None = None
        self.over = 0
        self.server = AgiServer("127.0.0.1", 0, TOKEN, {"menu": self._script})
        self.peers: list[AgiPeer] = []

    async def call(self, script: Callable[[str], bytes | None], body: Body | None = None) -> AgiPeer:
        self.body = body or self.body
        peer = AgiPeer(self.server.port, script)
        self.peers.append(peer)
        await peer.connect(environment("menu", TOKEN, "c1-1", "northmere", "03069990001"))
        return peer

    async def _script(self, session: AgiSession) -> None:
        assert self.body is not None
        try:
            await self.body(session)
        finally:
            self.over += 1


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    a_stage = Stage()
    await a_stage.server.start()
    yield a_stage
    for peer in a_stage.peers:
        await peer.stop()
    await a_stage.server.close()


# The fault: peer that connects and closes before the blank line (any TCP health check) spins reader.read() at EOF:
# event loop frozen.
async def test_given_fault_a_a_health_check_when_it_closes_at_once_then_it_costs_nothing(stage: Stage) -> None:
    for first in (b"", b"agi_network: yes\n"):
        for _ in range(20):
            _reader, writer = await asyncio.open_connection("127.0.0.1", stage.server.port)
            writer.write(first)
            writer.close()
            await writer.wait_closed()
    await until(lambda: not stage.server._connections)
    assert stage.server.sessions == 0


# The fault: after hang-up the extra HANGUP line is taken as the reply: all later replies are shifted by one.
async def test_given_fault_b_the_hangup_line_when_it_comes_then_it_is_no_reply(stage: Stage) -> None:
    outcome: list[object] = []

    async def body(session: AgiSession) -> None:
        outcome.append((await session.command("GET VARIABLE", "CHANNEL(name)")).data)
        for _ in range(2):
            try:
                await session.command("GET VARIABLE", "UNIQUEID")
            except AgiGone:
                outcome.append("gone")

    def script(line: str) -> bytes:
        return b"200 result=1 (PJSIP/x-1)\n" if "CHANNEL" in line else b"HANGUP\n200 result=1 (1.2)\n"

    await stage.call(script, body)
    await until(lambda: stage.over == 1)
    assert outcome == ["PJSIP/x-1", "gone", "gone"]


# The fault: 520 usage reply: only one extra line is read -> next command gets the wrong reply.
async def test_given_fault_c_a_usage_text_when_it_has_many_lines_then_the_next_reply_fits(stage: Stage) -> None:
    codes: list[tuple[int, str | None]] = []

    async def body(session: AgiSession) -> None:
        for command in (("STREAM FILE",), ("GET VARIABLE", "UNIQUEID")):
            reply = await session.command(*command)
            codes.append((reply.code, reply.data))

    def script(line: str) -> bytes:
        if line.startswith("STREAM"):
            return b"520-Invalid command syntax.  Proper usage follows:\nOne\nTwo\nThree\n520 End of proper usage.\n"
        return b"200 result=1 (1.2)\n"

    await stage.call(script, body)
    await until(lambda: stage.over == 1)
    assert codes == [(520, None), (200, "1.2")]


# The fault: newline in an argument = second AGI command, replies shifted (injection through caller name/variables).
async def test_given_fault_d_a_line_feed_when_sent_then_refused_and_nothing_leaves(stage: Stage) -> None:
    refused: list[str] = []

    async def body(session: AgiSession) -> None:
        try:
            await session.command("SET VARIABLE", "GH_X", "x\nEXEC System id")
        except BadInput as error:
            refused.append(error.code)
        await session.command("NOOP")

    peer = await stage.call(lambda _line: b"200 result=0\n", body)
    await until(lambda: stage.over == 1)
    assert refused == ["agi_value"]
    assert peer.commands == ["NOOP"]


# The fault: Asterisk gone mid-command -> ValueError "invalid literal for int()"; 511 -> "AGIUnknownError".
async def test_given_fault_e_asterisk_gone_mid_command_then_the_line_is_gone(stage: Stage) -> None:
    outcome: list[str] = []

    async def body(session: AgiSession) -> None:
        outcome.append(str((await session.command("NOOP")).code))
        try:
            await session.command("WAIT FOR DIGIT", "9000")
        except AgiGone as error:
            outcome.append(error.code)

    peer = await stage.call(
        lambda line: b"511 Command Not Permitted on a dead channel\n" if line == "NOOP" else b"200 res", body
    )
    await until(lambda: len(peer.commands) == 2)
    await peer.stop()
    await until(lambda: stage.over == 1)
    assert outcome == ["511", "line_gone"]


# The fault: a channel variable whose value is literally 'hangup' -> reported as AGIResultHangup; a reply of
# '200 result= (timeout)' loses the timeout; every result=-1 loses its fields.
async def test_given_fault_f_odd_results_when_read_then_nothing_is_lost(stage: Stage) -> None:
    answers = iter([b"200 result=1 (hangup)\n", b"200 result= (timeout)\n", b"200 result=-1 endpos=4160\n"])
    got: list[tuple[str, str | None, int | None]] = []

    async def body(session: AgiSession) -> None:
        for _ in range(3):
            reply = await session.command("NOOP")
            got.append((reply.result, reply.data, reply.endpos))

    await stage.call(lambda _line: next(answers), body)
    await until(lambda: stage.over == 1)
    assert got == [("1", "hangup", None), ("", "timeout", None), ("-1", None, 4160)]


# The fault: BaseException (also CancelledError) swallowed; no read timeout, no header limit.
async def test_given_fault_g_a_silent_peer_when_time_is_up_then_the_line_is_gone(stage: Stage) -> None:
    outcome: list[str] = []

    async def body(session: AgiSession) -> None:
        try:
            await session.command("NOOP", within_s=0.05)
        except AgiGone as error:
            outcome.append(error.code)

    peer = await stage.call(lambda _line: None, body)
    await until(lambda: stage.over == 1)
    assert outcome == ["line_gone"]
    await until(lambda: peer.closed)


async def test_given_fault_g_a_session_when_the_server_closes_then_its_cancellation_is_obeyed(stage: Stage) -> None:
    outcome: list[str] = []

    async def body(session: AgiSession) -> None:
        try:
            await session.command("WAIT FOR DIGIT", "60000", within_s=60)
        except asyncio.CancelledError:
            outcome.append("cancelled")
            raise

    peer = await stage.call(lambda _line: None, body)
    await until(lambda: bool(peer.commands))
    await stage.server.close()
    assert outcome == ["cancelled"]
    assert stage.server.sessions == 0


async def test_given_fault_g_an_endless_environment_when_it_comes_then_turned_away(stage: Stage) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.server.port)
    writer.write(b"".join(b"agi_%d: x\n" % number for number in range(200)))
    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
    writer.close()
    assert stage.server.sessions == 0
