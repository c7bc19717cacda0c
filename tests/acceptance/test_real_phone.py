"""A real softphone that is not ours, baresip, at an agent's desk: registers, answers a resident, dials star codes."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lab.baresip import BaresipPhone
from lab.baresip_config import BaresipSettings
from lab.listen import hears, read_wav
from lab.town import Town
from lab.voice import tone, write_telephone_wav
from tests.fakes.service import NIA, Service, eventually, words

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(shutil.which("baresip") is None, reason="baresip-core is not installed"),
]

CALLER_HZ, AGENT_HZ = 440, 1000


@pytest.fixture
async def softphone(service: Service, town: Town, tmp_path: Path) -> AsyncIterator[BaresipPhone]:
    """Nia's softphone, registered with the password that `guildhall town` points to."""
    wav = tmp_path / "voice.wav"
    write_telephone_wav(wav, tone(AGENT_HZ, 30))
    agent = town.agents[NIA]
    settings = BaresipSettings(
        user=agent.user,
        password=agent.password_file.read_text().strip(),
        server=agent.server,
        wav=wav,
        record_dir=tmp_path / "heard",
        auto_answer=False,
    )
    async with BaresipPhone(settings) as phone:
        await eventually(lambda: _reachable(service))
        yield phone


async def _reachable(service: Service) -> bool:
    return bool((await service.agent(NIA))["reachable"])


# Issue 2: "places a real call with a real SIP phone, and another real phone rings"; the recording holds both voices.
async def test_given_a_softphone_made_ready_by_command_when_a_resident_calls_then_both_are_heard_and_kept(
    service: Service, town: Town, softphone: BaresipPhone
) -> None:
    await service.ask("agent", "login", NIA)
    await service.ask("agent", "ready", NIA)
    caller = await town.caller("01632960141", voice=CALLER_HZ)
    leg, call = await service.dial(caller, town.direct_number("northmere.waste"))
    # It rings, and she picks it up. (Set to answer by itself, baresip never says that a call came in.)
    await softphone.wait("CALL_INCOMING")
    softphone.pick_up()
    await softphone.wait("CALL_ESTABLISHED")
    await service.fact(call, "answer")
    await eventually(lambda: hears(bytes(leg.media.heard())[-8000:], AGENT_HZ))
    # A second of talk, so that the recordings have something to measure.
    start = len(leg.media.heard())
    await eventually(lambda: len(leg.media.heard()) - start > 16000)
    await leg.hang_up()
    await softphone.wait("CALL_CLOSED")

    await service.fact(call, "recording", within_s=10)
    story = words(await service.story(call), "step")
    assert story == ["call", "arrive", "offer", "answer", "leave", "end", "recording"]
    kept = {
        side: read_wav(service.recordings / f"{call}-1{side}.wav").channels[0] for side in ("", "-caller", "-agent")
    }
    assert hears(kept["-caller"], CALLER_HZ)
    assert not hears(kept["-caller"], AGENT_HZ)
    assert hears(kept["-agent"], AGENT_HZ)
    assert not hears(kept["-agent"], CALLER_HZ)
    assert hears(kept[""], CALLER_HZ, least_share=0.1)
    assert hears(kept[""], AGENT_HZ, least_share=0.1)
    # What she heard herself: the resident.
    [heard], _said = softphone.recordings()
    sound = read_wav(heard)
    assert hears(sound.channels[0], CALLER_HZ, rate=sound.rate)


# Issue 2, 3: star codes, dialled by a softphone from the address phones have; a prompt is heard and the line ends.
async def test_given_a_softphone_when_star_codes_are_dialled_then_each_is_carried_out(
    service: Service, softphone: BaresipPhone
) -> None:
    steps = [
        ("*45", "not_ready", "login"),
        ("*47", "ready", None),
        ("*482", "not_ready", "lunch"),
        ("*46", "logged_out", None),
    ]
    for number, (code, presence, aux) in enumerate(steps, 1):
        softphone.dial(code)
        await softphone.wait("CALL_ESTABLISHED", times=number)
        await softphone.wait("CALL_CLOSED", times=number)
        row = await service.agent(NIA)
        assert (row["presence"], row["aux"] if presence == "not_ready" else None) == (presence, aux)
    # The engine did not take her own calls for residents'.
    assert not [fact for fact in await service.facts() if fact["ev"] == "offer_end"]


# Anything but a star code goes nowhere from an agent's phone: no way out to the trunk, no council's number.
@pytest.mark.parametrize("number", ["03069990001", "999", "44", "a002"])
async def test_given_a_softphone_when_it_dials_anything_else_then_refused(
    service: Service, softphone: BaresipPhone, number: str
) -> None:
    before = len([fact for fact in await service.facts() if fact["ev"] == "call"])
    softphone.dial(number)
    await softphone.wait("CALL_CLOSED")
    assert [event.kind for event in softphone.events if event.kind == "CALL_ESTABLISHED"] == []
    assert len([fact for fact in await service.facts() if fact["ev"] == "call"]) == before
