"""Each branch of the spoken conversation as a caller goes through it; `test_spoken_calls.py` lets them all ring."""

from __future__ import annotations

import random
import tempfile
import time
from array import array
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from lab.listen import QUIET_DBFS, energy_per_window
from lab.voice import write_telephone_wav
from tests.fakes.service import WASTE, eventually, of
from tests.fakes.stretch import stretch
from tests.fakes.talker import STEERED, Talker

HOUSING, PERSON, TAX = "northmere.housing", "northmere.general", "northmere.council_tax"
LIBRARIES, SCHOOLS, WELSH = "northmere.libraries", "northmere.schools", "northmere.welsh"
Case = Callable[[Talker], Awaitable[None]]


async def came_to(she: Talker, step: str) -> bool:
    """Whether she reached this step of the flow."""
    return step in await she.steps()


def hiss(folder: Path) -> Path:
    """Ten seconds of a line that hisses, as loud as quiet speech: noise, not words."""
    rolled = random.Random(20261122)  # noqa: S311 - noise, not a secret
    samples = array("h", [round(rolled.gauss(0, 250)) for _ in range(80_000)])
    write_telephone_wav(folder / "hiss.wav", samples.tobytes())
    return folder / "hiss.wav"


async def sure_goes_straight_on(she: Talker) -> None:
    await she.says("missed_bin")
    await she.arrives(WASTE)
    assert await she.ways() == ["straight"]


async def asked_back_by_setting_then_yes(she: Talker) -> None:
    await she.says("council_tax")
    await she.says("yes", over_s=None)
    await she.arrives(TAX)
    assert await she.ways() == ["question", "confirmed"]


async def asked_back_then_no_then_something_else(she: Talker) -> None:
    # Asked back by the council's setting: what is half understood changes with every phrase that is taught.
    await she.says("council_tax")
    await she.says("no")
    await she.says("missed_bin")
    await she.arrives(WASTE)
    assert await she.ways() == ["question", "again", "straight"]


async def an_answer_that_is_none_then_a_key(she: Talker) -> None:
    await she.says("council_tax")
    await she.says("easy_target")
    await she.presses("1")
    await she.arrives(TAX)
    assert await she.ways() == ["question", "again", "confirmed"]


async def two_close_then_the_second(she: Talker) -> None:
    await she.says("school_or_library")
    await she.says("second")
    await she.arrives(SCHOOLS)
    assert await she.ways() == ["choice", "chosen"]


async def two_close_then_a_key(she: Talker) -> None:
    await she.says("school_or_library")
    await she.presses("1")
    await she.arrives(LIBRARIES)
    assert await she.ways() == ["choice", "chosen"]


async def out_of_scope_twice_then_the_menu(she: Talker) -> None:
    await she.says("weather")
    await she.says("parcel")
    await eventually(lambda: came_to(she, "menu"), within_s=30)
    await she.leg.press("2")
    await she.arrives(HOUSING)
    assert await she.ways() == ["again", "menu"]


async def silent_to_the_end(she: Talker) -> None:
    await she.arrives(PERSON)
    assert await she.ways() == ["menu"]
    assert (await she.steps())[1:] == ["ask", "menu", "person"]


async def a_person_in_any_words(she: Talker) -> None:
    await she.says("person")
    await she.arrives(PERSON)
    assert await she.ways() == ["person"]


async def nowhere_to_sleep(she: Talker) -> None:
    await she.says("homeless")
    await she.arrives(HOUSING, 10)
    assert await she.ways() == ["urgent"]


async def a_key_in_the_question(she: Talker) -> None:
    await she.presses("2")
    await she.arrives(HOUSING)


async def welsh_in_english_words(she: Talker) -> None:
    await she.says("welsh")
    await she.arrives(WELSH)
    arrived = of(await she.story(), "arrive")[0]
    assert arrived["skills"] == {"welsh": 3}


async def slower_please(she: Talker) -> None:
    await she.says("slower")
    # Asked again, whole: what she heard of the first time she cut short.
    await she.hears_to_the_end("steer_ask", since=she.ends[-1])
    # Patient now: five seconds of thinking are no end, and nobody hurries her.
    before = time.time()
    await stretch(5)
    thinking = energy_per_window(she.leg.media.heard(before))
    assert not any(level > QUIET_DBFS for level in thinking[:45]), thinking
    await she.speaks("missed_bin")
    await she.arrives(WASTE)


# "Relay UK calls skip steering", "never timed out": the menu at once, no question, and no silence ends it.
async def by_relay(she: Talker) -> None:
    await eventually(lambda: came_to(she, "menu"), within_s=30)
    # Anybody else is with a person two seconds after the menu began.
    await stretch(4)
    assert "person" not in await she.steps()
    await she.leg.press("1")
    await she.arrives(WASTE)
    assert "ask" in await she.steps()
    assert await she.ways() == []


async def by_relay_who_hears(she: Talker) -> None:
    await eventually(lambda: came_to(she, "menu"), within_s=30)
    await she.leg.press("2")
    await she.arrives(HOUSING)
    assert await she.ways() == []


# Her number is registered: as if she had dialled 18001.
async def known_to_need_relay(she: Talker) -> None:
    await by_relay(she)


# "registered number … longer time-outs and no barge-in": what she says into the question stops nothing, and she may
# think for longer than anybody else is given.
async def known_to_need_time(she: Talker) -> None:
    await she.says("weather", over_s=None)
    # Into the longest question, nine seconds: a busy machine tells late that it has begun.
    await she.says("slower", over_s=0)
    await she.hears_to_the_end("steer_again")
    before = time.time()
    await stretch(5)
    # A second for its last sound; then nobody hurries her, for longer than the four seconds of others.
    thinking = energy_per_window(she.leg.media.heard(before))
    assert not any(level > QUIET_DBFS for level in thinking[10:45]), thinking
    await she.speaks("missed_bin")
    await she.arrives(WASTE)
    assert await she.ways() == ["again", "straight"]


# C53, "a Welsh-speaking person sooner than a bad recogniser": greeted in Welsh, asked nothing that nobody understands.
async def known_to_speak_welsh(she: Talker) -> None:
    await she.arrives(WELSH)
    arrived = of(await she.story(), "arrive")[0]
    assert (arrived["skills"], arrived["language"]) == ({"welsh": 3}, "cy")
    assert she.heard_to_the_end("welcome", "cy")
    assert await she.ways() == []


# C53, "Welsh callers get Welsh prompts and keys".
async def welsh_by_key(she: Talker) -> None:
    await she.presses("#")
    await eventually(lambda: came_to(she, "cymraeg"), within_s=30)
    await she.hears_to_the_end("menu_main", "cy")
    await she.leg.press("2")
    await she.arrives(HOUSING)
    assert of(await she.story(), "arrive")[0]["language"] == "cy"


# C43: "digits typed ahead": a key in the notice is a key in the menu; nobody is asked to speak.
async def typed_into_the_notice(she: Talker) -> None:
    await she.leg.wait("answered")
    await she.leg.press("2")
    await she.arrives(HOUSING)
    assert await she.ways() == []


# C43: "invalid … → agent".
async def a_wrong_key_in_the_question(she: Talker) -> None:
    await she.presses("7")
    await she.arrives(PERSON)
    assert (await she.steps())[1:] == ["ask", "menu", "person"]


async def a_hiss_is_no_word(she: Talker) -> None:
    await she.asked()
    with tempfile.TemporaryDirectory() as folder:
        she.leg.speak(hiss(Path(folder)))
    await she.arrives(PERSON)


async def speaks_over_the_question(she: Talker) -> None:
    await she.says("weather")
    await she.says("missed_bin")
    await she.arrives(WASTE)
    # It stopped for her: its last words were never said.
    assert not she.heard_to_the_end("steer_again")
    assert await she.ways() == ["again", "straight"]


async def speaks_into_the_notice(she: Talker) -> None:
    await she.leg.wait("answered")
    await she.speaks("missed_bin")
    # The notice went on over her words, and the question comes after it.
    assert "ask" not in await she.steps()
    await eventually(lambda: came_to(she, "ask"), within_s=20)
    await she.hears_out()
    assert she.heard_to_the_end("welcome")
    await she.speaks("missed_bin")
    await she.arrives(WASTE)


BRANCHES: tuple[Case, ...] = (
    silent_to_the_end,
    sure_goes_straight_on,
    asked_back_by_setting_then_yes,
    known_to_need_time,
    asked_back_then_no_then_something_else,
    an_answer_that_is_none_then_a_key,
    two_close_then_the_second,
    two_close_then_a_key,
    out_of_scope_twice_then_the_menu,
    a_person_in_any_words,
    nowhere_to_sleep,
    a_key_in_the_question,
    slower_please,
    welsh_in_english_words,
    by_relay,
    speaks_over_the_question,
    a_hiss_is_no_word,
    by_relay_who_hears,
    speaks_into_the_notice,
    known_to_need_relay,
    known_to_speak_welsh,
    welsh_by_key,
    typed_into_the_notice,
    a_wrong_key_in_the_question,
)

#: What these dial; all others the number itself.
DIALLED: Mapping[Case, str] = {by_relay: f"18001{STEERED}", by_relay_who_hears: f"18002{STEERED}"}
#: What is registered for the numbers of these.
NEEDS: Mapping[Case, str] = {
    known_to_need_relay: "relay",
    known_to_need_time: "more_time",
    known_to_speak_welsh: "welsh",
}
