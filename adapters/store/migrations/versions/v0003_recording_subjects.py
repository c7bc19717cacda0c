"""Whose call it was: a keyed digest of the caller's number by contact."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and its index."""
    op.create_table(
        "recording_subjects",
        sa.Column("call", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(64), nullable=False),
    )
    op.create_index("recording_subjects_by_subject", "recording_subjects", ["subject"])
