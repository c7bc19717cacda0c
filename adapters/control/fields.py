"""The fields of a request, one by one: what is not as it must be raises ``BadInput`` with the name, never the value."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from kernel.errors import BadInput
from kernel.ids import AgentId, ContactId, QueueId, checked_id

_LONGEST_WORD = 64
_MOST_QUEUES = 100
Fields = Mapping[str, object]
Choice = TypeVar("Choice", bound=StrEnum)


def word_of(fields: Fields, name: str) -> str | None:
    """A short text; None where it is not given."""
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_WORD or not value.isprintable():
        raise BadInput("bad_field", f"{name} must be 1 to {_LONGEST_WORD} printable characters")
    return value


def needed(fields: Fields, name: str) -> str:
    """A short text that must be given."""
    value = word_of(fields, name)
    if value is None:
        raise BadInput("missing_field", f"{name} is missing")
    return value


def id_of(fields: Fields, name: str) -> str | None:
    """An id; None where it is not given."""
    value = word_of(fields, name)
    return checked_id(value, name) if value is not None else None


def one_of(fields: Fields, name: str, kind: type[Choice]) -> Choice:
    """One word of a list, which must be given."""
    value = needed(fields, name)
    if value not in list(kind):
        raise BadInput("bad_field", f"{name} must be one of: {', '.join(kind)}")
    return kind(value)


def agent_of(fields: Fields) -> AgentId:
    """The agent, who must be given."""
    return AgentId(checked_id(needed(fields, "agent"), "agent"))


def agent_if_any(fields: Fields) -> AgentId | None:
    """The agent, where one is given."""
    agent = id_of(fields, "agent")
    return None if agent is None else AgentId(agent)


def contact_of(fields: Fields) -> ContactId:
    """The contact, which must be given."""
    return ContactId(checked_id(needed(fields, "contact"), "contact"))


def contact_if_any(fields: Fields) -> ContactId | None:
    """The contact, where one is given."""
    contact = id_of(fields, "contact")
    return None if contact is None else ContactId(contact)


def by_of(fields: Fields) -> str:
    """Whoever asks without saying who has a shell on this machine."""
    return word_of(fields, "by") or "operator"


def queues_of(fields: Fields) -> tuple[QueueId, ...] | None:
    """A list of queues; None where it is not given."""
    value = fields.get("queues")
    if value is None:
        return None
    if not isinstance(value, list) or not 0 < len(value) <= _MOST_QUEUES or not all(isinstance(q, str) for q in value):
        raise BadInput("bad_field", f"queues must be a list of 1 to {_MOST_QUEUES} queues")
    return tuple(QueueId(checked_id(queue, "a queue")) for queue in value)


def whole_of(fields: Fields, name: str) -> int | None:
    """A whole number; None where it is not given."""
    value = fields.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise BadInput("bad_field", f"{name} must be a whole number")
    return value
