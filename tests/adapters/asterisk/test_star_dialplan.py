"""Star codes that nobody decides on, by the dialplan's own lines: who is kept from calls, what is kept for later."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.dialplan import DialplanCall, parse

pytestmark = pytest.mark.unit

STATIC = (Path(__file__).parents[3] / "asterisk_conf" / "static.conf").read_text(encoding="utf-8")
LINES = parse(STATIC[STATIC.index("\n[star]\n") : STATIC.index("; Asterisk's own record of each call")])
WORDS = {f"GH_STAR_{word}": f"/s/{word}" for word in ("NOTED", "READY", "REST", "REFUSED")}
DEVICE = "DEVICE_STATE(Custom:gh-a001)"


def dialled(pbx: dict[str, str], code: str) -> str:
    """Dial a code; return the word heard. ``pbx``: the global variables, changed."""
    call = DialplanCall(LINES, 1764000000, [], WORDS | pbx | {"CHANNEL(endpoint)": "a001", "GH_STAR": code})
    call.run("star")
    assert call.ended == "hangup"
    pbx |= {name: value for name, value in call.variables.items() if name.startswith(("GH_R", "GH_STARS", "DEVICE"))}
    (heard,) = call.heard
    return heard.removeprefix("/s/")


# Decision 0038: not ready and log out keep calls away at once; whatever was asked is kept for the engine, in order.
def test_given_an_agent_who_was_ready_when_she_rests_and_comes_back_then_app_queue_knows_each_time() -> None:
    pbx = {"GH_READY_a001": "1763999000"}
    assert dialled(pbx, "*482") == "REST"
    assert (pbx["GH_READY_a001"], pbx[DEVICE]) == ("", "BUSY")
    assert dialled(pbx, "*48") == "REST"
    assert dialled(pbx, "*47") == "READY"
    assert (pbx["GH_READY_a001"], pbx[DEVICE]) == ("1764000000", "INVALID")
    assert dialled(pbx, "*46") == "REST"
    assert (pbx["GH_READY_a001"], pbx[DEVICE]) == ("", "BUSY")
    assert pbx["GH_STARS"] == "a001*482/a001*48/a001*47/a001*46/"


# "nobody becomes ready in the dialplan who was not when the engine was last there."
@pytest.mark.parametrize("before", [(), ("*45",), ("*48",), ("*46",)])
def test_given_an_agent_who_was_not_ready_when_she_says_ready_then_it_is_only_noted(before: tuple[str, ...]) -> None:
    pbx: dict[str, str] = {}
    for code in before:
        dialled(pbx, code)
    assert dialled(pbx, "*47") == "NOTED"
    assert pbx.get("GH_READY_a001", "") == ""
    assert pbx["GH_STARS"].endswith("a001*47/")


# A reason that is none, a code of a call: refused in words, and nothing is changed or kept.
@pytest.mark.parametrize(
    "code",
    ["*489", "*480", "*4822", "*48*", "*4812", "*459", "*461", "*471", "*43", "*4312", "*421", "*49", "*71", "*61"],
)
def test_given_a_code_that_cannot_wait_when_dialled_then_it_is_refused_in_words(code: str) -> None:
    pbx = {"GH_READY_a001": "1763999000", "GH_STARS": "a002*45/"}
    assert dialled(pbx, code) == "REFUSED"
    assert (pbx["GH_READY_a001"], pbx["GH_STARS"]) == ("1763999000", "a002*45/")
    assert DEVICE not in pbx


# Whoever dials for ever fills no memory of the PBX.
def test_given_very_many_codes_when_one_more_is_dialled_then_it_is_refused() -> None:
    pbx = {"GH_STARS": "a002*48/" * 251}
    assert dialled(pbx, "*48") == "REFUSED"
