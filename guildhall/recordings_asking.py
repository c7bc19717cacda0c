"""How the commands about recordings ask: as whom, in which role, for which councils, and of whom."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from guildhall.settings import Settings
from kernel.ids import AgentId, TenantId
from recordings.core.policy import Person, Role

if TYPE_CHECKING:
    from guildhall.recordings_wiring import Recordings

_Answer = TypeVar("_Answer")
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
Id = Annotated[str, typer.Argument(help="The recording's id; see 'guildhall recordings list'.")]
AsUser = Annotated[str | None, typer.Option("--as-user", help="Try it as somebody else; default: you.")]
AsRole = Annotated[Role, typer.Option("--role", help="Try it in another role.")]
Councils = Annotated[list[str] | None, typer.Option("--council", help="Only this council's; may be repeated.")]
Out = Annotated[Path | None, typer.Option("--out", help="A new file; default: standard output.")]
Anchor = Annotated[str | None, typer.Option(help="A head noted earlier, which the chain must still hold.")]
When = Annotated[str | None, typer.Option(help="Unix seconds, or a time such as 2026-11-22T09:00 (UTC).")]


def person_of(user: str | None, role: Role, councils: list[str] | None) -> Person:
    """Who asks: whoever runs the command, unless told to try it as another."""
    name = user or pwd.getpwuid(os.getuid()).pw_name
    named = frozenset(TenantId(one) for one in councils) if councils else None
    return Person(user=name, role=role, councils=named, agent=AgentId(name) if role is Role.AGENT else None)


def asked(question: Callable[[Recordings], Coroutine[Any, Any, _Answer]]) -> _Answer:
    """The answer. Raises ``GuildhallError``."""
    from guildhall.recordings_desk import ask  # noqa: PLC0415 - SQLAlchemy takes half a second to import

    return ask(Settings(), question)
