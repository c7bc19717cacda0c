"""What one phrase more does to the others: what chance does is held against no phrase."""

from __future__ import annotations

import pytest

from ivr.steering.left_out import by_chance

pytestmark = pytest.mark.unit


# A good phrase was refused: 8 of 3,545 others became wrong and 3 right, as a coin does in one of nine times.
@pytest.mark.parametrize(
    ("lost", "gained", "chance"),
    [(0, 0, 1.0), (8, 3, 0.1133), (9, 9, 0.5927), (5, 0, 0.0312), (10, 2, 0.0193), (0, 7, 1.0)],
)
def test_given_phrases_lost_and_gained_when_compared_then_how_likely_by_chance(
    lost: int, gained: int, chance: float
) -> None:
    assert by_chance(lost, gained) == pytest.approx(chance, abs=1e-4)
