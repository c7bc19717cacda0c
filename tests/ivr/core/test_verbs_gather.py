"""The verb that asks for digits: where they end, what is checked of them, and that none of them is shown."""

from __future__ import annotations

import pytest

from ivr.core.check_digits import day, luhn, mod11
from ivr.core.effects import Effect, Listen
from ivr.core.inputs import Input, KeyPressed, NoKey, PlaybackFailed, Played
from tests.fakes.one_step import ENDS, GATHER, A, B, C, drive, end, flow, walked

pytestmark = pytest.mark.unit


def gather(*heard: Input, more: str = "", typed: str = "") -> list[Effect]:
    return drive(GATHER.format(more=more), *heard, typed=typed)


def keys(text: str) -> tuple[KeyPressed, ...]:
    return tuple(KeyPressed(key=key) for key in text)


# C43: '#' ends, a pause ends, the last digit ends; digits typed ahead count.
@pytest.mark.parametrize(
    ("more", "heard", "expected"),
    [
        ("", (Played(), *keys("12#")), A),
        ("", (Played(), *keys("12"), NoKey()), A),
        (", most: 2", (Played(), *keys("12")), A),
        (", most: 2", (Played(keys="12"),), A),
        (", most: 4", (Played(keys="1"), *keys("234")), A),
        # '*' begins anew.
        (", least: 2, most: 2", (Played(), *keys("1*23")), A),
        ("", (Played(), NoKey(), Played(), NoKey()), B),
        (", least: 3", (Played(), *keys("12#"), Played(), *keys("1#")), C),
        # 79927398713 is the textbook number of Luhn's rule.
        (", least: 11, check: luhn", (Played(), *keys("79927398713#")), A),
        (", least: 11, check: luhn", (Played(), *keys("79927398710#"), Played(), *keys("1#")), C),
        (", kind: date", (Played(), *keys("29022028")), A),
        (", kind: date", (Played(), *keys("29022027"), Played(), *keys("31112026")), C),
        # A dead prompt: the digits still count (C45).
        (", most: 2", (PlaybackFailed(), *keys("12")), A),
    ],
)
def test_c43_given_digits_when_typed_then_that_way(more: str, heard: tuple[Input, ...], expected: str) -> None:
    assert end(gather(*heard, more=more)) == expected


def test_given_digits_typed_ahead_when_asked_then_nothing_is_played_and_the_rest_is_kept() -> None:
    text = GATHER.format(more=", most: 2").replace("next: a", "next: m")
    menu = "  m: {verb: menu, prompts: [ask], keys: {7: a}, tries: 1, no_input: b, no_match: c}\n"
    effects = drive(text + menu, typed="127")
    assert len(effects) == 1
    assert end(effects) == A


def test_given_a_pause_when_waited_for_then_the_first_digit_has_longer_than_the_next() -> None:
    assert gather(Played(), *keys("1"))[1:] == [Listen(seconds=5.0), Listen(seconds=3.0)]


def test_given_what_was_typed_when_shown_then_it_is_in_no_repr() -> None:
    walk, effects = walked(flow(GATHER.format(more="") + ENDS), Played(), *keys("8642"))
    assert "8642" not in repr((walk, effects))
    walk, effects = walked(flow(GATHER.format(more="") + ENDS), Played(), *keys("8642#"))
    assert walk.variables == {"v": "8642"}
    assert "8642" not in repr((walk, effects))


@pytest.mark.parametrize(
    ("digits", "right"), [("9434765919", True), ("9434765918", False), ("19", True), ("17", False)]
)
def test_given_mod11_when_checked_then_as_the_nhs_number(digits: str, right: bool) -> None:  # noqa: FBT001 - a table
    assert mod11(digits) is right


def test_given_check_digits_when_one_digit_is_wrong_then_luhn_notices() -> None:
    good = "79927398713"
    assert luhn(good)
    assert not any(
        luhn(good[:place] + str(digit) + good[place + 1 :])
        for place in range(len(good))
        for digit in range(10)
        if str(digit) != good[place]
    )
    assert (day("28122026"), day("00122026"), day("1")) == ("2026-12-28", None, None)
