"""The tables, as SQLAlchemy sees them; ``migrations/`` brings a database to this shape."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Double, Index, Integer, MetaData, String, Table, Text, text

METADATA = MetaData()
_OPEN = text("state = 'open'")

#: SQLite numbers rows by itself only in a column of exactly the type INTEGER.
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")

#: What happened, in the order it happened: ``seq`` is the order, and the order of commits too.
FACTS = Table(
    "facts",
    METADATA,
    Column("seq", _NUMBER, primary_key=True, autoincrement=True),
    Column("t", Double, nullable=False),  # Unix seconds
    Column("ev", String(32), nullable=False),
    Column("call", String(64)),
    Column("agent", String(64)),
    Column("src", String(32)),
    Column("body", Text, nullable=False),  # the whole line of the export, as JSON
    Index("facts_by_call", "call", "ev"),
    Index("facts_by_agent", "ev", "agent", "seq"),
    Index("facts_by_time", "t"),
    # Without it SQLite gives the number of a deleted last row (retention) out again.
    sqlite_autoincrement=True,
)

#: How far each writer (one life of an engine) got. Written with the facts in one transaction, so that a batch whose
#: commit was cut off can be sent again and is stored once.
WRITERS = Table(
    "writers",
    METADATA,
    Column("writer", String(32), primary_key=True),
    Column("stored_through", BigInteger, nullable=False),  # the writer's own count of facts
)

#: How far the facts are published, one row a broker. All facts above wait for their broker: this is the outbox.
OUTBOX = Table(
    "outbox",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("published_through", BigInteger, nullable=False),  # facts.seq
)

#: The catalogue of recordings, one row a join. Columns above the line are what the chain covers (``content`` digests
#: them with ``salt``) and become NULL when the recording is erased; those below stay.
RECORDINGS = Table(
    "recordings",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("call", String(64)),
    Column("join_no", Integer),
    Column("kind", String(16)),
    Column("queue", String(64)),
    Column("agent", String(64)),
    Column("began", Double),  # Unix seconds
    Column("ended", Double),
    Column("seconds", Double),
    Column("sha256", String(64)),  # of the sealed audio's plain content
    Column("size", BigInteger),
    # --- not covered by the chain: they change, and the audit log tells how
    Column("council", String(64), nullable=False),
    Column("outcome", String(32)),
    Column("purpose", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("why", String(200)),
    Column("gaps", Text),  # JSON
    Column("figures", Text),  # JSON
    Column("subject", String(64)),  # keyed digest of the caller's number
    Column("keep_until", String(10), nullable=False),  # ISO day
    Column("hold", String(200)),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Double, nullable=False),  # Unix seconds: when the worker tries again
    # --- the chain: NULL until the recording is kept
    Column("chain_no", BigInteger),
    Column("salt", String(32)),
    Column("content", String(64)),
    Column("prev", String(64)),
    Column("hash", String(64)),
    Index("recordings_by_join", "call", "join_no", "kind", unique=True),
    Index("recordings_by_chain", "chain_no", unique=True),
    Index("recordings_by_begin", "began"),
    Index("recordings_by_state", "state", "not_before"),
    Index("recordings_by_subject", "subject"),
)

#: Who listened to, exported, held or deleted which recording, hash-chained. A trigger refuses UPDATE and DELETE.
RECORDING_AUDIT = Table(
    "recording_audit",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3 … without a gap
    Column("t", Double, nullable=False),  # Unix seconds
    Column("who", String(64), nullable=False),
    Column("role", String(32), nullable=False),
    Column("action", String(32), nullable=False),
    Column("recording", String(32)),
    Column("council", String(64)),
    Column("details", Text, nullable=False),
    Column("prev", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("recording_audit_by_recording", "recording"),
)

#: Whose call it was: a keyed digest of the caller's number (the key is the vault's), never the number.
RECORDING_SUBJECTS = Table(
    "recording_subjects",
    METADATA,
    Column("call", String(64), primary_key=True),
    Column("subject", String(64), nullable=False),
    Index("recording_subjects_by_subject", "subject"),
)

#: Promises to ring back. ``number`` is NULL once the promise is over.
CALLBACKS = Table(
    "callbacks",
    METADATA,
    Column("contact", String(64), primary_key=True),
    Column("council", String(64), nullable=False),
    Column("queue", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("number", String(32)),
    Column("shown", String(32), nullable=False),  # the council's number
    Column("arrived", Double, nullable=False),  # Unix seconds: the place in the queue
    Column("state", String(16), nullable=False),  # open, over
    # The pair of an open one stands once: the migration makes the index partial.
    Index("callbacks_once", "council", "number", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
)

#: Needs of callers, by keyed digest of their number and by council; each has an end.
CALLER_NEEDS = Table(
    "caller_needs",
    METADATA,
    Column("subject", String(64), primary_key=True),
    Column("council", String(64), primary_key=True),
    Column("need", String(16), primary_key=True),
    Column("source", String(16), nullable=False),
    Column("by", String(64), nullable=False),
    Column("purpose", String(200), nullable=False),
    Column("since", Double, nullable=False),  # Unix seconds
    Column("until", Double, nullable=False),
    Index("caller_needs_by_end", "until"),
)


def _said_on_a_call() -> tuple[Column[Any], ...]:
    """Give what every kept text of a call has: whose it is, until when. Made anew, for a table owns its columns."""
    return (
        Column("id", _NUMBER, primary_key=True, autoincrement=True),
        Column("call", String(64), nullable=False),
        Column("council", String(64), nullable=False),
        Column("subject", String(64)),  # keyed digest of the caller's number
        Column("t", Double, nullable=False),  # Unix seconds
        Column("keep_until", Double, nullable=False),
    )


#: What agents noted on a contact for the next one. ``sealed``: under the master key of the recordings.
CONTACT_NOTES = Table(
    "contact_notes",
    METADATA,
    *_said_on_a_call(),
    Column("by", String(64), nullable=False),
    Column("sealed", Text, nullable=False),
    Index("contact_notes_by_call", "call"),
    Index("contact_notes_by_subject", "subject"),
    Index("contact_notes_by_end", "keep_until"),
    # An id that was given out must never name another caller's note.
    sqlite_autoincrement=True,
)

#: What callers said to steering, where a council's rule keeps it. ``sealed``: under the master key of the recordings.
STEERED_WORDS = Table(
    "steered_words",
    METADATA,
    *_said_on_a_call(),
    Column("purpose", String(200), nullable=False),
    Column("intent", String(64)),
    Column("sure", Double, nullable=False),
    Column("sealed", Text, nullable=False),
    Index("steered_words_by_call", "call"),
    Index("steered_words_by_subject", "subject"),
    Index("steered_words_by_end", "keep_until"),
    # An id that was given out must never name another caller's words.
    sqlite_autoincrement=True,
)
