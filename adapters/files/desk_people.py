"""Who may log in to the desk: a file of names, roles, councils and password hashes, its owner's alone."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kernel.errors import BadInput, GuildhallError
from kernel.ids import AgentId, TenantId, checked_id
from kernel.visitor import Visitor

#: OWASP's second choice for argon2id: 19 MiB, two passes. The passwords are generated: nobody tries a dictionary.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: 24 characters of 64: 144 bits.
_PASSWORD_BYTES = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    visitor: Visitor
    hash: str


class DeskPeople:
    """Reads the file when it has changed; writes it whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._people: dict[str, _Person] = {}
        # What a name that is not there is compared with, so that it takes as long.
        self._nobody = _HASHER.hash(secrets.token_urlsafe(_PASSWORD_BYTES))

    def check(self, user: str, password: str) -> Visitor | None:
        """Who this is; None for a wrong name or password alike. Blocks for some 50 ms."""
        found = self._read().get(user)
        try:
            _HASHER.verify(found.hash if found else self._nobody, password)
        except (VerificationError, InvalidHashError):
            return None
        return found.visitor if found else None

    def still(self, visitor: Visitor) -> bool:
        """Whether this person is still there, with the same role and councils."""
        found = self._read().get(visitor.user)
        return found is not None and found.visitor == visitor

    def all(self) -> list[Visitor]:
        """Everyone."""
        return [one.visitor for one in self._read().values()]

    def add(self, visitor: Visitor, owner: tuple[int, int] | None = None) -> str:
        """Let somebody in, or give her a new password; return it: it is shown once and stored nowhere."""
        checked_id(visitor.user, "a name")
        password = secrets.token_urlsafe(_PASSWORD_BYTES)
        people = dict(self._read())
        people[visitor.user] = _Person(visitor=visitor, hash=_HASHER.hash(password))
        self._write(people, owner)
        return password

    def remove(self, user: str, owner: tuple[int, int] | None = None) -> None:
        """Let somebody in no longer; her session ends with her next request. Raises ``BadInput``."""
        people = dict(self._read())
        if people.pop(user, None) is None:
            raise BadInput("unknown_person", "nobody of that name may log in: see 'guildhall desk list'")
        self._write(people, owner)

    def _read(self) -> dict[str, _Person]:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            self._stamp, self._people = None, {}
            return self._people
        if found.st_mode & 0o077:
            raise GuildhallError("open_secret", f"{self._path} can be read by others: chmod 600 it")
        stamp = (found.st_mtime_ns, found.st_ino)
        if stamp != self._stamp:
            try:
                rows = json.loads(self._path.read_text(encoding="utf-8"))
                people = {row["user"]: _person(row) for row in rows}
            except (ValueError, KeyError, TypeError) as error:
                raise GuildhallError("bad_people", f"{self._path} cannot be read: {type(error).__name__}") from None
            if len(people) < len(rows):
                # Whichever row was meant: the other one's role would be given without a word.
                raise GuildhallError("bad_people", f"{self._path} cannot be used: a name stands twice")
            self._stamp, self._people = stamp, people
        return self._people

    def _write(self, people: dict[str, _Person], owner: tuple[int, int] | None) -> None:
        rows = [
            {
                "user": one.visitor.user,
                "role": one.visitor.role,
                "councils": sorted(one.visitor.councils),
                "agent": one.visitor.agent,
                "hash": one.hash,
            }
            for one in people.values()
        ]
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}")
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(rows, out, indent=1)
            out.write("\n")
        if owner is not None:
            os.chown(partial, *owner)
        partial.rename(self._path)


def _person(row: dict[str, object]) -> _Person:
    councils, agent = row["councils"], row.get("agent")
    if not isinstance(councils, list):
        raise TypeError
    return _Person(
        visitor=Visitor(
            user=str(row["user"]),
            role=str(row["role"]),
            councils=frozenset(TenantId(str(one)) for one in councils),
            agent=None if agent is None else AgentId(str(agent)),
        ),
        hash=str(row["hash"]),
    )
