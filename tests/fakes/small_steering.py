"""A council of two intents that teaches itself in a moment, with five weeks of calls of which the last was worse."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from adapters.store.engine import migrate, open_engine
from adapters.store.fact_store import FactStore
from adapters.store.steered_words import SqlSteeredWords
from adapters.vault.notes import open_note, seal_note
from guildhall.recordings_keys import recording_keys
from guildhall.settings import HOME, Settings
from kernel.ids import ContactId
from kernel.steered_words import KeptWords
from tests.fakes.small_county import make_small
from tests.fakes.steered_weeks import NORTHMERE, Told, call_facts

DAY_S = 86400.0
SAID = "they never took the purple one"
#: A council that teaches itself everything: twelve phrases are learned in a moment, without any model.
INTENTS = """# Ours.
words: {days: 28, purpose: to teach steering}
intents:
  missed_bin:
    says: intent_missed_bin
    phrases:  # what they say
      - my bin was not emptied
      - the bin men missed us
      - bin not collected
      - rubbish is still here

  council_tax:
    says: intent_council_tax
    phrases: [my council tax bill, pay council tax, council tax is wrong, what tax do I owe]
out_of_scope: [the weather in Spain, a train to London]
"""
STEERING = """start: ask
steps:
  ask:
    verb: steer
    prompts: [welcome]
    intents: {missed_bin: waste, council_tax: tax}
    no_input: person
    no_match: person
    tries: 1
  waste: {verb: enqueue, queue: northmere.waste}
  tax: {verb: enqueue, queue: northmere.council_tax}
  person: {verb: enqueue, queue: northmere.general}
"""


def small_steering(folder: Path) -> Path:
    """The councils' files, made in ``folder``."""
    dialplans = make_small(Path(shutil.copytree(HOME / "dialplans", folder)))
    (dialplans / "_shared/intents.yaml").write_text("{}\n", "utf-8")
    (dialplans / "northmere/intents.yaml").write_text(INTENTS, "utf-8")
    (dialplans / "northmere/flows/main.yaml").write_text(STEERING, "utf-8")
    (dialplans / "northmere/flows/main.test.yaml").unlink()
    return dialplans


async def tell_weeks(settings: Settings) -> None:
    """Store the weeks' facts, and one kept sentence of a misunderstood call."""
    await migrate(settings.store_url)
    database = open_engine(settings.store_url)
    keys, facts = recording_keys(settings), FactStore(database, spill=settings.var / "spill.jsonl")
    words = SqlSteeredWords(database, lambda n, t: seal_note(keys, n, t), lambda n, t: open_note(keys, n, t))
    now, number = time.time(), 0
    for week in range(5):
        for at in range(60):
            number += 1
            wrong = at % 4 == 0 if week == 4 else at % 20 == 0
            told = Told(ways=(("straight", "council_tax"),), queue="northmere.council_tax", reason="missed_bin")
            t = now - (5 - week) * 7 * DAY_S + 3600.0 + at * 600.0
            for fact in call_facts(told if wrong else Told(), t, number):
                facts.put(fact)
                if week == 4 and at == 0 and fact.ev == "end":
                    words.put(_kept(fact.call, t, now))  # type: ignore[attr-defined]  # an end has its call
    await facts.flush()
    await words.flush()
    await database.dispose()


def _kept(call: ContactId, t: float, now: float) -> KeptWords:
    return KeptWords(
        call=call,
        council=NORTHMERE,
        subject=None,
        t=t,
        keep_until=now + DAY_S,
        purpose="to teach steering",
        text=SAID,
        intent="council_tax",
        sure=0.6,
    )
