"""Notes on contacts as they are kept: sealed under the recordings' master key, for as long as the council says."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.contact_notes import SqlContactNotes
from adapters.vault.directory import MasterKeys
from adapters.vault.notes import open_note, seal_note
from kernel.tenant import Tenant

#: A month: what was agreed on the telephone is done by then, or stands in the council's own records.
USUAL_DAYS = 30
#: The purpose in ``retention:`` of ``tenant.yaml``.
PURPOSE = "notes"


def notes_store(database: AsyncEngine, keys: MasterKeys) -> SqlContactNotes:
    """Notes in the database."""
    return SqlContactNotes(database, lambda n, t: seal_note(keys, n, t), lambda n, t: open_note(keys, n, t))


def days_of(tenant: Tenant | None) -> int:
    """How many days a council keeps notes: by its own rule for them; none of its rules for recordings counts."""
    return USUAL_DAYS if tenant is None else tenant.retention_days.get(PURPOSE, USUAL_DAYS)
