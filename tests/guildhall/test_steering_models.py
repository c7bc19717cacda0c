"""What a council's phrases taught is kept between runs, and old versions do not pile up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guildhall.settings import Settings
from guildhall.steering_models import Models, learned_at, taught, version
from kernel.steering import Intent, SteeringBook

pytestmark = pytest.mark.shell

NO_MODELS = Models(found={}, missing=())


def book(number: int) -> SteeringBook:
    phrases = (f"a hole number {number}", "a pit in the road", "a crater")
    return SteeringBook(
        intents={
            "pothole": Intent(id="pothole", says="pothole", phrases=phrases),
            "noise": Intent(id="noise", says="noise", phrases=("loud music", "a barking dog", "a party next door")),
        },
        out_of_scope=("sing a song", "order a pizza"),
    )


def test_given_many_versions_when_learned_then_only_the_last_used_are_kept(tmp_path: Path) -> None:
    settings = Settings(cache=tmp_path)
    told: list[str] = []
    for number in range(12):
        taught(settings, "northmere", book(number), NO_MODELS, told.append)
        # A minute between two versions; the first one is used again each time.
        os.utime(learned_at(settings, version(book(number), NO_MODELS)), (60 * number, 60 * number))
        taught(settings, "northmere", book(0), NO_MODELS, told.append)
    kept = {path.stem for path in (tmp_path / "steering").glob("*")}
    assert kept == {version(book(number), NO_MODELS) for number in (0, *range(5, 12))}
    assert len(told) == 12  # the first one was never learned again
