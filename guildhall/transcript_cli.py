"""``guildhall recordings transcript``: what was said, by the right to listen, in the audit log."""

from __future__ import annotations

import json

import typer

from guildhall.recordings_asking import AsRole, AsUser, Councils, Id, Json, asked, person_of
from kernel.recording import RecordingId
from recordings.core.policy import Role


def transcript(
    recording: Id,
    *,
    json_: Json = False,
    as_user: AsUser = None,
    role: AsRole = Role.OPERATOR,
    council: Councils = None,
) -> None:
    """Print what was said, as a machine read it: nobody checked it. Goes into the audit log, as listening does."""
    person = person_of(as_user, role, council)
    text = asked(lambda recordings: recordings.room.transcript(person, RecordingId(recording)))
    typer.echo(json.dumps({"id": recording, "text": text}) if json_ else text or "(nobody said a word)", nl=not text)
