"""Digest authentication, the answering side: MD5 and SHA-256 (RFC 2617, RFC 7616, RFC 8760). No I/O."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kernel.errors import Refused

_PAIR = re.compile(r'([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


def _md5(text: str) -> str:
    # usedforsecurity: the standard prescribes MD5 here; nothing of ours rests on it.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


#: Best first.
_ALGORITHMS: dict[str, Callable[[str], str]] = {"SHA-256": _sha256, "MD5": _md5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a server asks in WWW-Authenticate or Proxy-Authenticate."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    opaque: str | None = None
    #: Whether quality of protection ``auth`` is offered; without it the older RFC 2069 form is answered.
    qop_auth: bool = False
    stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is being asked for, by whom."""

    method: str
    uri: str
    user: str
    password: str


def parse_challenge(value: str) -> Challenge | None:
    """Read one challenge; None when it is not Digest or uses an algorithm unknown here."""
    scheme, _, rest = value.strip().partition(" ")
    fields = {key.lower(): re.sub(r"\\(.)", r"\1", quoted) or bare for key, quoted, bare in _PAIR.findall(rest)}
    algorithm = fields.get("algorithm", "MD5").upper()
    if scheme.lower() != "digest" or algorithm not in _ALGORITHMS or "nonce" not in fields:
        return None
    return Challenge(
        realm=fields.get("realm", ""),
        nonce=fields["nonce"],
        algorithm=algorithm,
        opaque=fields.get("opaque"),
        qop_auth="auth" in [word.strip() for word in fields.get("qop", "").split(",")],
        stale=fields.get("stale", "").lower() == "true",
    )


def best_challenge(values: Sequence[str]) -> Challenge:
    """The strongest challenge of several (RFC 8760 §2.3). Raises ``Refused`` when none can be answered."""
    known = [challenge for challenge in map(parse_challenge, values) if challenge]
    if not known:
        raise Refused("no_digest", "the server asked for authentication in no form this phone knows")
    return min(known, key=lambda challenge: list(_ALGORITHMS).index(challenge.algorithm))


def response_to(challenge: Challenge, asked: Asked, *, cnonce: str, count: int = 1) -> str:
    """The hash that proves the password (RFC 7616 §3.4.1). ``count``: uses of this nonce so far, this one included."""
    hashed = _ALGORITHMS[challenge.algorithm]
    secret = hashed(f"{asked.user}:{challenge.realm}:{asked.password}")
    wanted = hashed(f"{asked.method}:{asked.uri}")
    if not challenge.qop_auth:
        return hashed(f"{secret}:{challenge.nonce}:{wanted}")
    return hashed(f"{secret}:{challenge.nonce}:{count:08x}:{cnonce}:auth:{wanted}")


def authorization(challenge: Challenge, asked: Asked, *, cnonce: str, count: int = 1) -> str:
    """The value of the Authorization or Proxy-Authorization header."""
    fields = [
        f'username="{asked.user}"',
        f'realm="{challenge.realm}"',
        f'nonce="{challenge.nonce}"',
        f'uri="{asked.uri}"',
        f'response="{response_to(challenge, asked, cnonce=cnonce, count=count)}"',
        f"algorithm={challenge.algorithm}",
    ]
    if challenge.opaque is not None:
        fields.append(f'opaque="{challenge.opaque}"')
    if challenge.qop_auth:
        fields += ["qop=auth", f"nc={count:08x}", f'cnonce="{cnonce}"']
    return "Digest " + ", ".join(fields)
