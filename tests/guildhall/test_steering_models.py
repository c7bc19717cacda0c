"""What a council's phrases taught is kept between runs, and old versions do not pile up."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from string import ascii_lowercase

import numpy as np
import pytest

from guildhall.settings import Settings
from guildhall.shipped_vectors import name_of, ship, shipped
from guildhall.steering_models import Models, learned_at, taught, version
from guildhall.steering_vectors import KeptVectors
from ivr.steering.fitting import Matrix
from kernel.steering import Intent, SteeringBook

pytestmark = pytest.mark.shell


class Turner:
    """A small model of sentences: how often each letter comes; it notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, sentences: Sequence[str]) -> Matrix:
        self.asked += sentences
        counts = [[sentence.count(letter) + 0.01 for letter in ascii_lowercase] for sentence in sentences]
        rows = np.array(counts, np.float32)
        turned: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return turned


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


def test_given_phrases_learned_before_when_one_is_added_then_only_that_one_is_turned(tmp_path: Path) -> None:
    settings, turner = Settings(cache=tmp_path), Turner()
    models = Models(found={"small": turner}, missing=())
    taught(settings, "northmere", book(1), models, lambda _: None)
    assert len(turner.asked) == 8
    taught(settings, "harbourside", book(2), models, lambda _: None)
    assert turner.asked[8:] == ["a hole number 2"]
    # Which caller said what is no business of the cache.
    taught(settings, "northmere", book(1), models, lambda _: None).explain("my secret")
    assert turner.asked[9:] == ["my secret"]
    taught(settings, "northmere", book(3), models, lambda _: None)
    with np.load(tmp_path / "steering-vectors/small.npz") as kept:
        assert len(kept["names"]) == 10


@pytest.mark.parametrize("junk", [b"", b"PK no zip", b"\x93NUMPY"])
def test_given_kept_vectors_that_cannot_be_read_when_learned_then_made_anew(tmp_path: Path, junk: bytes) -> None:
    turner, path = Turner(), tmp_path / "vectors" / "small.npz"
    path.parent.mkdir()
    path.write_bytes(junk)
    sentences = ["a pit in the road", "loud music", "a pit in the road"]
    first = KeptVectors(turner, path)(sentences)
    assert np.array_equal(first, turner(sentences))
    asked = len(turner.asked)
    assert np.array_equal(KeptVectors(turner, path)(sentences), first)
    assert len(turner.asked) == asked


# issue 5: "trained in seconds from the council's phrases", at the first start too.
def test_given_vectors_that_are_shipped_when_learned_then_only_other_phrases_are_turned(
    tmp_path: Path,
) -> None:
    turner, sentences = Turner(), ["a pit in the road", "loud music", "a party next door"]
    exact = turner(sentences)
    assert ship("gte-small", sentences[:2], exact[:2], tmp_path) == tmp_path / "gte-small.npz"
    given = shipped("gte-small", tmp_path)
    assert given.keys() == {name_of(one) for one in sentences[:2]}
    turner.asked.clear()
    rows = KeptVectors(turner, tmp_path / "kept.npz", given)(sentences)
    assert turner.asked == ["a party next door"]
    assert (rows * exact).sum(axis=1).min() > 0.999


def test_given_vectors_of_another_model_or_none_when_read_then_there_are_none(tmp_path: Path) -> None:
    path = ship("gte-small", ["loud music"], Turner()(["loud music"]), tmp_path)
    path.rename(tmp_path / "minilm-l6-int8.npz")
    (tmp_path / "gte-small.npz").write_bytes(b"PK no zip")
    assert [dict(shipped(name, tmp_path)) for name in ("gte-small", "minilm-l6-int8", "nobody")] == [{}, {}, {}]


def test_given_the_shipped_files_when_read_then_they_are_of_the_pinned_models_and_say_what_those_say() -> None:
    found = Models.load(Settings()).found
    for name in ("gte-small", "minilm-l6-int8"):
        assert len(shipped(name)) > 3000, "python -m bench.steering.vectors makes them anew"
        if name in found:
            phrases = ["there is a hole in my road", "my house is flooding"]
            near = (found[name](phrases) * np.array([shipped(name)[name_of(one)] for one in phrases])).sum(axis=1)
            assert near.min() > 0.999
