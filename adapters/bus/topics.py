"""Where a fact is published: ``guildhall/<council, or all>/<kind>``. A topic holds no personal data."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import BadInput
from kernel.facts import Fact, as_line
from kernel.ids import checked_id

_ROOT = "guildhall"
#: For facts that name no council: the engine's, an agent's, and the steps of a call after its arrival.
_EVERYONE = "all"


def topic_of(fact: Fact) -> str:
    """Return the topic of a fact."""
    return topic_of_line(as_line(fact))


def topic_of_line(line: Mapping[str, object]) -> str:
    """Return the topic of a fact as the export writes it; ``ev`` must be there.

    What may not stand in a topic (``+ # /``, SECURITY: topic injection) is not published under its own name but
    under ``all``: a fact that could not be published would hold up all behind it.
    """
    return f"{_ROOT}/{_level(line.get('council'), _EVERYONE)}/{_level(line['ev'], 'other')}"


def _level(value: object, otherwise: str) -> str:
    try:
        return checked_id(str(value or otherwise), "a topic level")
    except BadInput:
        return otherwise
