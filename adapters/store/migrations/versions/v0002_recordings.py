"""The catalogue of recordings and its audit log, which the database itself keeps from being changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_APPEND_ONLY = "the audit log is append-only"


def upgrade() -> None:
    """Create the two tables, their indexes and the triggers."""
    _create_catalogue()
    _create_audit()
    _forbid_changes()


def _create_catalogue() -> None:
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("call", sa.String(64)),
        sa.Column("join_no", sa.Integer),
        sa.Column("kind", sa.String(16)),
        sa.Column("queue", sa.String(64)),
        sa.Column("agent", sa.String(64)),
        sa.Column("began", sa.Double),
        sa.Column("ended", sa.Double),
        sa.Column("seconds", sa.Double),
        sa.Column("sha256", sa.String(64)),
        sa.Column("size", sa.BigInteger),
        sa.Column("council", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(32)),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("why", sa.String(200)),
        sa.Column("gaps", sa.Text),
        sa.Column("figures", sa.Text),
        sa.Column("subject", sa.String(64)),
        sa.Column("keep_until", sa.String(10), nullable=False),
        sa.Column("hold", sa.String(200)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", sa.Double, nullable=False),
        sa.Column("chain_no", sa.BigInteger),
        sa.Column("salt", sa.String(32)),
        sa.Column("content", sa.String(64)),
        sa.Column("prev", sa.String(64)),
        sa.Column("hash", sa.String(64)),
    )
    op.create_index("recordings_by_join", "recordings", ["call", "join_no", "kind"], unique=True)
    op.create_index("recordings_by_chain", "recordings", ["chain_no"], unique=True)
    op.create_index("recordings_by_begin", "recordings", ["began"])
    op.create_index("recordings_by_state", "recordings", ["state", "not_before"])
    op.create_index("recordings_by_subject", "recordings", ["subject"])


def _create_audit() -> None:
    op.create_table(
        "recording_audit",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("t", sa.Double, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("recording", sa.String(32)),
        sa.Column("council", sa.String(64)),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("prev", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("recording_audit_by_recording", "recording_audit", ["recording"])


def _forbid_changes() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION recording_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$BEGIN RAISE EXCEPTION '{_APPEND_ONLY}'; END$$"
        )
        op.execute(
            "CREATE TRIGGER recording_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON recording_audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION recording_audit_is_append_only()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER recording_audit_no_{change.lower()} BEFORE {change} ON recording_audit "
            f"BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END"
        )


def downgrade() -> None:
    """Drop them, with all that is in them."""
    op.drop_table("recording_audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION recording_audit_is_append_only()")
    op.drop_table("recordings")
