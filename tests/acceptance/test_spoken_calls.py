"""Callers who speak, through a real Asterisk: every branch of the conversation, every way hearing fails."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from kernel.agent import Presence
from lab.town import Town
from tests.fakes.own_service import own_service
from tests.fakes.service import HOME, NIA, WASTE, Service, eventually, of
from tests.fakes.spoken_branches import BRANCHES, NEEDS, PERSON, WELSH, came_to
from tests.fakes.spoken_calls import all_ring, number_of
from tests.fakes.spoken_faults import (
    gets_the_keys_without_engines,
    gets_the_keys_without_sound,
    gone_at_once,
    gone_in_her_sentence,
    gone_while_it_is_read,
    heard_among_strangers,
    heard_by_the_second_engine,
    put_out,
    waits_when_the_engine_is_killed,
    waits_while_the_engine_is_frozen,
)
from tests.fakes.spoken_kept import code_of, kept_of, suggestions, written_by
from tests.fakes.spoken_service import (
    FRAIL,
    break_prompt,
    dumb,
    listens,
    recognisers,
    said_instead,
    sound_port,
    sounds_open,
    spoken_service,
    text_of,
)
from tests.fakes.talker import STEERED, Talker, voice

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A service that listens; its invariants must have held."""
    with own_service(spoken_service) as running:
        yield running


@pytest.fixture
async def town(service: Service) -> AsyncIterator[Town]:
    """The phones, once somebody listens."""
    await eventually(lambda: listens(service) and len(recognisers(service)) == 2, within_s=300)
    async with Town.from_description(await service.town(), root=HOME) as phones:
        yield phones
    await eventually(service.is_empty, within_s=20)


# issue 5, "Conversation": every branch of it, by spoken sound files, judged by facts and by what was heard.
async def test_given_callers_when_they_speak_press_or_are_silent_then_each_branch_ends_where_it_should(
    service: Service, town: Town
) -> None:
    why = ("--council", "northmere", "--purpose", "asked for on a form", "--days", "30")
    numbers = {number_of(160 + BRANCHES.index(case)): need for case, need in NEEDS.items()}
    await asyncio.gather(*(service.ask("needs", "add", who, "--need", need, *why) for who, need in numbers.items()))
    talkers = await all_ring(service, town, BRANCHES, 160)
    for she in talkers:
        # P15: never dead air, at any point.
        assert she.dead_line() <= 3.0, she.told(await she.story())
    log = (service.settings.logs / "engine.jsonl").read_text("utf-8").lower()
    # Transcripts are personal data: no word of it is in a log.
    assert not any(word in log for word in ("emptied", "parcel", "weather", "nowhere"))


# --- what fails -----------------------------------------------------------------------------------------------------


# C44: "hang-up at every command: no orphan task": in the question, in her sentence, while it is read.
async def test_c44_given_callers_who_hang_up_in_a_turn_when_they_are_gone_then_nothing_of_it_is_left(
    service: Service, town: Town
) -> None:
    for she in await all_ring(service, town, (gone_at_once, gone_in_her_sentence, gone_while_it_is_read), 200):
        await service.fact(she.call, "end", within_s=10)
    await eventually(lambda: sounds_open(service) == 0)
    await eventually(service.is_empty)


# V14: "unauthenticated AudioSocket … UUID random 122 bit, one use, 10 s life, bound to a live call; bind local; frame
# length checks; rate": strangers at the port in the middle of a turn get nothing, and the turn goes on.
async def test_v14_given_a_turn_when_strangers_come_to_its_port_then_they_are_put_out_and_she_is_heard(
    service: Service, town: Town
) -> None:
    await all_ring(service, town, (heard_among_strangers,), 210)
    # Nobody is expected now: who comes is put out at once, with a true id of a moment ago or without.
    assert await put_out(sound_port(service), b"") == b""


# C51: "999/112 rules: an emergency reaches a person ahead of everybody, ≤ 1 offer"; gas → "hang up and dial 999" first.
async def test_c51_given_who_smells_gas_when_somebody_waits_already_then_she_is_told_of_999_and_is_the_first_offer(
    service: Service, town: Town
) -> None:
    nia = await town.agent(NIA)
    waiting, earlier = await service.dial(await town.caller("01632960220"), town.direct_number(WASTE))
    await service.fact(earlier, "arrive")

    async def smells_gas(she: Talker) -> None:
        await she.says("gas")
        await she.arrives("northmere.emergency", 10)
        assert await she.ways() == ["danger"]
        # The whole sentence of 999.
        assert she.heard_to_the_end("steer_danger")
        await town.login(nia)
        assert (await service.fact(she.call, "answer", within_s=15))["agent"] == NIA
        assert not of(await service.story(earlier), "offer")

    await all_ring(service, town, (smells_gas,), 221)
    await waiting.hang_up()
    await service.presence(NIA, Presence.LOGGED_OUT)


# issue 5: "Engine slow, dead or wrong mid-call: switch within the turn or go on to the menu, never silence."
async def test_given_the_first_engine_frozen_in_a_turn_when_she_has_spoken_then_the_second_reads(
    service: Service, town: Town
) -> None:
    await all_ring(service, town, (heard_by_the_second_engine,), 230)


async def test_given_both_engines_killed_in_a_turn_when_she_has_spoken_then_the_menu_takes_over(
    service: Service, town: Town
) -> None:
    await all_ring(service, town, (gets_the_keys_without_engines,), 231)


# "A torn AudioSocket": the connection is cut under the turn; the call lives and goes on by keys.
async def test_given_a_torn_audiosocket_in_a_turn_when_it_is_seen_then_the_menu_takes_over(
    service: Service, town: Town
) -> None:
    await all_ring(service, town, (gets_the_keys_without_sound,), 232)


# "60 simultaneous steering calls held with nobody in silence, overflow to the menu": all of them speak at once.
async def test_given_sixty_callers_when_all_speak_at_once_then_each_is_heard_or_gets_the_keys_and_none_is_in_silence(
    service: Service, town: Town
) -> None:
    before = {fact["call"] for fact in await service.facts() if fact["ev"] == "call"}
    callers = [await town.caller(f"01632960{number:03}") for number in range(300, 360)]
    legs = [
        leg
        for at in range(0, 60, 10)
        for leg in await asyncio.gather(*(one.call(STEERED) for one in callers[at : at + 10]))
    ]

    async def calls(ev: str, **fields: str) -> set[str]:
        facts = [one for one in await service.facts() if one["ev"] == ev and fields.items() <= one.items()]
        return {str(one["call"]) for one in facts} - before

    async def all_are(ev: str, **fields: str) -> bool:
        return len(await calls(ev, **fields)) == len(legs)

    await eventually(lambda: all_are("step", step="ask"), within_s=40)
    for leg in legs:
        leg.speak(voice("missed_bin"))
    await eventually(lambda: all_are("arrive"), within_s=60)
    heard, keys = await calls("arrive", queue=WASTE), await calls("arrive", queue=PERSON)
    assert all(leg.alive for leg in legs)
    assert len(heard) + len(keys) == len(legs)
    # How many is a matter of speed (`python -m bench steer`); nobody is lost, and no line is dead (P15).
    assert heard
    assert keys
    assert max(Talker(service, leg, "").dead_line() for leg in legs) <= 3.0
    for leg in legs:
        await leg.hang_up()


# P15: "a caller already inside AGI() when the engine freezes: ≤ 10 s": a turn of speech held her for half a minute.
async def test_p15_given_guildhall_frozen_in_a_turn_when_the_pbx_sees_it_then_she_waits_for_a_person(
    service: Service, town: Town
) -> None:
    await all_ring(service, town, (waits_while_the_engine_is_frozen,), 233)


# "The whole engine killed mid-turn": Asterisk itself brings her to a person; the new engine finds her waiting there.
async def test_given_guildhall_killed_in_a_turn_when_it_is_seen_then_she_waits_for_a_person(
    service: Service, town: Town
) -> None:
    await all_ring(service, town, (waits_when_the_engine_is_killed,), 234)


# --- prompts that are lost ------------------------------------------------------------------------------------------


# C45: "dead prompt file / TTS down: fallback text or tone and alarm; flow goes on", while she speaks with us.
async def test_c45_given_prompts_that_are_broken_when_spoken_with_then_their_words_or_a_tone_and_the_call_goes_on(
    service: Service, town: Town
) -> None:
    lost = ("closed", "ask_area", "area_unknown", "menu_more")
    for prompt in lost:
        break_prompt(service, prompt)

    she = await Talker.dials(service, town, number_of(240), FRAIL)
    for prompt in lost[:2]:
        words = said_instead(service, text_of(service, prompt))
        await eventually(words.exists, within_s=30)
        await she.hears_last_of(words)
    # And now nobody can say what has not been said yet: the question again, and the menu.
    dumb(service).touch()
    try:
        await she.speaks("weather")
        await eventually(lambda: came_to(she, "menu"), within_s=40)
        # She was listened to, and asked again: by nobody.
        assert await she.ways() == ["again", "menu"]
        await she.hears_last_of(service.settings.sounds / "_line" / "tone.wav")
        # A tone tells no choices; who knows them may press.
        await she.leg.press("1")
        await she.arrives(WASTE)
        assert she.dead_line() <= 3.0
        await she.leg.hang_up()
    finally:
        dumb(service).unlink()
    alarms = {(one["what"], one.get("council")) for one in of(await service.facts(), "alarm")}
    assert ("prompt_silent", "northmere") in alarms
    assert not any(said_instead(service, text_of(service, prompt)).exists() for prompt in lost[2:])


# --- what comes back ------------------------------------------------------------------------------------------------


# "Transcripts are personal data: kept by rule, redacted in logs, card numbers filtered"; listed by the review, and
# erased with the caller. "Agent-set [needs], with purpose and expiry": her next call is greeted in Welsh.
async def test_given_an_answered_call_when_its_agent_notes_matter_and_need_then_review_next_call_and_erasure_know(
    service: Service, town: Town, tmp_path: Path
) -> None:
    number, nia = number_of(250), await town.agent(NIA)
    await town.login(nia)

    async def tells_her_card(she: Talker) -> None:
        await she.says("card")
        await eventually(she.ways, within_s=40)

    async def is_misunderstood(she: Talker) -> None:
        await she.says("missed_bin")
        await she.arrives(WASTE)
        await service.fact(she.call, "answer", within_s=15)

    for case in (tells_her_card, is_misunderstood):
        await all_ring(service, town, (case,), 250)
    await town.dial_code(nia, "reason", more=code_of(service, "parking_fine"))
    await town.dial_code(nia, "need", more="2")

    async def is_welsh_now(she: Talker) -> None:
        await she.arrives(WELSH)
        assert she.heard_to_the_end("welcome", "cy")

    await all_ring(service, town, (is_welsh_now,), 250)
    [known] = json.loads(await service.ask("needs", "list", number, "--json"))
    assert (known["need"], known["source"], known["by"]) == ("welsh", "agent", NIA)
    assert known["purpose"]
    assert known["until"] > time.time()
    [suggested] = await suggestions(service)
    assert (suggested["intent"], suggested["understood"]) == ("parking_fine", "missed_bin")
    assert "bin" in suggested["text"]

    counted, kept = await kept_of(service, number, tmp_path / "before.zip")
    assert (counted["words"], counted["needs"]) == (2, 1)
    assert "[number]" in kept
    assert suggested["text"] in kept
    everywhere = written_by(service)
    # Long enough not to be met by chance among times and ports.
    assert not any(word in everywhere for word in ("5105-1051", "5105 1051", "51051051", "one zero five", "emptied"))
    await service.ask("recordings", "forget", number, "--why", "request 7")
    counted, kept = await kept_of(service, number, tmp_path / "after.zip")
    assert (counted["words"], counted["needs"], kept) == (0, 0, "")
    await service.presence(NIA, Presence.LOGGED_OUT)
