"""The recording's rule of each queue as the dialplan reads it, so that it holds while the engine is away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kernel.errors import BadInput
from kernel.ids import checked_id
from kernel.queues import Queue

#: What may stand in a sound's path.
_PATH = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_-.")


def recording_globals(queues: Sequence[Queue], notice: Mapping[str, str], ask: Mapping[str, str]) -> str:
    """Lines for ``[globals]``. ``notice`` and ``ask``: council -> sound path without extension.

    Raises ``BadInput`` for an id or a path that Asterisk would read as syntax.
    """
    lines = []
    for queue in queues:
        name = checked_id(queue.id, "a queue")
        lines.append(f"GH_RULE_{name}={queue.recording.record.value}")
        lines.append(f"GH_TELL_{name}={queue.recording.announce.value}")
    for variable, sounds in (("GH_NOTICE", notice), ("GH_ASK", ask)):
        for council, path in sounds.items():
            if not set(path) <= _PATH:
                raise BadInput("bad_conf_value", "a sound's path holds a character that Asterisk reads as syntax")
            lines.append(f"{variable}_{checked_id(council, 'a council')}={path}")
    return "".join(f"{line}\n" for line in lines)
