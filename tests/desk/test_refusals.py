"""Why a star code was refused, in an agent's ear."""

from __future__ import annotations

import re

import pytest

from adapters.files.dialplans import read_dialplans
from desk.refusals import PROMPTS, REFUSED, UNKNOWN_CODE, refusal_of
from guildhall.settings import HOME
from kernel.commands import Outcome

pytestmark = pytest.mark.shell


# What the engine calls a refusal is its own affair: one renamed there would be told in general words here, unnoticed.
def test_given_the_reasons_with_words_of_their_own_when_looked_up_then_somebody_gives_each() -> None:
    code = "".join(
        path.read_text(encoding="utf-8") for folder in ("acd/core", "desk") for path in (HOME / folder).glob("*.py")
    )
    given = set(re.findall(r'(?:_no\(|code=)\s*"([a-z_]+)"', code))
    assert not set(PROMPTS) - given


# "Refused star codes do not say why": each has its words in every language.
def test_given_the_prompts_of_refusals_when_looked_up_then_the_shared_ones_have_each() -> None:
    shared = read_dialplans(HOME / "dialplans").prompts
    assert {*PROMPTS.values(), REFUSED, UNKNOWN_CODE} <= set(shared["_shared"])


def test_given_a_reason_without_words_when_refused_then_the_general_ones() -> None:
    assert refusal_of(Outcome(ok=False, code="reconciling", message="ask again")) == REFUSED
    assert refusal_of(Outcome(ok=False, code="not_free", message="is in a call")) == "agent_not_free"
