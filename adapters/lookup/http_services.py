"""Asks a council's service one question: one host, one address, no redirect, little time, little text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from urllib.parse import quote, urlsplit

import httpx

from adapters.lookup.guard import pinned
from kernel.errors import Refused

#: An answer is a few fields; what is longer is not read to its end.
MAX_BYTES = 64 * 1024
#: Fields and characters that a flow can use.
_MAX_FIELDS, _MAX_TEXT = 50, 200
_OK, _NOT_FOUND = 200, 404


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpService:
    """One service of `tenant.yaml`."""

    #: ``https://host/path?key={key}``; the key goes in percent-encoded.
    url: str
    timeout_s: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupLimits:
    """What the operator allows beyond the files."""

    #: Networks that are not public and may be asked all the same: the council's own.
    networks: Sequence[IPv4Network | IPv6Network] = ()
    #: For tests: a service on this machine without TLS. The files themselves take https only.
    plain_http: bool = field(default=False)


class HttpLookups:
    """Meets ``ivr.ports.Lookups``. Each question resolves once, pins the address and opens its own connection."""

    def __init__(
        self,
        services: Mapping[tuple[str, str], HttpService],
        limits: LookupLimits,
        verify: bool | str = True,  # noqa: FBT001, FBT002 - httpx's own word: yes, or a file of authorities
    ) -> None:
        """``services``: (council, name) -> service."""
        self.services = services
        self._limits, self._verify = limits, verify

    async def find(self, tenant: str, service: str, key: str) -> Mapping[str, str] | None:
        """The fields of the key; None for 404. Raises when the service cannot be asked or says something else."""
        one = self.services.get((tenant, service))
        if one is None:
            raise Refused("unknown_service", "there is no such service of this council")
        # Quoted whole: a key with `/`, `?`, `#` or `..` stays a key.
        parts = urlsplit(one.url.replace("{key}", quote(key, safe="")))
        host, secure = parts.hostname or "", parts.scheme == "https"
        if not secure and not self._limits.plain_http:
            raise Refused("no_tls", "a service is asked over https")
        port = parts.port or (443 if secure else 80)
        address = await pinned(host, port, self._limits.networks)
        literal = f"[{address}]" if ":" in address else address
        url = parts._replace(netloc=f"{literal}:{port}").geturl()
        # The name for the certificate and the virtual host, the address for the connection: nothing is resolved again.
        headers = {"Host": parts.netloc, "Accept": "application/json"}
        extensions = {"sni_hostname": host} if secure else {}
        # trust_env: a proxy from the environment would be asked to resolve the name once more.
        async with (
            httpx.AsyncClient(
                timeout=one.timeout_s, follow_redirects=False, trust_env=False, verify=self._verify
            ) as client,
            client.stream("GET", url, headers=headers, extensions=extensions) as answer,
        ):
            if answer.status_code == _NOT_FOUND:
                return None
            if answer.status_code != _OK:
                # Redirects among them: the allow-list names hosts, not what they point to.
                raise Refused("bad_answer", f"a service answered {answer.status_code}")
            return _fields(await _little(answer))


async def _little(answer: httpx.Response) -> bytes:
    body = b""
    async for chunk in answer.aiter_raw():
        # Raw: nothing is unpacked, so a small answer cannot grow (V21).
        body += chunk
        if len(body) > MAX_BYTES:
            raise Refused("too_much", "a service answered more than a flow can use")
    return body


def _fields(body: bytes) -> dict[str, str]:
    try:
        told = json.loads(body)
    except ValueError:
        raise Refused("bad_answer", "a service answered no JSON") from None
    if not isinstance(told, dict):
        raise Refused("bad_answer", "a service answers one object of fields")
    plain = {name: value for name, value in told.items() if isinstance(value, str | int | float | bool)}
    return {str(name): _text(value) for name, value in list(plain.items())[:_MAX_FIELDS]}


def _text(value: str | float | bool) -> str:  # noqa: FBT001 - a value of JSON
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)[:_MAX_TEXT]
