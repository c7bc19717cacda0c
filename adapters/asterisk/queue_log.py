"""Asterisk's own record of calls that ended: the rows ``[record]`` of asterisk_conf/static.conf adds to queue_log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from kernel.errors import BadInput
from kernel.ids import AgentId, ContactId, QueueId, TenantId, checked_id
from kernel.number import parse_dialled
from kernel.seen import EndedCall

#: Read at most so much of what was written since the last look: some 20,000 calls.
_MOST_BYTES = 4_000_000
#: time|uniqueid|queue|agent|event, then what the dialplan says.
_HEAD, _FIELDS = 5, 8


class QueueLog:
    """Reads what was added since it read last; at first the end of the file."""

    def __init__(self, path: Path, agents: Mapping[str, AgentId]) -> None:
        """``agents``: SIP user -> agent."""
        self._path = path
        self._agents = agents
        self._at = 0

    def new_rows(self) -> tuple[EndedCall, ...]:
        """Return the calls that ended since the last time, in order. A file that is away, or a damaged row, is none."""
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, 2)
                # Rotated: begin anew.
                begin = self._at if self._at <= size else 0
                file.seek(max(begin, size - _MOST_BYTES))
                data = file.read()
        except OSError:
            return ()
        whole = data.rfind(b"\n") + 1
        self._at = size - (len(data) - whole)
        return tuple(self._rows(data[:whole].decode("utf-8", "replace")))

    def _rows(self, text: str) -> Iterator[EndedCall]:
        for line in text.splitlines():
            fields = line.split("|")
            if len(fields) == _HEAD + _FIELDS and fields[4] == "GHEND":
                try:
                    yield self._row(fields[1], fields[_HEAD:])
                except (BadInput, ValueError):
                    continue

    def _row(self, uniqueid: str, fields: list[str]) -> EndedCall:
        tenant, number, queue, arrived, joined, user, why, ended = fields
        return EndedCall(
            contact=ContactId(checked_id("c" + uniqueid.replace(".", "-"), "a contact")),
            tenant=TenantId(checked_id(tenant, "a council")),
            number=parse_dialled(number),
            queue=QueueId(checked_id(queue, "a queue")) if queue and arrived else None,
            began_at=float(uniqueid.partition(".")[0]),
            arrived_at=float(arrived) if arrived else None,
            joined_at=float(joined) if joined and user in self._agents else None,
            agent=self._agents.get(user),
            why=why or None,
            ended_at=float(ended),
        )
