"""What callers say to steering, kept where their council's rule says so: long numbers hidden, sealed, for some days."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from adapters.store.steered_words import SqlSteeredWords
from ivr.ports import CallerLine
from kernel.hearing import Heard
from kernel.ids import ContactId, TenantId
from kernel.meaning import Meaning
from kernel.steered_words import KeptWords
from kernel.steering import SteeringBook
from recordings.core.subject import subject_number
from recordings.core.transcript import without_digits

log = structlog.get_logger()

_DAY_S = 86400.0
#: The longest turn has 12 s; more is no sentence.
_MOST_CHARACTERS = 500


class CouncilWords:
    """Meets ``ivr.ports.SaidWords``."""

    def __init__(
        self,
        store: SqlSteeredWords,
        book: Callable[[TenantId], SteeringBook | None],
        digest: Callable[[str], str],
        now: Callable[[], float],
    ) -> None:
        self._store, self._book, self._digest, self._now = store, book, digest, now

    def keep(self, line: CallerLine, said: Heard, meaning: Meaning) -> None:
        """Keep a sentence that steering can learn from; an answer to our question is none."""
        try:
            self._keep(line, said, meaning)
        except Exception as error:  # noqa: BLE001 - whatever fails here, the call goes on
            # Type only: the text may hold what was said.
            log.error("what was said cannot be kept", error=type(error).__name__)  # noqa: TRY400 - the same

    def _keep(self, line: CallerLine, said: Heard, meaning: Meaning) -> None:
        book = self._book(TenantId(line.tenant))
        rule = None if book is None else book.words
        if rule is None or meaning.answer is not None or meaning.wants_person or len(said.text.split()) < 2:  # noqa: PLR2004 - a sentence has two words
            return
        number, now = subject_number(line.caller), self._now()
        top = meaning.guesses[0] if meaning.guesses else None
        self._store.put(
            KeptWords(
                call=ContactId(line.contact),
                council=TenantId(line.tenant),
                subject=None if number is None else self._digest(number),
                t=now,
                keep_until=now + rule.days * _DAY_S,
                purpose=rule.purpose,
                text=_harmless(said.text),
                intent=None if top is None else top.intent,
                sure=0.0 if top is None else round(top.sure, 3),
            )
        )


def _harmless(text: str) -> str:
    """Without a card's numbers, nor what an engineer's terminal would obey (V10): a vendor's engine sends anything."""
    return without_digits("".join(one if one.isprintable() else " " for one in text))[:_MOST_CHARACTERS]
