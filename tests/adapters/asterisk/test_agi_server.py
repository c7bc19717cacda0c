"""The FastAGI port: who is let in, limits, and that one session cannot hurt another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from adapters.asterisk.agi_server import AgiServer, _is_loopback
from adapters.asterisk.agi_session import AgiGone, AgiSession
from kernel.errors import BadInput
from tests.fakes.agi_peer import TOKEN, AgiPeer, environment
from tests.fakes.ami_peer import until

pytestmark = pytest.mark.wire


class Desk:
    """Scripts that tests call, and what they saw."""

    def __init__(self) -> None:
        self.seen: list[object] = []
        self.server = AgiServer(
            "127.0.0.1",
            0,
            TOKEN,
            {"tell": self.tell, "fail": self.fail, "wait": self.wait, "deaf": self.deaf, "cancel": self.cancel},
            max_sessions=3,
            environment_wait_s=0.3,
            tidy_wait_s=0.2,
        )
        self.peers: list[AgiPeer] = []

    async def call(self, script: str, *args: str, first: bytes | None = None) -> AgiPeer:
        peer = AgiPeer(self.server.port)
        self.peers.append(peer)
        await peer.connect(environment(script, *args) if first is None else first)
        return peer

    async def tell(self, session: AgiSession) -> None:
        self.seen.append((session.args, session.env["agi_channel"]))
        self.seen.append((await session.command("ANSWER")).code)

    async def fail(self, session: AgiSession) -> None:
        raise RuntimeError(session.env["agi_callerid"])

    async def wait(self, session: AgiSession) -> None:
        self.seen.append("waiting")
        await session.wait_gone()
        self.seen.append(session.is_gone)
        await session.command("NOOP")

    async def deaf(self, _session: AgiSession) -> None:
        """Never looks at its line again."""
        try:
            await asyncio.Event().wait()
        finally:
            self.seen.append("tidied")

    async def cancel(self, session: AgiSession) -> None:
        """Give a command up, then send another: its reply must be its own."""
        waiting = asyncio.create_task(session.command("WAIT FOR DIGIT", "5000", within_s=10))
        await until(lambda: bool(self.peers[-1].commands))
        waiting.cancel()
        await asyncio.wait({waiting})
        next_one = asyncio.create_task(session.command("GET VARIABLE", "UNIQUEID"))
        await until(lambda: len(self.peers[-1].commands) == 2)
        self.peers[-1].say(b"200 result=0\n200 result=1 (1.2)\n")
        self.seen.append((await next_one).data)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    a_desk = Desk()
    await a_desk.server.start()
    yield a_desk
    for peer in a_desk.peers:
        await peer.stop()
    await a_desk.server.close()


async def test_given_a_call_with_the_token_when_it_knocks_then_its_script_gets_args_and_line(desk: Desk) -> None:
    peer = await desk.call("tell", TOKEN, "c1-1", "northmere", "03069990001")
    await until(lambda: peer.closed)
    assert desk.seen == [(("c1-1", "northmere", "03069990001"), "PJSIP/trunk-00000001"), 200]
    assert peer.commands == ["ANSWER"]


# SECURITY V13: "peer allow-list; optional shared token as agi_arg; refuse unknown scripts".
@pytest.mark.parametrize(
    ("script", "args"),
    [("tell", ("wrong",)), ("tell", ()), ("tell", ("ŵrong",)), ("tell", ("",)), ("nope", (TOKEN,)), ("", (TOKEN,))],
)
async def test_given_a_stranger_when_he_knocks_then_closed_without_a_word(
    desk: Desk, script: str, args: tuple[str, ...]
) -> None:
    with capture_logs() as logs:
        peer = await desk.call(script, *args)
        await until(lambda: peer.closed)
    assert (desk.seen, peer.commands) == ([], [])
    assert TOKEN not in repr(logs)
    assert "01632960001" not in repr(logs)


@pytest.mark.parametrize(("peer", "is_ours"), [("127.0.0.2", True), ("::1", True), ("192.0.2.7", False), ("", False)])
def test_given_a_peers_address_when_judged_then_only_loopback_is_let_in(peer: str, is_ours: bool) -> None:  # noqa: FBT001 - a table
    assert _is_loopback(peer) is is_ours


def test_given_no_token_when_built_then_refused() -> None:
    with pytest.raises(BadInput):
        AgiServer("127.0.0.1", 0, "", {})


# SECURITY V24: "limits & time-outs on every listener, bounded queues".
async def test_given_a_mute_peer_when_time_is_up_then_closed(desk: Desk) -> None:
    peer = await desk.call("", first=b"agi_network: yes\n")
    await until(lambda: peer.closed)
    assert desk.server.sessions == 0


async def test_given_a_full_house_when_one_more_knocks_then_turned_away_and_said_once(desk: Desk) -> None:
    with capture_logs() as logs:
        for _ in range(3):
            await desk.call("wait", TOKEN)
        await until(lambda: len(desk.seen) == 3)
        for _ in range(4):
            late = await desk.call("tell", TOKEN)
            await until(lambda peer=late: peer.closed)  # type: ignore[misc] # mypy cannot infer the default's type
    assert desk.seen == ["waiting"] * 3
    assert sum(log["log_level"] == "error" for log in logs) == 1
    await desk.peers[0].stop()
    await until(lambda: desk.server.sessions == 2)
    peer = await desk.call("tell", TOKEN)
    await until(lambda: peer.closed)
    assert peer.commands == ["ANSWER"]


async def test_given_a_failing_script_when_it_fails_then_only_it_ends_and_its_text_is_not_logged(desk: Desk) -> None:
    await desk.call("wait", TOKEN)
    with capture_logs() as logs:
        peer = await desk.call("fail", TOKEN)
        await until(lambda: peer.closed)
    assert desk.server.sessions == 1
    assert [log["error"] for log in logs if log["log_level"] == "error"] == ["RuntimeError"]
    assert "01632960001" not in repr(logs)


async def test_given_a_waiting_script_when_the_caller_goes_then_it_learns_at_once(desk: Desk) -> None:
    peer = await desk.call("wait", TOKEN)
    await until(lambda: desk.seen == ["waiting"])
    peer.say(b"HANGUP\n")
    await until(lambda: desk.server.sessions == 0)
    assert desk.seen == ["waiting", True]


async def test_given_a_script_deaf_to_its_line_when_the_caller_goes_then_cancelled_in_the_end(desk: Desk) -> None:
    peer = await desk.call("deaf", TOKEN)
    await until(lambda: desk.server.sessions == 1)
    await peer.stop()
    await until(lambda: desk.seen == ["tidied"])
    await until(lambda: desk.server.sessions == 0)


async def test_given_a_cancelled_command_when_the_next_is_sent_then_replies_are_not_shifted(desk: Desk) -> None:
    peer = await desk.call("cancel", TOKEN)
    peer.script = lambda _line: None
    await until(lambda: desk.seen == ["1.2"])


async def test_given_a_reply_nobody_asked_for_when_it_comes_then_the_session_ends(desk: Desk) -> None:
    peer = await desk.call("wait", TOKEN)
    await until(lambda: desk.seen == ["waiting"])
    peer.say(b"200 result=0\n")
    await until(lambda: peer.closed)


async def test_given_two_commands_at_once_when_sent_then_the_second_waits_its_turn(desk: Desk) -> None:
    order: list[str] = []

    async def both(session: AgiSession) -> None:
        async def one(name: str) -> None:
            order.append((await session.command("GET VARIABLE", name)).data or "")

        await asyncio.gather(one("GH_A"), one("GH_B"))

    desk.server._scripts["both"] = both
    peer = await desk.call("both", TOKEN)
    peer.script = lambda _line: None
    for number in (1, 2):
        await until(lambda count=number: len(peer.commands) == count)  # type: ignore[misc] # as above
        peer.say(b"200 result=1 (%d)\n" % number)
    await until(lambda: order == ["1", "2"])


async def test_given_many_calls_at_once_when_they_run_then_each_gets_its_own_replies() -> None:
    seen: dict[str, str | None] = {}

    async def script(session: AgiSession) -> None:
        try:
            for _ in range(5):
                seen[session.args[0]] = (await session.command("GET VARIABLE", "GH_X")).data
        except AgiGone:
            seen[session.args[0]] = "gone"

    server = AgiServer("127.0.0.1", 0, TOKEN, {"menu": script})
    await server.start()
    peers = [AgiPeer(server.port, lambda _line, n=n: f"200 result=1 ({n})\n".encode()) for n in range(100)]  # type: ignore[misc] # as above
    for number, peer in enumerate(peers):
        await peer.connect(environment("menu", TOKEN, str(number)))
    await until(lambda: all(peer.closed for peer in peers))
    assert seen == {str(number): str(number) for number in range(100)}
    for peer in peers:
        await peer.stop()
    await server.close()
