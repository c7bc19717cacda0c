"""What a caller writes about herself reaches nobody: not the dialplan, not AMI or AGI, not the facts, not our logs."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Sequence

import pytest

from lab.calling import OutgoingLeg
from lab.hostile import HOSTILE_NAMES, HOSTILE_NUMBERS, Hostile
from lab.phone import Phone
from lab.town import Town
from tests.fakes.service import NIA, WASTE, Service, eventually, of, words

pytestmark = pytest.mark.acceptance

#: Shorter texts, "," or "+", stand in any log.
_TELLING = 3
#: What the hostile texts would set if one of them were obeyed.
_TRACES = ("x", "X-Injected")


async def _all_wait(service: Service, legs: Sequence[OutgoingLeg]) -> list[str]:
    """Wait until every call is answered and waits in the queue like any other; return the calls."""
    await asyncio.gather(*(leg.wait("answered") for leg in legs))

    async def waiting() -> list[str]:
        rows = (await service.state())["waiting"]
        return [row["contact"] for row in rows] if len(rows) == len(legs) else []

    return await eventually(waiting, 10)


async def _shown(service: Service, texts: Sequence[str]) -> list[str]:
    """The lines of our logs and facts that hold one of the texts, as it is or escaped as JSON does."""
    facts = json.dumps(await service.facts(), ensure_ascii=False)
    folders = (service.place / "var" / "log", service.place / "var" / "pbx" / "log")
    # Asterisk's own warnings are kept for a day at most (tests/guildhall/test_short_logs.py).
    found = [path for folder in folders for path in folder.iterdir() if path.is_file()]
    files = [path for path in found if path.name != "warnings.log"]
    logs = "".join(path.read_text(errors="replace") for path in files)
    written = facts + logs
    wanted = [text for text in texts if len(text) >= _TELLING]
    seen = [text for text in wanted if text in written or json.dumps(text)[1:-1] in written]
    return [line[:300] for line in written.splitlines() if any(text in line for text in seen)] or seen


async def _queued_like_any_other(service: Service, town: Town, phones: Sequence[Phone], texts: Sequence[str]) -> None:
    asterisk, engine = service.pid("asterisk"), service.pid("engine")
    number = town.direct_number(WASTE)
    legs = [await phone.call(number) for phone in phones]
    calls = await _all_wait(service, legs)

    channels = await service.channels(*_TRACES, "GH_QUEUE")
    # One channel a caller and no other, each as the dialplan made it.
    assert len(channels) == len(legs)
    for channel in channels:
        assert re.fullmatch(rf"PJSIP/trunk-[0-9a-f]{{8}} GH_QUEUE={re.escape(WASTE)}\r?", channel), channel
    await asyncio.gather(*(leg.hang_up() for leg in legs))
    await eventually(service.is_empty, 5)
    for call in calls:
        await service.fact(call, "end")
        assert words(await service.story(call)) == ["call", "arrive", "end"]
    assert await _shown(service, texts) == []
    assert (service.pid("asterisk"), service.pid("engine")) == (asterisk, engine)
    assert (await service.state())["engine"] == "up"


# P18, SECURITY V03-V06, V10, V25: hostile display names.
async def test_given_hostile_names_when_they_call_then_queued_like_any_other_and_shown_nowhere(
    service: Service, town: Town
) -> None:
    names = [one.text for one in HOSTILE_NAMES if one.arrives]
    phones = [await town.caller(f"016329602{n:02}", display=name, media=False) for n, name in enumerate(names)]
    numbers = [phone.user for phone in phones]
    await _queued_like_any_other(service, town, phones, [*names, *numbers])


# The same in the caller's number.
async def test_given_hostile_numbers_when_they_call_then_queued_like_any_other_and_shown_nowhere(
    service: Service, town: Town
) -> None:
    numbers = [one.text for one in HOSTILE_NUMBERS if one.arrives]
    phones = [await town.caller(number, media=False) for number in numbers]
    await _queued_like_any_other(service, town, phones, numbers)


# A name that no SIP stack takes: that caller is not answered, and nobody else's call suffers.
@pytest.mark.parametrize("hostile", [one for one in HOSTILE_NAMES if not one.arrives], ids=lambda one: one.aim)
async def test_given_a_name_that_breaks_sip_when_it_comes_then_another_call_is_served_all_the_same(
    service: Service, town: Town, hostile: Hostile
) -> None:
    await town.agent(NIA)
    await service.ready(NIA)
    broken = await (await town.caller("01632960290", display=hostile.text, media=False)).call(town.direct_number(WASTE))
    leg, call = await service.dial(await town.caller("01632960291"), town.direct_number(WASTE))
    await service.fact(call, "answer")
    assert "answered" not in broken.log.first
    assert await _shown(service, [hostile.text, "01632960290"]) == []
    assert len(of(await service.story(call), "offer")) == 1
    await leg.hang_up()


# V27: "no number, digit or name in … logs". Whoever is refused showed one too: an unknown address, a wrong password.
async def test_given_strangers_who_are_refused_when_they_knock_then_their_number_and_name_are_in_no_log(
    service: Service, town: Town
) -> None:
    port = (await service.town())["trunk"]["port"]
    for method, number, name in (("INVITE", "01632960281", "Mallory Stranger"), ("REGISTER", "01632960282", "Mal2")):
        answers = await asyncio.to_thread(_knock, port, method, number, name)
        assert answers >= 1
        assert await _shown(service, [number, name]) == []
    # What we took out is only theirs: whom we know is served.
    await _queued_like_any_other(service, town, [await town.caller("01632960283", media=False)], ["01632960283"])


def _knock(port: int, method: str, number: str, name: str) -> int:
    """Send requests with a made-up password from an address that nobody knows; how many were answered."""
    answers = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as knocker:
        knocker.bind(("127.0.0.9", 0))
        knocker.settimeout(5.0)
        here = f"127.0.0.9:{knocker.getsockname()[1]}"
        for nth in range(8):
            told = f'username="{number}", realm="asterisk", nonce="{nth}", uri="sip:03069990001@127.0.0.1"'
            lines = (
                f"{method} sip:03069990001@127.0.0.1:{port} SIP/2.0",
                f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{number}{nth}",
                f'From: "{name}" <sip:{number}@127.0.0.9>;tag={nth}',
                "To: <sip:03069990001@127.0.0.1>",
                f"Call-ID: {number}-{nth}@127.0.0.9",
                f"CSeq: {nth + 1} {method}",
                f"Contact: <sip:{number}@{here}>",
                f'Authorization: Digest {told}, response="{0:032x}"',
                "Max-Forwards: 70",
                "Content-Length: 0",
            )
            knocker.sendto("".join(f"{line}\r\n" for line in (*lines, "")).encode(), ("127.0.0.1", port))
            answers += knocker.recv(4096).startswith(b"SIP/2.0 4")
    return answers
