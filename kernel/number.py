"""The one parser for telephone numbers and dialled digits."""

from __future__ import annotations

import re
from typing import NewType

from kernel.errors import BadInput

#: Digits as dialled: optional ``+``, then 0-9 * #. Safe in a dialplan extension (SECURITY V03).
Dialled = NewType("Dialled", str)

_DIALLED = re.compile(r"\+?[0-9*#]{1,32}")


def parse_dialled(text: str) -> Dialled:
    """Return ``text`` as dialled digits.

    Raises ``BadInput`` for anything else, for instance ``300&PJSIP/x`` (CVE-2010-0685). The text itself is
    not repeated in the error: a dialled number may be a caller's.
    """
    if not _DIALLED.fullmatch(text):
        raise BadInput("bad_number", "a number holds an optional '+' and 1 to 32 of the characters 0-9, * and #")
    return Dialled(text)
