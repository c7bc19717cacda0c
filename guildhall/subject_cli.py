"""``guildhall recordings subject`` and ``forget``: what there is of a caller, and its erasure."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from guildhall.recordings_asking import AsRole, AsUser, Councils, Json, asked, person_of
from kernel.errors import BadInput
from recordings.core.policy import Role
from recordings.core.subject import subject_number

Number = Annotated[
    str,
    typer.Argument(
        help="The caller's number; - reads it from standard input, so that it stands in no shell's history."
    ),
]


def register(recordings_app: typer.Typer) -> None:
    """Hang the commands under the group."""
    recordings_app.command("subject")(subject)
    recordings_app.command("forget")(forget)


def subject(  # noqa: PLR0913 - whose, where to, as whom
    number: Number = "-",
    *,
    out: Annotated[Path, typer.Option("--out", help="A new zip file.")],
    json_: Json = False,
    as_user: AsUser = None,
    role: AsRole = Role.OPERATOR,
    council: Councils = None,
) -> None:
    """Answer a subject access request: audio, texts, facts, words, needs, notes of a number in one archive."""
    from guildhall.subject_access import export_subject  # noqa: PLC0415 - SQLAlchemy takes half a second to import

    person, plain = person_of(as_user, role, council), read_number(number)
    told = asked(lambda recordings: export_subject(recordings, person, plain, out))
    said = f"{told['calls']} calls, {told['recordings']} recordings, {_beside(told)} in {out}"
    typer.echo(json.dumps(told) if json_ else said)


def forget(  # noqa: PLR0913 - whose, why, where to, as whom
    number: Number = "-",
    *,
    why: Annotated[str, typer.Option(help="Why: a request's number, no names.")],
    certificate: Annotated[Path | None, typer.Option(help="A new file for the certificate.")] = None,
    json_: Json = False,
    as_user: AsUser = None,
    role: AsRole = Role.OPERATOR,
    council: Councils = None,
) -> None:
    """Answer an erasure request: delete recordings (but on legal hold), words, needs and notes of a number."""
    from guildhall.subject_access import erase_subject  # noqa: PLC0415 - the same

    person, plain = person_of(as_user, role, council), read_number(number)
    told = asked(lambda recordings: erase_subject(recordings, person, plain, why))
    if certificate is not None:
        with certificate.open("x", encoding="utf-8") as target:
            json.dump(told, target, indent=1)
    held = f", {len(told['held'])} kept under a legal hold" if told["held"] else ""
    typer.echo(json.dumps(told) if json_ else f"{len(told['erased'])} recordings, {_beside(told)} erased{held}")


def _beside(told: Mapping[str, Any]) -> str:
    """What there was of the number besides recordings."""
    return f"{told['words']} sentences, {told['needs']} needs, {told['notes']} notes"


def read_number(number: str) -> str:
    """The number in its one form. Raises ``BadInput``, without repeating it."""
    plain = subject_number(sys.stdin.readline().strip() if number == "-" else number)
    if plain is None:
        # The text itself is not repeated: it may be somebody's number.
        raise BadInput("bad_number", "a number is written like 01632 960101 or +44 1632 960101")
    return plain
