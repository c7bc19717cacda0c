"""What a council teaches its steering, read from `intents.yaml`: laid over the shared one, each mistake at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.files.dialplans import read_dialplans
from kernel.located import ConfigErrors
from kernel.steering import Confirm, SteeringBook

pytestmark = pytest.mark.shell

SAMPLES = Path(__file__).resolve().parents[3] / "dialplans"
#: The issue: "The sample county knows at least these intents, by id".
KNOWN = (
    *("council_tax", "missed_bin", "pothole", "street_light", "blue_badge", "housing_repair", "homeless"),
    *("adult_social_care", "child_protection", "noise", "planning", "library", "school_admissions"),
    *("register_birth_death", "electoral", "dangerous_structure", "flooding", "parking_fine", "speak_to_someone"),
)
URGENT = {"homeless", "child_protection", "dangerous_structure", "flooding"}


def book(folder: Path, council: str) -> SteeringBook:
    found = {one.id: one.steering for one in read_dialplans(folder).tenants}[council]  # type: ignore[index]  # an id is text
    assert found is not None
    return found


def test_given_the_sample_county_when_read_then_it_knows_these_intents_and_what_is_urgent() -> None:
    found = book(SAMPLES, "northmere")
    assert set(KNOWN) <= set(found.intents)
    assert {one.id for one in found.intents.values() if one.urgent} == URGENT
    assert all(len(one.phrases) >= 12 for one in found.intents.values())
    assert found.intents["speak_to_someone"].person


def test_given_a_council_s_own_file_when_read_then_phrases_add_up_and_its_settings_win(folder: Path) -> None:
    shared = book(folder, "harbourside")
    (folder / "harbourside/intents.yaml").write_text(
        "intents:\n  missed_bin: {phrases: [my purple sack], confirm: always}\n"
        "  harbour: {says: intent_noise, phrases: [my boat, a mooring]}\n"
        "costs: {wrong: 20.5, question: 2}\nurgency: {above: 0.4, danger_above: 0.7, urgent: [sinking],"
        " danger_like: [my boat is going down], urgent_like: {harbour: [she has slipped her mooring]}}\n",
        encoding="utf-8",
    )
    found = book(folder, "harbourside")
    assert found.intents["missed_bin"].phrases == (*shared.intents["missed_bin"].phrases, "my purple sack")
    assert found.intents["missed_bin"].confirm is Confirm.ALWAYS
    assert found.intents["harbour"].says == "intent_noise"
    assert (found.costs.wrong, found.costs.question, found.costs.again) == (20.5, 2, 3)
    assert (found.urgent_above, found.danger_above) == (0.4, 0.7)
    assert "sinking" in found.urgent
    assert found.danger_like == (*shared.danger_like, "my boat is going down")
    assert found.urgent_like == {**shared.urgent_like, "harbour": ("she has slipped her mooring",)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("intents:\n  boats: {phrases: [my boat]}\n", "intents.yaml:2: intent 'boats' has too few phrases: give about"),
        (
            "intents:\n  boats: {phrases: [a boat, A  Boat], sayz: x}\n",
            "intents.yaml:2: unknown key 'sayz': did you mean",
        ),
        ("costs: {wrong: 1e3}\n", "intents.yaml:1: 'wrong': a number is expected, like 3 or 0.25"),
        ("urgency: {above: 1}\n", "intents.yaml:1: 'above'"),
        ("confirm: sometimes\n", "intents.yaml:1: 'confirm'"),
        (
            "intents:\n  a_boat: {phrases: [my boat, a boat]}\n  b_boat: {phrases: [a  BOAT, boats]}\n",
            "intents.yaml:3: this phrase is intent 'a_boat' as well",
        ),
        (
            "intents:\n  a_boat: {phrases: [my boat, a boat]}\nout_of_scope: [my boat]\n",
            "intents.yaml:3: this phrase is intent 'a_boat' as well",
        ),
        (
            "urgency:\n  urgent_like:\n    libary: [it is on fire]\n",
            "intents.yaml:3: unknown intent 'libary': did you mean 'library'?",
        ),
        (
            "urgency:\n  urgent_like: {library: [it burns]}\n  danger_like: [it burns]\n",
            "intents.yaml:3: this phrase is intent 'library' as well",
        ),
        (
            "urgency: {danger_like: [my boat]}\nout_of_scope: [my boat]\n",
            "intents.yaml:2: this phrase is danger to life as well",
        ),
    ],
)
def test_given_a_mistake_when_read_then_it_is_told_by_file_and_line(folder: Path, text: str, told: str) -> None:
    (folder / "harbourside/intents.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigErrors) as wrong:
        read_dialplans(folder)
    assert told in str(wrong.value)
