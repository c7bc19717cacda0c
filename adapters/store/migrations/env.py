"""Alembic runs this file; the connection comes from ``adapters.store.engine.migrate``."""

from __future__ import annotations

from alembic import context

from adapters.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite cannot ALTER most things: Alembic copies the table instead.
    render_as_batch=True,
)
context.run_migrations()
