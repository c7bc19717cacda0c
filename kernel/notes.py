"""A note on a contact: what one agent tells the next one who has the caller, with who wrote it and when."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from kernel.errors import BadInput
from kernel.ids import ContactId, TenantId

#: A few sentences: what is longer belongs into the council's own records.
MOST_CHARACTERS = 500
#: More is no contact any more, or a program that went wild.
MOST_A_CALL = 20
#: What stands in the place of a number as long as a card's.
HIDDEN = "[number]"
#: Where the key of a note is not here: that there is one is told all the same.
UNREADABLE = "[this note cannot be read: the key it was sealed with is not here]"

#: Cards have 13 to 19 digits (ISO/IEC 7812). Our telephone numbers have 12 with the country's: notes are for them too.
_CARD = re.compile(r"\d(?:[\s.,/\-\u2013]{0,3}\d){12,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One note. Personal data: sealed in the store, in no fact, log or message."""

    call: ContactId
    council: TenantId
    #: Keyed digest of the caller's number; None when it was withheld.
    subject: str | None = field(repr=False)
    #: Unix seconds: when it was written, and from when on it is deleted.
    t: float
    keep_until: float
    #: An agent's id, or a user of the desk.
    by: str
    text: str = field(repr=False)
    #: The store's own number, once it is there.
    id: int = 0


def note_text(text: str) -> str:
    """The text as it is kept: one line, nothing that a terminal or a page obeys, no number as long as a card's.

    Raises ``BadInput``, without repeating the text, for one that is empty or too long.
    """
    # NFKC: a full-width digit is a digit. Not printable: control, format (bidi) and surrogate characters; the last are
    # what bytes that are no UTF-8 become on a command line.
    plain = "".join(one if one.isprintable() else " " for one in unicodedata.normalize("NFKC", text))
    plain = _CARD.sub(HIDDEN, " ".join(plain.split()))
    if not any(one.isalnum() for one in plain):
        raise BadInput("empty_note", "a note says something: letters or digits")
    if len(plain) > MOST_CHARACTERS:
        message = f"a note has {MOST_CHARACTERS} characters at most, this one has {len(plain)}: say it shorter"
        raise BadInput("note_too_long", message)
    return plain
