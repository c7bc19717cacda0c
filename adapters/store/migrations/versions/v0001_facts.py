"""The first schema: facts, their writers, and the outbox's cursor."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "facts",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("t", sa.Double, nullable=False),
        sa.Column("ev", sa.String(32), nullable=False),
        sa.Column("call", sa.String(64)),
        sa.Column("agent", sa.String(64)),
        sa.Column("src", sa.String(32)),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("facts_by_call", "facts", ["call", "ev"])
    op.create_index("facts_by_agent", "facts", ["ev", "agent", "seq"])
    op.create_index("facts_by_time", "facts", ["t"])
    op.create_table(
        "writers",
        sa.Column("writer", sa.String(32), primary_key=True),
        sa.Column("stored_through", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("published_through", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop them, with all that is in them."""
    op.drop_table("outbox")
    op.drop_table("writers")
    op.drop_table("facts")
