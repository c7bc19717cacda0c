"""What callers said, kept by a council's rule through the real store: the test card number is found nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from adapters.vault.key_file import FileKeys
from guildhall.kept_words import CouncilWords
from kernel.facts import as_line
from kernel.hearing import Heard
from kernel.meaning import Answer, Meaning
from kernel.steering import SteeringBook, WordsRule
from tests.fakes.around_a_call import StoppedClock
from tests.fakes.caller_line import FakeCallerLine
from tests.fakes.said_words import BINS, CALL, INTENTS, RULE, disk_of, says, store_of

pytestmark = pytest.mark.shell

#: The test card of the schemes' own pages, as callers say it and as recognisers write it.
CARDS = (
    "my card is 4111 1111 1111 1111 for the council tax",
    "it is 4111-1111-1111-1111 thank you",
    "four one one one one one one one double one one one triple one one please take it",
    "forty one eleven eleven eleven eleven eleven eleven eleven on my visa",
)
#: A card's code, and a card as an engine heard it ("four one one one …", cut short): docs/steering-review.md.
SHORTER = (
    ("my security code is one two three", "my security code is [number]"),
    ("the code is 123, thanks", "the code is [number], thanks"),
    ("pay my council tax with card for one-one-one.", "pay my council tax with card [number]."),
    ("two of my three bins at number 12 were missed", "two of my three bins at number 12 were missed"),
    ("I need to talk to one person for a minute", "I need to talk to one person for a minute"),
)


# P21: 0 hits of the test PAN in logs, DB, facts, transcripts; issue 5: "card numbers filtered".
@pytest.mark.parametrize("text", CARDS)
async def test_p21_given_a_card_number_said_to_steering_when_kept_then_it_is_found_nowhere(
    text: str, engine: AsyncEngine, keys: FileKeys, tmp_path: Path
) -> None:
    store = store_of(engine, keys)
    with capture_logs() as logs:
        facts = await says(text, store, keys, RULE)
    kept = await store.of_calls([CALL])
    assert [one.intent for one in kept] == ["bins"]
    told = " ".join([*(one.text for one in kept), repr(kept), repr(logs), *(str(as_line(fact)) for fact in facts)])
    assert "[number]" in told
    assert "4111" not in told
    for words in ("one one", "eleven eleven", "double one"):
        assert words not in told
    on_disk = disk_of(tmp_path)
    # Sealed besides: not even the words around it.
    for run in ("41111111", "1111 1111", "four one one", "eleven eleven", "council tax", "thank you"):
        assert run.encode() not in on_disk


# V16: "CVV never stored, even encrypted": three digits are as bad as sixteen; words about bins stay.
@pytest.mark.parametrize(("text", "kept"), SHORTER)
async def test_p21_given_a_short_number_said_to_steering_when_kept_then_it_is_hidden_and_nothing_else(
    text: str, kept: str, engine: AsyncEngine, keys: FileKeys
) -> None:
    store = store_of(engine, keys)
    await says(text, store, keys, RULE)
    assert [one.text for one in await store.of_calls([CALL])] == [kept]


# "off by default": without a council's own rule nothing at all is kept; nor are answers, or a cry for a person.
@pytest.mark.parametrize(
    ("rule", "text", "meaning"),
    [
        (None, "my bin was missed", BINS),
        (RULE, "yes please", Meaning(answer=Answer.YES, guesses=BINS.guesses)),
        (RULE, "a person please", Meaning(wants_person=True)),
        (RULE, "bins", BINS),
    ],
)
async def test_given_no_rule_or_nothing_to_learn_when_said_then_nothing_is_kept(
    rule: WordsRule | None, text: str, meaning: Meaning, engine: AsyncEngine, keys: FileKeys
) -> None:
    store = store_of(engine, keys)
    await says(text, store, keys, rule, meaning)
    assert await store.of_calls([CALL]) == []


# V10, V14: what an engine makes of a caller's sound is hostile too: an engineer reads it on a terminal and on a page.
async def test_v10_given_words_with_control_characters_when_kept_then_none_of_them_is_there(
    engine: AsyncEngine, keys: FileKeys
) -> None:
    store = store_of(engine, keys)
    await says("my bin\x1b]0;owned\x07 was\r\nnot\u202e emptied\x00", store, keys, RULE)
    [kept] = await store.of_calls([CALL])
    assert kept.text == "my bin ]0;owned was not emptied"


async def test_given_a_store_that_fails_when_said_then_the_call_goes_on(keys: FileKeys) -> None:
    book = SteeringBook(intents=INTENTS, words=RULE)
    words = CouncilWords(None, lambda _council: book, keys.subject, StoppedClock().now)  # type: ignore[arg-type]  # a store that fails
    with capture_logs() as logs:
        words.keep(FakeCallerLine(), Heard(text="my bin is full", confidence=1, engine="f", took_s=0), BINS)
    assert "bin" not in repr(logs)
    assert [entry["log_level"] for entry in logs] == ["error"]
