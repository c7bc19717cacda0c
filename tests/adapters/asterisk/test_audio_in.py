"""The AudioSocket port against real connections: one call each, by an id that works once; strangers get nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import RFC_4122, UUID, uuid4

import pytest

from adapters.asterisk.audio_in import AudioLimits, AudioPort, CallSound
from adapters.asterisk.audio_wire import GOODBYE, SILENCE, audio_frame, named_frame
from kernel.hearing import KeyDown, NoSound, SoundOver, Spoken
from lab.service import eventually
from tests.fakes.virtual_time import run_virtual

pytestmark = pytest.mark.wire

FRAME = len(SILENCE)
Peer = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def listening(limits: AudioLimits) -> AsyncIterator[AudioPort]:
    """A port that listens, with limits of its own."""
    running = AudioPort(limits=limits)
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def port() -> AsyncIterator[AudioPort]:
    """A port that listens."""
    async with listening(AudioLimits()) as running:
        yield running


async def _connect(port: AudioPort, first: bytes = b"") -> Peer:
    reader, writer = await asyncio.open_connection("127.0.0.1", port.port)
    writer.write(first)
    return reader, writer


async def _call(port: AudioPort) -> tuple[CallSound, Peer]:
    id_, coming = port.expect()
    peer = await _connect(port, named_frame(id_))
    async with asyncio.timeout(5):
        return await coming, peer


async def _ended(peer: Peer) -> bytes:
    """All it was sent until it was put out."""
    try:
        async with asyncio.timeout(5):
            return await peer[0].read()
    except ConnectionResetError:
        return b""
    finally:
        peer[1].close()


# SPEECH: "send a 320-byte silence frame every 20 ms always"; a prompt goes out by frames, hush stops it at once.
async def test_given_a_call_when_nothing_is_said_then_silence_goes_out_and_a_prompt_when_there_is_one(
    port: AudioPort,
) -> None:
    sound, (reader, writer) = await _call(port)
    async with asyncio.timeout(5):
        assert await reader.readexactly(3 * FRAME) == SILENCE * 3
        began = asyncio.get_running_loop().time()
        sound.say(b"\1\0" * 160 * 50)
        while (frame := await reader.readexactly(FRAME)) == SILENCE:
            pass
        assert frame == audio_frame(b"\1\0" * 160)
        await reader.readexactly(9 * FRAME)
        # The clock is ours: ten frames are never sent in one burst. More may always pass on a busy machine.
        assert asyncio.get_running_loop().time() - began > 0.1
        saying = [sound.saying]
        sound.hush()
        saying.append(sound.saying)
        while await reader.readexactly(FRAME) != SILENCE:
            pass
    assert saying == [True, False]
    writer.close()


# Carriers, handsets and people take digital silence for a dead line; the menus play the same faint noise.
async def test_given_the_sound_of_an_open_line_when_nothing_is_said_then_it_goes_out() -> None:
    port = AudioPort(open_line=b"\1\0" * 160 + b"\2\0" * 160 + b"\3\0")
    await port.start()
    try:
        _, (reader, writer) = await _call(port)
        async with asyncio.timeout(5):
            frames = {await reader.readexactly(FRAME) for _ in range(4)}
        writer.close()
    finally:
        await port.stop()
    assert frames == {audio_frame(b"\1\0" * 160), audio_frame(b"\2\0" * 160)}


async def test_given_a_call_when_it_speaks_and_presses_then_both_come_in_order(port: AudioPort) -> None:
    sound, (_, writer) = await _call(port)
    writer.write(audio_frame(b"\2\0" * 160) + bytes((0x03, 0, 1)) + b"5" + GOODBYE)
    async with asyncio.timeout(5):
        assert [await sound.next() for _ in range(3)] == [Spoken(pcm=b"\2\0" * 160), KeyDown(key="5"), SoundOver()]
    writer.close()


async def test_given_a_torn_connection_when_listened_to_then_it_is_over(port: AudioPort) -> None:
    sound, (_, writer) = await _call(port)
    writer.transport.abort()
    async with asyncio.timeout(5):
        assert await sound.next() == SoundOver()


# SECURITY V14: "UUID random 122 bit, one use, 10 s life, bound to a live call".
async def test_v14_given_an_id_that_was_used_when_it_comes_again_then_it_is_put_out(port: AudioPort) -> None:
    id_, coming = port.expect()
    first = await _connect(port, named_frame(id_))
    async with asyncio.timeout(5):
        await coming
    port.expect()
    again = await _connect(port, named_frame(id_))
    assert await _ended(again) == b""
    first[1].close()


async def test_v14_given_an_id_nobody_gave_when_it_comes_then_it_is_put_out_and_gets_no_sound(port: AudioPort) -> None:
    port.expect()
    assert await _ended(await _connect(port, named_frame(uuid4()))) == b""


async def test_v14_given_nobody_expected_when_somebody_connects_then_he_is_put_out() -> None:
    # At once, not when his time to say a name is up.
    async with listening(AudioLimits(name_wait_s=60)) as port:
        assert await _ended(await _connect(port)) == b""
        assert port.connections == 0


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\n\r\n", audio_frame(bytes(320)), bytes((0x01, 0xFF, 0xFF))])
async def test_v14_given_a_stranger_when_he_does_not_speak_the_protocol_then_he_is_put_out(
    port: AudioPort, first: bytes
) -> None:
    port.expect()
    assert await _ended(await _connect(port, first)) == b""


async def test_v14_given_one_who_says_nothing_when_time_is_up_then_he_is_put_out() -> None:
    async with listening(AudioLimits(name_wait_s=0.05)) as port:
        port.expect()
        assert await _ended(await _connect(port)) == b""


def test_v14_given_an_id_nobody_brings_when_its_life_is_over_then_the_call_hears_of_it() -> None:
    async def story() -> None:
        _, coming = AudioPort().expect()
        with pytest.raises(NoSound):
            await coming

    run_virtual(story())


# A peer that sends faster than a telephone speaks would fill our memory; keys as well as sound.
@pytest.mark.parametrize("frame", [audio_frame(bytes(320)), audio_frame(b""), bytes((0x03, 0, 1)) + b"5"])
async def test_v14_given_a_flood_when_it_comes_then_it_is_ended_and_little_of_it_is_kept(
    port: AudioPort, frame: bytes
) -> None:
    sound, peer = await _call(port)
    peer[1].write(frame * 2000)
    await _ended(peer)
    kept = 0
    async with asyncio.timeout(5):
        while await sound.next() != SoundOver():
            kept += 1
    assert kept < 1000


# "UUID random 122 bit": RFC 4122's version 4, of which no two are alike.
async def test_v14_given_many_ids_when_made_then_all_are_random_ones_and_none_is_like_another(port: AudioPort) -> None:
    made = [port.expect() for _ in range(1000)]
    assert {(id_.version, id_.variant) for id_, _ in made} == {(4, RFC_4122)}
    assert len({id_ for id_, _ in made}) == 1000
    # Nor do they count up: the first 32 bits of a thousand of them are spread.
    assert len({id_.int >> 96 for id_, _ in made}) > 990
    for _, coming in made:
        coming.cancel()


# "10 s life": no sooner and no later, and then it lets nobody in.
def test_v14_given_an_id_when_ten_seconds_are_over_then_it_lets_nobody_in() -> None:
    async def story() -> None:
        port = AudioPort()
        early, coming = port.expect()
        late, waiting = port.expect()
        await asyncio.sleep(9.9)
        assert not coming.done()
        assert port.claim(early, CallSound(port))
        await asyncio.sleep(0.2)
        assert not port.claim(late, CallSound(port))
        with pytest.raises(NoSound):
            await waiting

    run_virtual(story())


# "bound to a live call": who hung up before her sound came leaves no id behind that opens anything.
async def test_v14_given_a_call_that_is_over_when_its_id_comes_then_it_is_put_out(port: AudioPort) -> None:
    id_, coming = port.expect()
    _, other = port.expect()
    coming.cancel()
    await asyncio.sleep(0)
    assert await _ended(await _connect(port, named_frame(id_))) == b""
    assert not other.done()


# "bind local": nothing but this machine reaches it.
async def test_v14_given_the_port_when_it_listens_then_on_loopback_alone(port: AudioPort) -> None:
    assert port._server is not None
    assert [one.getsockname()[0] for one in port._server.sockets] == ["127.0.0.1"]
    sound = CallSound(port)
    port.expect()
    assert port.admit(sound, "127.0.0.1")
    for peer in ("192.0.2.7", "::", "", "127.0.0.1.example"):
        assert not port.admit(sound, peer)


# "rate": strangers who say nothing take so many places and no more, and give them back.
async def test_v14_given_more_strangers_than_there_is_room_when_they_connect_then_the_rest_is_put_out() -> None:
    async with listening(AudioLimits(most_connections=2, name_wait_s=60)) as port:
        port.expect()
        held = [await _connect(port) for _ in range(2)]
        await eventually(lambda: port.connections == 2)
        assert await _ended(await _connect(port)) == b""
        for _, writer in held:
            writer.close()
        await eventually(lambda: port.connections == 0)


async def test_given_two_calls_when_their_ids_cross_then_each_gets_its_own(port: AudioPort) -> None:
    ids: list[UUID] = []
    comings = []
    for _ in range(2):
        id_, coming = port.expect()
        ids.append(id_)
        comings.append(coming)
    peers = [await _connect(port, named_frame(id_)) for id_ in reversed(ids)]
    peers[0][1].write(bytes((0x03, 0, 1)) + b"2")
    peers[1][1].write(bytes((0x03, 0, 1)) + b"1")
    async with asyncio.timeout(5):
        heard = [await (await coming).next() for coming in comings]
    assert heard == [KeyDown(key="1"), KeyDown(key="2")]
    for peer in peers:
        peer[1].close()
