"""One turn of steering with everything real but the ears, and the store of what is kept of it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.steered_words import SqlSteeredWords
from adapters.vault.key_file import FileKeys
from adapters.vault.notes import open_note, seal_note
from guildhall.kept_words import CouncilWords
from ivr.core.effects import NoteSteering, Steer
from ivr.outside import Outside
from ivr.perform import perform
from ivr.ports import Services
from kernel.hearing import Ask, Heard, TurnEnd
from kernel.ids import ContactId, TenantId
from kernel.meaning import Guess, Meaning
from kernel.steering import Intent, SteeringBook, WordsRule
from tests.fakes.around_a_call import Facts, Sounds, StoppedClock
from tests.fakes.caller_line import FakeCallerLine

CALL, NORTHMERE = ContactId("c1764000000-12"), TenantId("northmere")
INTENTS = {"bins": Intent(id="bins", says="bins", phrases=("my bin",))}
RULE = WordsRule(days=28, purpose="to teach steering")


class Said:
    """Ears that heard this, and somebody who makes this of it."""

    def __init__(self, text: str, meaning: Meaning) -> None:
        self._text, self._meaning = text, meaning

    async def turn(self, _line: object, _ask: Ask) -> TurnEnd:
        return Heard(text=self._text, confidence=0.9, engine="fake", took_s=0.1)

    def knows(self, *_asked: object) -> bool:
        return True

    async def understand(self, *_asked: object) -> Meaning:
        return self._meaning


BINS = Meaning(guesses=(Guess(intent="bins", sure=0.7),))


async def says(
    text: str, store: SqlSteeredWords, keys: FileKeys, rule: WordsRule | None, meaning: Meaning = BINS
) -> Facts:
    """One turn of steering with everything real but the ears."""
    book = SteeringBook(intents=INTENTS, words=rule)
    words = CouncilWords(store, lambda _council: book, keys.subject, StoppedClock().now)
    heard, facts = Said(text, meaning), Facts()
    services = Services(ears=heard, understanding=heard, words=words)
    outside = Outside(line=FakeCallerLine(), sounds=Sounds(), facts=facts, clock=StoppedClock(), services=services)
    await perform(Steer(prompts=("ask",), language="en", intents={"bins": ()}), outside)
    note = NoteSteering(flow="main", step="ask", intent="bins", sure=0.7, way="straight", urgency="none")
    await perform(note, outside)
    await store.flush()
    return facts


def store_of(engine: AsyncEngine, keys: FileKeys) -> SqlSteeredWords:
    return SqlSteeredWords(engine, lambda n, t: seal_note(keys, n, t), lambda n, t: open_note(keys, n, t))


def disk_of(folder: Path) -> bytes:
    """Everything the database wrote."""
    return b"".join(path.read_bytes() for path in folder.glob("facts.db*"))
