"""``guildhall voicemail``: the messages callers left; list, hear, delete, by right, each hearing in the audit log."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.files.message_folder import KEPT_S, MessageFolder
from guildhall.settings import Settings
from kernel.errors import BadInput, Refused
from kernel.ids import TenantId
from kernel.recording import AuditEntry
from recordings.core.policy import Person, Reach, Right, Role, reach

voicemail_app = typer.Typer(no_args_is_help=True, help="The messages callers left: list, hear, delete.")

Name = Annotated[str, typer.Argument(help="The message's name; see 'guildhall voicemail list'.")]
AsUser = Annotated[str | None, typer.Option("--as-user", help="Try it as somebody else; default: you.")]
AsRole = Annotated[Role, typer.Option("--role", help="Try it in another role.")]
Councils = Annotated[list[str] | None, typer.Option("--council", help="Only this council's; may be repeated.")]


def register(app: typer.Typer) -> None:
    """Hang the group under the command line."""
    app.add_typer(voicemail_app, name="voicemail")


def _person(user: str | None, role: Role, councils: list[str] | None) -> Person:
    named = frozenset(TenantId(one) for one in councils) if councils else None
    return Person(user=user or pwd.getpwuid(os.getuid()).pw_name, role=role, councils=named)


def _files(settings: Settings) -> MessageFolder:
    return MessageFolder(settings.var / "pbx" / "spool" / "voicemail")


def _messages(settings: Settings, person: Person, right: Right) -> list[dict[str, Any]]:
    """Those that are there and that this person may see. A message belongs to a council, not to an agent."""
    from guildhall.facts_export import facts_since  # noqa: PLC0415 - SQLAlchemy takes half a second to import

    if reach(person, right) is not Reach.COUNCILS:
        raise Refused("not_allowed", f"the role {person.role} may not {right} messages")
    files = _files(settings)
    facts = asyncio.run(facts_since(settings, time.time() - KEPT_S))
    return [
        fact
        for fact in facts
        if fact["ev"] == "message"
        and (person.councils is None or fact["council"] in person.councils)
        and files.path(fact["name"]).exists()
    ]


def _one(settings: Settings, person: Person, right: Right, name: str) -> dict[str, Any]:
    found = next((one for one in _messages(settings, person, right) if one["name"] == name), None)
    if found is None:
        raise BadInput("no_message", "there is no such message here: see 'guildhall voicemail list'")
    return found


def _audit(settings: Settings, person: Person, action: str, message: dict[str, Any]) -> None:
    """Into the log before it is done: what cannot be logged is not done."""
    from adapters.store.audit_log import SqlAuditLog  # noqa: PLC0415 - as above
    from adapters.store.engine import migrate, open_engine  # noqa: PLC0415 - as above

    async def append() -> None:
        await migrate(settings.store_url)
        database = open_engine(settings.store_url)
        try:
            await SqlAuditLog(database).append(
                AuditEntry(
                    t=time.time(),
                    who=person.user,
                    role=person.role.value,
                    action=action,
                    council=TenantId(message["council"]),
                    details=message["name"],
                )
            )
        finally:
            await database.dispose()

    asyncio.run(append())


@voicemail_app.command("list")
def list_messages(
    *,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")] = False,
    as_user: AsUser = None,
    role: AsRole = Role.OPERATOR,
    council: Councils = None,
) -> None:
    """List the messages that wait, oldest first; after a month they delete themselves."""
    found = _messages(Settings(), _person(as_user, role, council), Right.LIST)
    if json_:
        typer.echo(json.dumps(found, indent=1))
        return
    for one in found:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(one["t"]))
        typer.echo(f"{one['name']}  {when}  {one['seconds']:6.1f} s  {one['council']}  {one['box']}")
    typer.echo(f"{len(found)} messages")


@voicemail_app.command()
def hear(
    name: Name,
    out: Annotated[Path, typer.Option("--out", help="A new file; it is a copy of somebody's voice.")],
    *,
    as_user: AsUser = None,
    role: AsRole = Role.OPERATOR,
    council: Councils = None,
) -> None:
    """Write a message into a new file, mode 0600. Goes into the audit log."""
    settings, person = Settings(), _person(as_user, role, council)
    message = _one(settings, person, Right.LISTEN, name)
    _audit(settings, person, "message_listen", message)
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BadInput("bad_file", f"{out} cannot be written: {error.strerror}") from None
    with os.fdopen(handle, "wb") as target:
        target.write(_files(settings).path(name).read_bytes())
    typer.echo(f"{message['seconds']:.1f} s in {out}")


@voicemail_app.command()
def delete(name: Name, *, as_user: AsUser = None, role: AsRole = Role.OPERATOR, council: Councils = None) -> None:
    """Delete a message. Goes into the audit log."""
    settings, person = Settings(), _person(as_user, role, council)
    message = _one(settings, person, Right.ERASE, name)
    _audit(settings, person, "message_delete", message)
    _files(settings).remove(name)
    typer.echo("deleted")
