"""A past call explained out of the store's facts."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from acd.core.explain_past import explain_past
from adapters.store.call_history import SqlCallHistory
from adapters.store.contact_notes import note_heads
from adapters.store.engine import open_engine
from adapters.store.fact_store import FactStore
from guildhall.settings import Settings
from kernel.errors import GuildhallError
from kernel.ids import ContactId


async def lines_of(settings: Settings, contact: ContactId) -> Mapping[str, Any] | None:
    """Explain a call out of the facts from its first to its last; None when there are none.

    Raises ``GuildhallError`` when there is no database to read.
    """
    engine = open_engine(settings.store_url)
    try:
        own = await SqlCallHistory(engine).of(contact)
        if not own:
            return None
        lines = []
        async for line in FactStore(engine).export(float(str(own[0]["t"])), time.time()):
            lines.append(json.loads(line))
            if lines[-1].get("call") == contact and lines[-1]["ev"] == "end":
                break
        told = explain_past(lines, contact)
        heads = await note_heads(engine, contact, time.time())
        return told if told is None or not heads else told | {"notes": heads}
    except (SQLAlchemyError, OSError) as error:
        # The driver's own words may hold the database's address and password.
        raise GuildhallError("no_facts", f"the facts cannot be read ({type(error).__name__})") from None
    finally:
        await engine.dispose()
