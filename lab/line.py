"""What a phone and its calls share: the SIP socket, the identity, and asking with a password."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from lab.kernel_stamp import Address
from lab.sip_digest import Asked as Wanted
from lab.sip_digest import authorization, best_challenge
from lab.sip_endpoint import SipEndpoint
from lab.sip_wire import Header, Request, Response, sip_uri
from lab.transactions import Asking, Heard

#: Makes the request anew, with these headers added and a CSeq of its own.
Build = Callable[[tuple[Header, ...]], Request]

#: Status → the header that asks, the header that answers (RFC 3261 §22).
_CHALLENGES = {
    401: ("WWW-Authenticate", "Authorization"),
    407: ("Proxy-Authenticate", "Proxy-Authorization"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One identity on one socket."""

    endpoint: SipEndpoint
    local_ip: str
    user: str
    display: str
    server: Address
    password: str | None
    #: False: calls send one RTP packet and no more.
    media: bool
    #: Sound codecs (``PCMA``, ``PCMU``), best first; none: both, in the other side's order.
    codecs: tuple[str, ...] = ()

    @property
    def contact(self) -> str:
        """The URI at which this phone is reached."""
        return sip_uri(self.user, self.endpoint.address)

    async def ask(
        self, build: Build, to: Address, *, heard: Heard | None = None, began: Callable[[Asking], None] | None = None
    ) -> Response:
        """Send a request and return its final response; a challenge is answered with the password.

        ``began`` gets the transaction as it starts. A wrong password ends with the server's 401 or 407.
        Raises ``TimeoutError`` when nobody answers, ``Refused`` for a challenge this phone cannot meet.
        """
        headers: tuple[Header, ...] = ()
        while True:
            asking = self.endpoint.ask(build(headers), to, heard)
            if began:
                began(asking)
            response = await asking.final()
            if response.status not in _CHALLENGES or self.password is None:
                return response
            asks, answers = _CHALLENGES[response.status]
            challenge = best_challenge(response.rows(asks))
            if headers and not challenge.stale:
                return response
            request = asking.request
            wanted = Wanted(method=request.method, uri=request.uri, user=self.user, password=self.password)
            headers = ((answers, authorization(challenge, wanted, cnonce=secrets.token_hex(8))),)
