"""Promises to ring back; at most one open one for a number of a council."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; its partial index is what forbids a second promise."""
    op.create_table(
        "callbacks",
        sa.Column("contact", sa.String(64), primary_key=True),
        sa.Column("council", sa.String(64), nullable=False),
        sa.Column("queue", sa.String(64), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("number", sa.String(32)),
        sa.Column("shown", sa.String(32), nullable=False),
        sa.Column("arrived", sa.Double, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
    )
    is_open = sa.text("state = 'open'")
    op.create_index(
        "callbacks_once",
        "callbacks",
        ["council", "number"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def downgrade() -> None:
    """Take the promises out."""
    op.drop_table("callbacks")
