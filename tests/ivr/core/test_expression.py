"""The language of conditions: what it means, where it is wrong, and that nothing in it can do harm."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.core.expression import MAX_DEPTH, MAX_LENGTH, NUMBER, TEXT, YES_NO, Value, read
from kernel.schema import WrongInside

pytestmark = pytest.mark.unit

TYPES = {
    "hour": NUMBER,
    "waiting.housing": NUMBER,
    "staff.housing": NUMBER,
    "open.office": YES_NO,
    "council": TEXT,
    "language": TEXT,
    "account": TEXT,
}
VALUES: dict[str, Value] = {
    "hour": 17,
    "waiting.housing": 3,
    "open.office": False,
    "council": "northmere",
    "language": "cy",
    "account": "00123",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("hour = 17", True),
        ("hour >= 9 and hour < 17", False),
        ("not open.office", True),
        ("not not open.office", False),
        ("waiting.housing + 2 > 4", True),
        ("hour - 10 - 5 = 2", True),
        ("hour - (10 - 5) = 12", True),
        ("council = 'northmere' or hour = 1", True),
        ('language in ["en", "cy"]', True),
        ("hour in [9, 10]", False),
        ("open.office = no", True),
        ("account != '123'", True),
        ("(hour = 1 or hour = 17) and language = 'cy'", True),
        ("yes or no and no", True),
        ("hour + 1", 18),
        # Nobody told how many are there: unknown, unless another part decides.
        ("staff.housing > 0", None),
        ("not staff.housing > 0", None),
        ("staff.housing > 0 or hour = 17", True),
        ("staff.housing > 0 and hour = 1", False),
        ("staff.housing > 0 and hour = 17", None),
        ("staff.housing + 1", None),
        ("staff.housing in [1, 2]", None),
    ],
)
def test_given_an_expression_when_evaluated_then_it_means_what_it_says(text: str, value: Value) -> None:
    expression = read(text)
    expression.type_in(TYPES)
    assert expression.value_in(VALUES) is value or expression.value_in(VALUES) == value


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("hour = ", 6, "is expected"),
        ("hour == 17", 6, "is expected, not '='"),
        ("hour 17", 5, "'17' is not expected here"),
        ("(hour = 1", 9, "')' is expected"),
        ("hour in 9", 8, "'[' is expected, not '9'"),
        ("hour in [9 10]", 11, "']' is expected"),
        ("hour = 1 & yes", 9, "'&' cannot be read here"),
        ("council = 'north", 10, "cannot be read here"),
        ("council.upper()", 13, "'(' is not expected"),
        ("__import__('os')", 0, "'_' cannot be read here"),
        ("", 0, "is expected"),
        ("9999999999999 = hour", 0, "at most 12 digits"),
        ("hour\u00b2 = 1", 4, "cannot be read"),
        ("not " * 20 + "yes", 4 * MAX_DEPTH + 4, "levels deep"),
        ("(" * 20, MAX_DEPTH + 1, "levels deep"),
        ("yes or " * 50, MAX_LENGTH, "longer than"),
        ("1+" * 140 + "1", 121, "more than 120 words"),
    ],
)
def test_given_a_mistake_when_read_then_it_is_told_at_its_character(text: str, offset: int, message: str) -> None:
    with pytest.raises(WrongInside) as wrong:
        read(text)
    assert message in str(wrong.value)
    assert wrong.value.offset == offset


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("huor = 17", 0, "unknown name 'huor': did you mean 'hour'?"),
        ("hour = 17 and waiting.housin > 1", 14, "did you mean 'waiting.housing'?"),
        ("hour = '17'", 7, "a number is compared with something else: this is a text"),
        ("council < 'x'", 0, "'<' goes with numbers: this is a text"),
        ("hour and yes", 0, "'and' goes with yes and no: this is a number"),
        ("not council", 4, "'not' goes with yes and no"),
        ("council + 1", 0, "only numbers can be added: this is a text"),
        ("hour in [1, 'x']", 12, "this is a text"),
    ],
)
def test_given_types_that_do_not_fit_when_checked_then_it_is_told_at_its_character(
    text: str, offset: int, message: str
) -> None:
    with pytest.raises(WrongInside) as wrong:
        read(text).type_in(TYPES)
    assert message in str(wrong.value)
    assert wrong.value.offset == offset


WORDS = st.sampled_from(
    [*TYPES, "and", "or", "not", "in", "yes", "no", "=", "!=", "<", ">=", "+", "-", "(", ")", "[", "]", ",", "'x'", "7"]
)


# SECURITY V20: bounded, and never another error than its own.
@settings(deadline=None, max_examples=400)
@given(st.one_of(st.text(max_size=400), st.lists(WORDS, max_size=60).map(" ".join)))
def test_given_any_text_when_read_and_evaluated_then_only_its_own_error_comes(text: str) -> None:
    try:
        expression = read(text)
    except WrongInside as wrong:
        assert 0 <= wrong.offset <= max(len(text), MAX_LENGTH)  # noqa: PT017 - a mistake is one of two good ends
        return
    # Evaluation stands even what the type check would have refused.
    odd: dict[str, Value] = {"hour": "x", "council": 3, "open.office": "y", "waiting.housing": True}
    for values in (VALUES, {}, odd):
        assert isinstance(expression.value_in(values), str | int | bool | None)
    with contextlib.suppress(WrongInside):
        kind = expression.type_in(TYPES)
        value = expression.value_in(VALUES)
        assert value is None or type(value) is {TEXT: str, NUMBER: int, YES_NO: bool}[kind]
