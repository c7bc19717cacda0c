"""The dialplan's part in asking first: the key says yes, anything else is none, and a yes belongs to its queue."""

from __future__ import annotations

import pytest

from tests.fakes.dialplan import DialplanCall, parse
from tests.house.tree import text

pytestmark = pytest.mark.unit


class _Overflows(dict[str, str]):
    """A channel that the engine moves to another queue while the question is being asked."""

    def __setitem__(self, name: str, value: str) -> None:
        super().__setitem__(name, value)
        if name == "GH_YES" and value:
            super().__setitem__("GH_QUEUE", "northmere.general")


_WISH = {"GH_ASK": "2*1*/sounds/one&/sounds/two", "GH_QUEUE": "northmere.welsh"}


def _asked(key: str, variables: dict[str, str]) -> DialplanCall:
    lines = {"asked": parse(text("asterisk_conf/leaving.conf"))["asked"]}
    call = DialplanCall(lines=lines, now=0, keys=[key], variables=variables)
    call.run("asked")
    return call


@pytest.mark.parametrize(("key", "agreed"), [("1", "2"), (".", ""), ("2", ""), ("0", "")])
def test_c53_given_a_question_when_a_key_is_pressed_then_only_the_one_that_was_named_says_yes(
    key: str, agreed: str
) -> None:
    call = _asked(key, dict(_WISH))
    assert call.heard == ["/sounds/one", "/sounds/two"]
    assert (call.variables.get("GH_AGREED", ""), call.variables["GH_ASK"], call.ended) == (agreed, "", "hold")


# A yes to what was asked in one queue is none in another that the call overflowed into meanwhile.
def test_given_an_overflow_while_a_question_is_asked_when_yes_is_pressed_then_it_counts_nowhere() -> None:
    call = _asked("1", _Overflows(_WISH))
    assert ("GH_AGREED" in call.variables, call.ended) == (False, "hold")
