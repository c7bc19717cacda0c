"""The PBX's files of a recording: which are there, and their deletion."""

from __future__ import annotations

from kernel.recording import Recording
from recordings.core.naming import AGENT, CALLER, MIX, file_name
from recordings.ports import Workshop


def originals_of(recording: Recording, workshop: Workshop) -> list[str]:
    """The names of a recording's files that are there."""
    ours = {file_name(recording.call, recording.join, side) for side in (MIX, CALLER, AGENT)}
    return sorted(ours & set(workshop.names()))


def delete_originals(recording: Recording, workshop: Workshop) -> int:
    """Delete a recording's files; how many there were."""
    names = originals_of(recording, workshop)
    for name in names:
        workshop.delete(name)
    return len(names)
