"""Needs of callers, and what they said to steering where a council's rule keeps it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "caller_needs",
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("council", sa.String(64), primary_key=True),
        sa.Column("need", sa.String(16), primary_key=True),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("since", sa.Double, nullable=False),
        sa.Column("until", sa.Double, nullable=False),
    )
    op.create_index("caller_needs_by_end", "caller_needs", ["until"])
    op.create_table(
        "steered_words",
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("call", sa.String(64), nullable=False),
        sa.Column("council", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64)),
        sa.Column("t", sa.Double, nullable=False),
        sa.Column("keep_until", sa.Double, nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("intent", sa.String(64)),
        sa.Column("sure", sa.Double, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("steered_words_by_call", "steered_words", ["call"])
    op.create_index("steered_words_by_subject", "steered_words", ["subject"])
    op.create_index("steered_words_by_end", "steered_words", ["keep_until"])


def downgrade() -> None:
    """Take both out."""
    op.drop_table("steered_words")
    op.drop_table("caller_needs")
