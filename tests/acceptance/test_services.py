"""What flows ask of the outside, on a real Asterisk: the open line, relay calls, prompts and voices that are lost."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from guildhall.prompts import pbx_prompts
from guildhall.settings import PBX_SOUNDS
from lab.calling import OutgoingLeg
from lab.listen import hears, rms_dbfs
from lab.town import Town
from tests.fakes.service import Service, eventually, of

pytestmark = pytest.mark.acceptance


# Carriers and handsets take a line without RTP for dead: while the menu listens, packets go on.
async def test_given_a_menu_that_listens_when_nothing_is_pressed_then_the_line_is_never_dead(
    service: Service, town: Town
) -> None:
    leg, call = await service.dial(await town.caller("01632960161"), town.menu_number("northmere"))
    await leg.wait("answered")
    await service.fact(call, "step", step="main_menu")
    await service.fact(call, "arrive", within_s=25)
    received = leg.media.heard()
    talked_s = len(received) / 16000
    await leg.hang_up()
    began, ended = leg.log.first["audio"], leg.log.first["ended"]
    assert talked_s > 0.9 * (ended - began)
    assert rms_dbfs(received) > -60


# Relay UK (docs): 18001 and the council's number is an ordinary call of somebody who types; silence is no answer.
async def test_given_a_relay_call_when_nothing_is_pressed_then_the_choices_come_again_without_end(
    service: Service, town: Town
) -> None:
    number = town.menu_number("northmere")
    leg, call = await service.dial(await town.caller("01632960162"), f"18001{number}")
    await leg.wait("answered")
    await service.fact(call, "step", step="main_menu")

    async def long_enough() -> bool:
        # Three tries of a second and the prompts: any other caller is with a person by then (test_menu).
        return len(leg.media.heard()) / 16000 > 14

    await eventually(long_enough, within_s=25)
    assert [one["step"] for one in of(await service.story(call), "step")] == ["welcome", "main_menu"]
    await leg.press("1")
    assert (await service.fact(call, "arrive"))["queue"] == "northmere.waste"
    await leg.hang_up()


# issue 5: "absence said plainly and survived (DTMF menu)": this service has no recogniser; nobody is asked to speak.
async def test_given_nobody_who_hears_when_the_number_that_listens_is_called_then_the_keys_at_once(
    service: Service, town: Town
) -> None:
    leg, call = await service.dial(await town.caller("01632960164"), "03069990008")
    await service.fact(call, "step", step="menu")
    await leg.press("1")
    assert (await service.fact(call, "arrive"))["queue"] == "northmere.waste"
    assert [one["way"] for one in of(await service.story(call), "steer")] == ["menu"]
    await leg.hang_up()


# C45: "dead prompt file / TTS down: fallback text or tone and alarm; flow goes on".
async def test_c45_given_a_dead_prompt_file_when_called_then_its_words_or_a_tone_an_alarm_and_the_flow_goes_on(
    service: Service, town: Town
) -> None:
    path = pbx_prompts(service.settings).path("northmere", "en", "menu_main") or ""
    choices = service.settings.sounds / f"{PurePosixPath(path).relative_to(PBX_SOUNDS)}.wav"
    spoken, away = service.settings.sounds / "_said", service.settings.sounds / "_away"
    kept = choices.read_bytes()
    choices.write_bytes(b"RIFF, and no sound")

    async def in_the_menu(number: str) -> tuple[OutgoingLeg, str]:
        leg, call = await service.dial(await town.caller(number), town.menu_number("northmere"))
        await leg.wait("answered")
        await service.fact(call, "step", step="main_menu")
        return leg, call

    async def alarms() -> int:
        return sum(one.get("what") == "prompt_silent" for one in of(await service.facts(), "alarm"))

    async def more_alarms(before: int) -> bool:
        return await alarms() > before

    try:
        leg, call = await in_the_menu("01632960165")
        await eventually(lambda: list(spoken.glob("en/*.wav")), within_s=10)
        await eventually(lambda: more_alarms(0), within_s=10)
        await leg.press("1")
        assert (await service.fact(call, "arrive"))["queue"] == "northmere.waste"
        await leg.hang_up()

        # And nobody to speak them: a tone, and after two of those a person.
        spoken.rename(away)
        spoken.write_bytes(b"")
        before = await alarms()
        leg, call = await in_the_menu("01632960166")
        assert (await service.fact(call, "arrive", within_s=25))["queue"] == "northmere.general"
        heard = leg.media.heard()
        assert any(hears(heard[at : at + 1600], 400, least_share=0.6) for at in range(0, len(heard) - 1600, 1600))
        await eventually(lambda: more_alarms(before), within_s=10)
        await leg.hang_up()
    finally:
        choices.write_bytes(kept)
        if away.exists():
            spoken.unlink(missing_ok=True)
            away.rename(spoken)


# C53: "Welsh callers: language skill needed; prompts in that language": the wish carries both to the distributor.
async def test_c53_given_a_caller_who_chooses_welsh_when_waiting_then_only_who_speaks_it_is_offered(
    service: Service, town: Town
) -> None:
    tom, olwen = await town.agent("northmere-a002"), await town.agent("harbourside-a102")
    await town.login(tom)
    leg, call = await service.dial(await town.caller("01632960163"), town.menu_number("northmere"))
    await leg.wait("answered")
    await service.fact(call, "step", step="main_menu")
    await leg.press("#")
    arrived = await service.fact(call, "arrive")
    assert (arrived["queue"], arrived["skills"]) == ("northmere.welsh", {"welsh": 3})
    assert [row for row in await service.channels("GH_LANG") if "GH_LANG=cy" in row]
    assert not of(await service.story(call), "offer")
    await town.login(olwen)
    assert (await service.fact(call, "offer"))["agent"] == "harbourside-a102"
    await service.fact(call, "answer")
    await leg.hang_up()
