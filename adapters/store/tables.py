"""The tables, as SQLAlchemy sees them; ``migrations/`` brings a database to this shape."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Index, Integer, MetaData, String, Table, Text

METADATA = MetaData()

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
