"""What agents noted on a contact for the next one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "contact_notes",
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("call", sa.String(64), nullable=False),
        sa.Column("council", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64)),
        sa.Column("t", sa.Double, nullable=False),
        sa.Column("keep_until", sa.Double, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("contact_notes_by_call", "contact_notes", ["call"])
    op.create_index("contact_notes_by_subject", "contact_notes", ["subject"])
    op.create_index("contact_notes_by_end", "contact_notes", ["keep_until"])


def downgrade() -> None:
    """Take it out."""
    op.drop_table("contact_notes")
