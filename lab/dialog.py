"""The state two phones share about one call, and the requests built from it (RFC 3261 §12). No I/O."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from lab.kernel_stamp import Address
from lab.sip_wire import Header, Request, Response, parameter, uri_address, uri_in

#: What phones of the lab understand; anything else is answered 405.
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS"
AGENT_NAME = "Guildhall lab"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialog:
    """One side's view. ``local`` and ``remote`` are whole From/To values with their tags."""

    call_id: str
    local: str
    remote: str
    #: Our Contact's URI.
    contact: str
    #: Where requests go: the other side's Contact.
    target: str
    route: tuple[str, ...] = ()

    @property
    def established(self) -> bool:
        """Whether the other side has given its tag."""
        return bool(parameter(self.remote, "tag"))

    @property
    def next_hop(self) -> Address:
        """Where datagrams go: the first proxy on the route, else the target. Loose routing only (§16.12.1)."""
        return uri_address(uri_in(self.route[0]) if self.route else self.target)

    def request(self, method: str, number: int, headers: tuple[Header, ...] = (), body: bytes = b"") -> Request:
        """A request of this call, without Via. ``number`` is its CSeq."""
        described: tuple[Header, ...] = (("Content-Type", "application/sdp"),) if body else ()
        return Request(
            method=method,
            uri=self.target,
            headers=(
                ("Max-Forwards", "70"),
                *(("Route", hop) for hop in self.route),
                ("From", self.local),
                ("To", self.remote),
                ("Call-ID", self.call_id),
                ("CSeq", f"{number} {method}"),
                ("Contact", f"<{self.contact}>"),
                ("Allow", ALLOW),
                ("User-Agent", AGENT_NAME),
                *headers,
                *described,
            ),
            body=body,
        )

    def learn(self, response: Response) -> Dialog:
        """What a 1xx with tag or a 2xx to our INVITE tells: the other's tag and Contact, the route back (§12.1.2)."""
        if not parameter(response.first("To"), "tag"):
            return self
        contact = response.every("Contact")
        return replace(
            self,
            remote=response.first("To"),
            target=uri_in(contact[0]) if contact else self.target,
            route=tuple(reversed(response.every("Record-Route"))),
        )


def begin(*, call_id: str, local: str, to_uri: str, contact: str) -> Dialog:
    """The caller's view before anyone answered. ``local`` is the From value without tag."""
    return Dialog(
        call_id=call_id, local=f"{local};tag={new_tag()}", remote=f"<{to_uri}>", contact=contact, target=to_uri
    )


def accept(invite: Request, *, contact: str, tag: str) -> Dialog:
    """The called side's view of an INVITE (§12.1.1)."""
    theirs = invite.every("Contact")
    return Dialog(
        call_id=invite.first("Call-ID"),
        local=f"{invite.first('To')};tag={tag}",
        remote=invite.first("From"),
        contact=contact,
        target=uri_in(theirs[0]) if theirs else uri_in(invite.first("From")),
        route=invite.every("Record-Route"),
    )


def new_tag() -> str:
    """A tag no one else has."""
    return secrets.token_hex(6)
