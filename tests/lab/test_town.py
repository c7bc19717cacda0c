"""The town made from its description: registering, star codes, trunk callers; baresip and sipp beside it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import BadInput, Refused
from lab.baresip import BaresipPhone
from lab.baresip_config import BaresipSettings, write_config
from lab.behaviour import Answer
from lab.listen import hears, read_wav
from lab.load import Load, LoadResult, read_statistics, run_sipp, write_scenario
from lab.phone import Phone
from lab.town import Town
from lab.voice import tone, write_telephone_wav
from tests.fakes.sip_switchboard import FakeSwitchboard

pytestmark = pytest.mark.wire

_PASSWORD = "a-password-of-tests"


def described(port: int) -> dict[str, Any]:
    """The shape of contracts/town.md."""
    return {
        "numbers": [
            {"number": "03069990001", "council": "northmere", "queue": None, "flow": "main", "direct": False},
            {"number": "03069990009", "council": "northmere", "queue": "northmere.waste", "direct": True},
        ],
        "queues": [{"id": "northmere.waste", "council": "northmere"}],
        "agents": [
            {
                "agent": "northmere-a001",
                "council": "northmere",
                "queues": ["northmere.waste"],
                "skills": {"waste": 3},
                "sip": {
                    "host": "127.0.0.1",
                    "port": port,
                    "transport": "udp",
                    "user": "a001",
                    "password_file": "secrets/a001",
                },
            }
        ],
        "trunk": {"host": "127.0.0.1", "port": port, "transport": "udp", "from": ["127.0.0.2"]},
        "star_codes": {"login": "*45", "logout": "*46", "ready": "*47", "not_ready": "*48"},
    }


@asynccontextmanager
async def switchboard(algorithm: str = "MD5") -> AsyncIterator[FakeSwitchboard]:
    """A fake one that knows agent a001."""
    board = FakeSwitchboard({"a001": _PASSWORD}, algorithm=algorithm)
    await board.start()
    try:
        yield board
    finally:
        await board.close()


def password_file(root: Path, password: str = _PASSWORD) -> Path:
    """Put agent a001's password where the description says."""
    (root / "secrets").mkdir()
    (root / "secrets" / "a001").write_text(password + "\n")
    return root


# Issue 2, 3: agents register by digest with a generated password, log in and go ready by star codes.
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
async def test_given_a_town_when_an_agent_logs_in_then_registered_and_both_codes_dialled(
    tmp_path: Path, algorithm: str
) -> None:
    async with switchboard(algorithm) as board:
        async with Town.from_description(described(board.address[1]), root=password_file(tmp_path)) as town:
            agent = await town.agent("northmere-a001")
            assert f"a001@127.0.0.1:{agent.address[1]}" in board.registered["a001"]
            await town.login(agent)
            await town.dial_code(agent, "not_ready", more="2")
            assert board.dialled == ["*45", "*47", "*482"]
        assert board.registered == {}


async def test_given_a_wrong_password_when_registering_then_refused(tmp_path: Path) -> None:
    async with switchboard() as board:
        root = password_file(tmp_path, "wrong")
        async with Town.from_description(described(board.address[1]), root=root) as town:
            with pytest.raises(Refused, match="401"):
                await town.agent("northmere-a001")


async def test_given_a_vanished_phone_when_put_away_then_still_registered(tmp_path: Path) -> None:
    async with switchboard() as board:
        async with Town.from_description(described(board.address[1]), root=password_file(tmp_path)) as town:
            agent = await town.agent("northmere-a001")
            await agent.vanish()
        assert list(board.registered) == ["a001"]


# contracts/town.md: an unregistered caller may send an INVITE from any address in trunk.from.
async def test_given_a_caller_when_dialling_then_from_the_trunks_address(tmp_path: Path) -> None:
    async with switchboard() as board, Town.from_description(described(board.address[1]), root=tmp_path) as town:
        caller = await town.caller("01632960001", display="Siân")
        leg = await caller.call(town.direct_number("northmere.waste"))
        await leg.wait("ended")
        assert board.dialled == ["03069990009"]
        assert (await board.next_call()).shown_caller.startswith('"Siân" <sip:01632960001@')
        assert caller.address[0] == "127.0.0.2"
        assert town.menu_number("northmere") == "03069990001"
        with pytest.raises(LookupError):
            town.direct_number("northmere.tax")


def test_given_an_incomplete_description_when_read_then_the_missing_key_is_named() -> None:
    with pytest.raises(BadInput, match="trunk"):
        Town.from_description({"numbers": []})


@pytest.mark.skipif(shutil.which("baresip") is None, reason="baresip-core is not installed")
async def test_given_baresip_when_it_calls_a_phone_of_ours_then_each_hears_the_other(tmp_path: Path) -> None:
    async with switchboard() as board:
        board.behaviour, board.voice = Answer(), 440
        wav = tmp_path / "voice.wav"
        write_telephone_wav(wav, tone(1000, 5))
        settings = BaresipSettings(
            user="a001", password=_PASSWORD, server=board.address, wav=wav, record_dir=tmp_path / "heard"
        )
        async with BaresipPhone(settings) as phone:
            phone.dial("03069990001")
            leg = await board.next_call()
            await phone.wait("CALL_ESTABLISHED")
            await leg.wait("audio")
            start = len(leg.media.frames)
            await leg.press("1", gap_s=0.5)
            assert hears(leg.media.heard(), 1000, least_share=0.8)
            assert len(leg.media.frames) > start
            phone.hang_up()
            await leg.wait("ended")
            await phone.wait("CALL_CLOSED")
            assert list(phone.calls().values()) == ["CALL_CLOSED"]
            [heard], _said = phone.recordings()
        sound = read_wav(heard)
        assert hears(sound.channels[0], 440, rate=sound.rate, least_share=0.8)


def test_given_baresips_files_when_written_then_the_password_is_the_owners_only(tmp_path: Path) -> None:
    settings = BaresipSettings(
        user="a001", password=_PASSWORD, server=("127.0.0.1", 5060), wav=tmp_path / "v.wav", record_dir=tmp_path
    )
    write_config(settings, tmp_path, 4444)
    assert (tmp_path / "accounts").stat().st_mode & 0o777 == 0o600
    assert "ctrl_tcp_listen 127.0.0.1:4444" in (tmp_path / "config").read_text()


@pytest.mark.skipif(shutil.which("sipp") is None, reason="sip-tester is not installed")
async def test_given_a_load_when_run_then_every_call_is_counted_and_its_key_heard() -> None:
    agent = Phone(user="a001", server=("127.0.0.1", 9))
    agent.behaviour = Answer(hang_up_after_s=1.5)
    await agent.start()
    load = Load(number="03069990001", server=agent.address, rate=10, count=5, keys="1", keys_after_s=0.1, stay_s=5)
    assert await run_sipp(load) == LoadResult(started=5, ok=5, failed=0)
    assert [leg.media.keys_heard for leg in agent.calls] == ["1"] * 5
    # The packet Asterisk's Answer() waits for.
    assert all(leg.media.frames for leg in agent.calls)
    agent.behaviour = Answer()
    too_long = Load(number="03069990001", server=agent.address, rate=10, count=2, stay_s=0.5)
    assert await run_sipp(too_long) == LoadResult(started=2, ok=0, failed=2)
    await agent.close()


def test_given_a_hostile_key_when_the_scenario_is_written_then_refused(tmp_path: Path) -> None:
    load = Load(number="1", server=("127.0.0.1", 9), rate=1, count=1, keys='1"/><exec command="id')
    with pytest.raises(BadInput):
        write_scenario(load, tmp_path)


def test_given_no_statistics_when_read_then_refused() -> None:
    with pytest.raises(BadInput):
        read_statistics("StartTime;LastResetTime\n")
