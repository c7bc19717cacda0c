"""Listening with the faint sound of an open line: nobody takes it for dead, and a lost sound is no deafness."""

from __future__ import annotations

import pytest

from adapters.asterisk.agi_channel import AgiLine
from adapters.asterisk.agi_server import AgiServer
from adapters.asterisk.agi_session import AgiSession
from tests.fakes.agi_peer import TOKEN, AgiPeer, environment
from tests.fakes.ami_peer import until

pytestmark = pytest.mark.wire

QUIET = ("/srv/guildhall/sounds/_line/quiet", 60.0)


async def _listened(seconds: float, *answers: bytes) -> tuple[str | None, list[str]]:
    heard: list[str | None] = []

    async def script(session: AgiSession) -> None:
        heard.append(await AgiLine(session, quiet=QUIET).listen(seconds))

    server = AgiServer("127.0.0.1", 0, TOKEN, {"menu": script})
    await server.start()
    left = iter(answers)
    peer = AgiPeer(server.port, lambda _line: next(left, b"HANGUP\n"))
    await peer.connect(environment("menu", TOKEN, "c1-1", "northmere", "03069990001"))
    await until(lambda: bool(heard))
    await peer.stop()
    await server.close()
    return heard[0], peer.verbs()


# res_agi.c: STREAM FILE takes a sample to begin at: the last 5 s of the minute are 440,000 samples in.
async def test_given_a_menu_that_listens_when_a_key_comes_then_the_line_was_never_silent() -> None:
    key, verbs = await _listened(5.0, b"200 result=49 endpos=441000\n")
    assert key == "1"
    assert verbs == [f'STREAM FILE "{QUIET[0]}" "0123456789*#" "440000"']


async def test_given_no_key_when_the_sound_ends_then_it_was_a_silence() -> None:
    assert (await _listened(2.5, b"200 result=0 endpos=480000\n"))[0] is None


async def test_given_a_sound_that_is_lost_when_listening_then_keys_are_still_heard() -> None:
    key, verbs = await _listened(5.0, b"200 result=-1 endpos=0\n", b"200 result=6\n", b"200 result=50\n")
    assert key == "2"
    assert [verb.partition(' "')[0] for verb in verbs] == ["STREAM FILE", "CHANNEL STATUS", "WAIT FOR DIGIT"]
