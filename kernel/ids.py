"""Typed ids: a contact is never mistaken for a call, an agent never for a queue."""

from __future__ import annotations

import re
from typing import NewType

from kernel.errors import BadInput

#: A contact waits and is routed; it survives transfer and callback. Made by the dialplan from the
#: caller's uniqueid, so that it exists even when the engine is away: ``c1764000000-12``.
ContactId = NewType("ContactId", str)
#: One channel (Asterisk's uniqueid): ``1764000000.12``.
LegId = NewType("LegId", str)
#: One ring of one agent for one contact. Unique over restarts: ``<epoch>-<n>``.
OfferId = NewType("OfferId", str)
#: One parting of caller and agent: a consult, or a hold. ``<contact>-c<ms>``, or ``-h<ms>`` for a hold:
#: its recording is found by name.
ConsultId = NewType("ConsultId", str)
#: ``<council>-a001``.
AgentId = NewType("AgentId", str)
#: ``<council>.<name>``.
QueueId = NewType("QueueId", str)
#: A council: ``northmere``.
TenantId = NewType("TenantId", str)

#: Ids reach file names, channel variables and AMI headers, so they hold nothing that any of these could read
#: as syntax (SECURITY classes V03-V06): no comma, ``&``, quote, slash or white space.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def checked_id(text: str, what: str) -> str:
    """Return ``text`` when it may serve as an id, else raise ``BadInput`` naming ``what``."""
    if not _ID.fullmatch(text) or ".." in text:
        raise BadInput("bad_id", f"{what} may hold letters, digits, '-', '_' and single '.', at most 64 characters")
    return text
