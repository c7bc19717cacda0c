"""Asking a council's service: one address, no redirect, little time, little text; a key stays a key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from ipaddress import ip_network

import httpx
import pytest

from adapters.lookup.guard import allowed
from adapters.lookup.http_services import MAX_BYTES, HttpLookups, HttpService, LookupLimits
from kernel.errors import Refused

pytestmark = pytest.mark.wire

LOOPBACK = ip_network("127.0.0.0/8")


class Server:
    """Answers every request with the same bytes; keeps the request lines."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(self.answer)
        if not self.answer:
            await reader.read()
        writer.close()

    def says(self, body: bytes, status: str = "200 OK", more: str = "") -> None:
        self.answer = f"HTTP/1.1 {status}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    one = Server()
    listening = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.port = listening.sockets[0].getsockname()[1]
    yield one
    listening.close()


def lookups(server: Server, *, listed: bool = True, host: str = "localhost", timeout_s: float = 2.0) -> HttpLookups:
    url = f"http://{host}:{server.port}/find?key={{key}}"
    limits = LookupLimits(networks=(LOOPBACK,) if listed else (), plain_http=True)
    return HttpLookups({("northmere", "bins"): HttpService(url=url, timeout_s=timeout_s)}, limits)


async def test_given_an_answer_when_asked_then_its_plain_fields_are_texts(server: Server) -> None:
    server.says(b'{"day": "Tuesday", "pence": 1205, "late": true, "deep": {"x": 1}}')
    found = await lookups(server).find("northmere", "bins", "12")
    assert found == {"day": "Tuesday", "pence": "1205", "late": "yes"}


async def test_given_nothing_there_when_asked_then_none(server: Server) -> None:
    server.says(b"", "404 Not Found")
    assert await lookups(server).find("northmere", "bins", "99") is None


# V22: the key comes from a caller's keypad or from another service; it never becomes a path, a query or a header.
async def test_given_a_hostile_key_when_asked_then_it_stays_one_key(server: Server) -> None:
    await lookups(server).find("northmere", "bins", "1&admin=1#../x\r\nX: y")
    assert server.asked[0].startswith("GET /find?key=1%26admin%3D1%23..%2Fx%0D%0AX%3A%20y HTTP/1.1\r\n")
    assert f"host: localhost:{server.port}\r\n" in server.asked[0].lower()


# V22: "no redirects to private ranges, size limit".
@pytest.mark.parametrize(
    ("body", "status", "more"),
    [
        (b"", "302 Found", "Location: http://127.0.0.1/\r\n"),
        (b"x" * (MAX_BYTES + 1), "200 OK", ""),
        (b"[1]", "200 OK", ""),
        (b"<html>", "200 OK", ""),
        (b"{}", "500 Oops", ""),
    ],
)
async def test_given_an_answer_that_is_none_when_asked_then_refused(
    server: Server, body: bytes, status: str, more: str
) -> None:
    server.says(body, status, more)
    with pytest.raises(Refused):
        await lookups(server).find("northmere", "bins", "12")
    assert len(server.asked) == 1


async def test_given_a_service_on_this_machine_when_not_listed_then_it_is_not_even_connected_to(server: Server) -> None:
    for host in ("localhost", "127.0.0.1", "127.1", "[::ffff:127.0.0.1]"):
        with pytest.raises((Refused, OSError)):
            await lookups(server, listed=False, host=host).find("northmere", "bins", "12")
    assert server.asked == []


async def test_given_a_service_that_hangs_when_asked_then_its_time_ends(server: Server) -> None:
    server.answer = b""
    with pytest.raises(httpx.TimeoutException):
        await lookups(server, timeout_s=0.1).find("northmere", "bins", "12")


async def test_given_a_plain_url_in_the_product_when_asked_then_refused(server: Server) -> None:
    strict = HttpLookups(lookups(server).services, LookupLimits(networks=(LOOPBACK,)))
    with pytest.raises(Refused):
        await strict.find("northmere", "bins", "12")


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("8.8.8.8", True),
        ("10.0.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - an address that must be refused
        ("::1", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("224.0.0.1", False),
    ],
)
def test_given_an_address_when_judged_then_only_public_ones_may_be_asked(address: str, may: bool) -> None:  # noqa: FBT001 - a table's column
    assert allowed(address, ()) is may
    assert allowed("10.0.0.1", (ip_network("10.0.0.0/24"),))
