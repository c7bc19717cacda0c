"""What the recognisers write in American becomes British; words that only look American stay."""

from __future__ import annotations

import pytest

from adapters.speech.spelling import british

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("american", "told"),
    [
        ("We realized the neighbors organized it.", "We realised the neighbours organised it."),
        ("My mom's in the town center.", "My mum's in the town centre."),
        ("Mom canceled the Realization.", "Mum cancelled the Realisation."),
        ("The colorful curb is gray with mold", "The colourful kerb is grey with mould"),
        ("an unfavorable analyzer", "an unfavourable analyser"),
        ("the prize was the size of a seized citizen", "the prize was the size of a seized citizen"),
        ("the elevator doctor enters a liter", "the elevator doctor enters a litre"),
        ("a councillor on the corner, sensor, error", "a councillor on the corner, sensor, error"),
        ("horizon, wizard, frozen, dozing, fizzing, hazing", "horizon, wizard, frozen, dozing, fizzing, hazing"),
        ("", ""),
    ],
)
def test_given_american_spelling_when_written_down_then_british(american: str, told: str) -> None:
    assert british(american) == told
