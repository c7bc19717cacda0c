"""A hang-up at every command: the script learns it at once, in whatever it was, and nothing of it stays behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from adapters.asterisk.agi_channel import AgiLine
from adapters.asterisk.agi_server import AgiServer
from adapters.asterisk.agi_session import AgiSession
from kernel.errors import LineGone
from kernel.number import Dialled
from tests.fakes.agi_peer import TOKEN, AgiPeer, environment
from tests.fakes.ami_peer import until

pytestmark = pytest.mark.wire

Verb = Callable[[AgiLine], Awaitable[object]]
VERBS: dict[str, Verb] = {
    "answer": lambda line: line.answer(),
    "play": lambda line: line.play(["/snd/a"], interruptible=True),
    "listen": lambda line: line.listen(5.0),
    "record": lambda line: line.record("c1-1-7", 30.0, 5.0),
    "reach": lambda line: line.reach(Dialled("01632960098"), 30.0, "03069990001"),
    "variables": lambda line: line.set_variables({"GH_NEXT": "hold"}),
    "event": lambda line: line.user_event("GuildhallOutcome", {"Contact": "c1-1", "Why": "informed"}),
}


# C44: "hang-up at every command: script ends <= 1 s, no orphan task".
@pytest.mark.parametrize("verb", VERBS)
async def test_c44_given_a_hang_up_when_a_command_is_under_way_then_the_script_ends_and_no_task_is_left(
    verb: str,
) -> None:
    ended: list[str] = []

    async def script(session: AgiSession) -> None:
        try:
            await VERBS[verb](AgiLine(session, quiet=("/snd/quiet", 60.0)))
        except LineGone:
            ended.append("gone")
            raise

    server = AgiServer("127.0.0.1", 0, TOKEN, {"menu": script})
    await server.start()
    peer = AgiPeer(server.port, lambda _line: b"HANGUP\n")
    await peer.connect(environment("menu", TOKEN, "c1-1", "northmere", "03069990001"))
    async with asyncio.timeout(5):
        await until(lambda: ended == ["gone"])
        await until(lambda: server.sessions == 0)
    await peer.stop()
    await server.close()
