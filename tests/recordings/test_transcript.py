"""Transcripts: which stretches are read, what is hidden, and that they are sealed with the audio or left out."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guildhall.recordings_wiring import scribe_of
from guildhall.settings import Settings
from kernel.errors import GuildhallError, Refused
from kernel.ids import TenantId
from kernel.recording import Part, Piece, RecordingState, Wanted
from recordings.core.policy import Person, Role
from recordings.core.transcript import HIDDEN, stretches, without_numbers
from tests.fakes.recordings_bench import RecordingsBench

pytestmark = pytest.mark.integration


class Scribe:
    """Says of every stretch how long it was, and a card number; or that it cannot."""

    def __init__(self) -> None:
        self.fails = False

    def words(self, pcm: bytes) -> str:
        if self.fails:
            raise GuildhallError("no_model", "the model is not there")
        return f"my card {len(pcm) // 16000} is 4111 1111 1111 1111"


@pytest.fixture
def scribe() -> Scribe:
    return Scribe()


@pytest.fixture
async def bench(tmp_path: Path, scribe: Scribe) -> AsyncIterator[RecordingsBench]:
    bench = RecordingsBench(tmp_path)
    bench.scribe = scribe
    yield await bench.open()
    await bench.close()


# P21: "Secret digits nowhere: 0 hits of the test PAN in ... transcripts".
@pytest.mark.parametrize(
    "said",
    [
        "4111 1111 1111 1111",
        "four one one one, one one one one",
        "4111111111111111",
        "4-1-1-1",
        "it is double four triple one oh",
        "Four. One. One. One.",
    ],
)
def test_p21_given_a_long_number_when_written_then_hidden(said: str) -> None:
    hidden = without_numbers(f"my card {said} please")
    assert hidden.startswith("my card ")
    assert HIDDEN in hidden
    assert "1" not in hidden
    assert "one" not in hidden.lower()


@given(st.lists(st.sampled_from(["bin", "one", "two", "24", "Ely", "of"]), max_size=12))
def test_given_few_digits_when_written_then_nothing_but_runs_of_four_is_hidden(words: list[str]) -> None:
    run = longest = 0
    for word in words:
        run = run + 1 if word in {"one", "two", "24"} else 0
        longest = max(longest, run)
    hidden = without_numbers(" ".join(words))
    assert longest < 4 or HIDDEN in hidden
    assert [word for word in hidden.split() if word in {"bin", "Ely", "of"}] == [
        word for word in words if word in {"bin", "Ely", "of"}
    ]


@given(st.lists(st.sampled_from([-99.0, -20.0]), max_size=400))
def test_given_any_loudness_when_cut_then_every_long_talk_is_in_a_stretch_a_recogniser_takes(
    levels: list[float],
) -> None:
    found = stretches(levels, 0.1, "caller")
    assert all(0.3 <= one.end - one.start <= 10.5 for one in found)
    for at in range(len(levels) - 5):
        if all(level > -50 for level in levels[at : at + 6]):
            middle = (at + 3) * 0.1
            assert any(one.start <= middle <= one.end for one in found) or len(levels) > 90


async def test_given_a_scribe_when_kept_then_the_text_is_sealed_deleted_with_the_audio_and_holds_no_card_number(
    bench: RecordingsBench,
) -> None:
    bench.record(1, seconds=4.0)
    await bench.tell(1)
    await bench.service.settle()
    [kept] = await bench.catalogue.find(Wanted(councils=None))
    piece = Piece(recording=kept.id, part=Part.TEXT)
    text = b"".join(bench.vault.read(piece)).decode()
    assert "caller: my card" in text
    assert "agent: my card" in text
    assert "4111" not in text
    assert HIDDEN in text
    assert not [path for path in bench.folder.rglob("*") if path.is_file() and b"my card" in path.read_bytes()]
    assert await bench.eraser.erase(kept, who="o", role="records_officer", why="request 8")
    assert not list(bench.vault.pieces())


async def test_given_a_scribe_that_cannot_when_kept_then_kept_without_a_text(
    bench: RecordingsBench, scribe: Scribe
) -> None:
    scribe.fails = True
    bench.record(1)
    await bench.tell(1)
    await bench.service.settle()
    [kept] = await bench.catalogue.find(Wanted(councils=None))
    assert kept.state in {RecordingState.KEPT, RecordingState.FILED}
    assert {piece.part for piece in bench.vault.pieces()} == {Part.AUDIO, Part.PEAKS}


READER = Person(user="eva", role=Role.EVALUATOR, councils=frozenset({TenantId("northmere")}))


# Issue 6: "optional transcript by the steering recogniser"; read by right, and each reading stands in the audit log.
async def test_p20_given_a_transcript_when_read_then_by_the_right_to_listen_and_audited(
    bench: RecordingsBench,
) -> None:
    bench.record(1, seconds=4.0)
    await bench.tell(1, language="en")
    await bench.service.settle()
    [kept] = await bench.catalogue.find(Wanted(councils=None))
    assert "caller: my card" in await bench.room.transcript(READER, kept.id)
    for other in (
        dataclasses.replace(READER, councils=frozenset({TenantId("harbourside")})),
        dataclasses.replace(READER, role=Role.AUDITOR),
    ):
        with pytest.raises(Refused, match="no such recording"):
            await bench.room.transcript(other, kept.id)
    said = [(one["action"], one["details"]) for one in await bench.audit.lines()]
    assert said == [("listen", "text"), ("refused", "listen"), ("refused", "listen")]


# The recogniser reads English: of a Welsh call it would make an English guess, which is worse than none.
@pytest.mark.parametrize(
    ("language", "wanted", "why"),
    [("cy", True, "did not choose English"), ("en", False, "were off"), (None, False, "were off")],
)
async def test_given_a_call_in_welsh_or_transcripts_off_when_read_then_said_why_there_is_none(
    tmp_path: Path, *, language: str | None, wanted: bool, why: str
) -> None:
    bench = RecordingsBench(tmp_path)
    bench.scribe = Scribe() if wanted else None
    await bench.open()
    bench.record(1, seconds=4.0)
    await bench.tell(1, language=language)
    await bench.service.settle()
    [kept] = await bench.catalogue.find(Wanted(councils=None))
    assert {piece.part for piece in bench.vault.pieces()} == {Part.AUDIO, Part.PEAKS}
    with pytest.raises(Refused, match=why):
        await bench.room.transcript(READER, kept.id)
    await bench.close()


# Off unless asked for; a model that is not there is said, and nothing else is lost.
def test_given_the_setting_when_off_or_without_models_then_no_scribe_or_a_plain_word(tmp_path: Path) -> None:
    assert scribe_of(Settings(var=tmp_path)) is None
    scribe = scribe_of(Settings(var=tmp_path, cache=tmp_path / "empty", transcripts=True))
    assert scribe is not None
    with pytest.raises(GuildhallError, match="model"):
        scribe.words(bytes(16000))
