"""Sessions and links: who is logged in, and what an address that was given to somebody opens, for how long."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass

from kernel.errors import Refused
from kernel.visitor import Visitor

#: Away from the desk for so long, or a day's work: log in again. Seconds.
IDLE_S = 30 * 60.0
LONGEST_S = 12 * 3600.0
#: A link is for playing now, not for keeping.
LINK_S = 10 * 60.0
#: Wrong passwords in a row before a name rests, and how long.
MOST_WRONG = 5
REST_S = 15 * 60.0
#: Sessions and names remembered; a flood of either pushes out the oldest.
_MOST = 10_000


@dataclass(slots=True)
class _Session:
    visitor: Visitor
    began: float
    seen: float


class Sessions:
    """In memory only: a restart logs people out. ``now``: seconds that never run backwards."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._sessions: dict[str, _Session] = {}
        self._wrong: dict[str, tuple[int, float]] = {}
        self._key = secrets.token_bytes(32)

    def resting(self, user: str) -> bool:
        """Whether this name was tried too often: not even the right password is looked at."""
        count, since = self._wrong.get(user, (0, 0.0))
        return count >= MOST_WRONG and self._now() - since < REST_S

    def wrong(self, user: str) -> None:
        """A wrong password."""
        count, since = self._wrong.get(user, (0, 0.0))
        if self._now() - since >= REST_S:
            count = 0
        self._wrong[user] = (count + 1, self._now())
        while len(self._wrong) > _MOST:
            self._wrong.pop(next(iter(self._wrong)))

    def begin(self, visitor: Visitor) -> str:
        """Log somebody in; the token for her cookie. Only its digest is kept."""
        self._wrong.pop(visitor.user, None)
        token = secrets.token_urlsafe(32)
        self._sessions[_digest(token)] = _Session(visitor, self._now(), self._now())
        while len(self._sessions) > _MOST:
            self._sessions.pop(next(iter(self._sessions)))
        return token

    def of(self, token: str, *, counts: bool = True) -> Visitor | None:
        """Who has this token; None when it is over or never was. ``counts``: her session lasts longer by it."""
        found = self._sessions.get(_digest(token))
        if found is None:
            return None
        now = self._now()
        if now - found.seen > IDLE_S or now - found.began > LONGEST_S:
            self.end(token)
            return None
        if counts:
            found.seen = now
        return found.visitor

    def end(self, token: str) -> None:
        """Log out."""
        self._sessions.pop(_digest(token), None)

    def link(self, visitor: Visitor, recording: str, form: str) -> str:
        """An address's secret part: opens this for her alone, for ten minutes."""
        until = self._now() + LINK_S
        text = json.dumps([recording, form, visitor.user, round(until)], separators=(",", ":")).encode()
        return f"{urlsafe_b64encode(text).decode().rstrip('=')}.{self._sign(text)}"

    def opened(self, link: str, visitor: Visitor) -> tuple[str, str]:
        """What a link opens: recording, form. Raises ``Refused`` for another's, one that is over, one made up."""
        body, _, signature = link.partition(".")
        try:
            text = urlsafe_b64decode(body + "=" * (-len(body) % 4))
            good = hmac.compare_digest(self._sign(text), signature)
            recording, form, user, until = json.loads(text) if good else ("", "", "", 0)
        except (ValueError, TypeError):
            raise _no_link() from None
        if not good or user != visitor.user or self._now() > until:
            raise _no_link()
        return str(recording), str(form)

    def _sign(self, text: bytes) -> str:
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _no_link() -> Refused:
    return Refused("no_link", "this link is over, or belongs to somebody else: ask for a new one")
