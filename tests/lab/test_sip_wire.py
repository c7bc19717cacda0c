"""SIP messages as bytes and back."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import BadInput
from lab.hostile import HOSTILE_NAMES, HOSTILE_NUMBERS
from lab.sip_wire import (
    Request,
    Response,
    encode,
    name_addr,
    parameter,
    parse,
    sip_uri,
    split_list,
    uri_address,
    uri_in,
    uri_user,
)

pytestmark = pytest.mark.unit

_TOKEN = st.text("ABCDEFabcdef0123456789-.!%*_+`'~", min_size=2, max_size=12)
_NAMES = _TOKEN.filter(lambda name: name.lower() != "content-length")
_VALUES = st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"]), max_size=40).map(str.strip)
_HEADERS = st.lists(st.tuples(_NAMES, _VALUES), max_size=6).map(tuple)
_BODIES = st.binary(max_size=100)
_REASONS = st.text("ABCabc 123", max_size=20)

_REQUESTS = st.builds(
    Request, method=_TOKEN, uri=st.text("abc:@.;=0", min_size=1, max_size=20), headers=_HEADERS, body=_BODIES
)
_RESPONSES = st.builds(Response, status=st.integers(100, 699), reason=_REASONS, headers=_HEADERS, body=_BODIES)


# RFC 3261 §7: what is written can be read again, whatever stands in it.
@given(message=st.one_of(_REQUESTS, _RESPONSES))
@settings(deadline=None, max_examples=200)
def test_given_any_message_when_written_and_read_then_it_is_the_same(message: Request | Response) -> None:
    assert parse(encode(message)) == message


# A phone on the network must not fall over what anyone sends it (SECURITY V25).
@given(datagram=st.binary(max_size=200))
@settings(deadline=None, max_examples=300)
def test_given_any_bytes_when_read_then_a_message_or_bad_input(datagram: bytes) -> None:
    with contextlib.suppress(BadInput):
        parse(datagram)


# RFC 3261 §7.3.1 folding, §7.3.3 compact names, §7.3 comma lists.
def test_given_folded_compact_and_listed_headers_when_read_then_they_are_plain() -> None:
    message = parse(
        b"INVITE sip:x@127.0.0.1 SIP/2.0\r\nv: SIP/2.0/UDP a;branch=z9hG4bK1,\r\n SIP/2.0/UDP b;branch=2\r\n"
        b'f: "A, \\"B\\" <c>" <sip:me@h:5070;lr>;tag=7\r\nCSeq: 4 INVITE\r\nl: 3\r\n\r\nabcdef'
    )
    assert isinstance(message, Request)
    assert message.branch == "z9hG4bK1"
    assert message.every("Via") == ("SIP/2.0/UDP a;branch=z9hG4bK1", "SIP/2.0/UDP b;branch=2")
    assert message.cseq == (4, "INVITE")
    assert parameter(message.first("from"), "tag") == "7"
    assert uri_in(message.first("From")) == "sip:me@h:5070;lr"
    assert uri_address("sip:me@h:5070;lr") == ("h", 5070)
    assert message.body == b"abc"


# The lab's hostile names reach the PBX as one quoted string each, so that the PBX is tested and not our writer.
@pytest.mark.parametrize("hostile", HOSTILE_NAMES, ids=lambda hostile: hostile.aim)
def test_given_a_hostile_name_when_sent_then_it_stays_inside_its_quotes(hostile: object) -> None:
    value = name_addr(getattr(hostile, "text", ""), "sip:01632960001@127.0.0.1") + ";tag=1"
    read = parse(encode(Request(method="INVITE", uri="sip:x@h", headers=(("From", value), ("To", "<sip:x@h>")))))
    assert [name for name, _ in read.headers] == ["From", "To"]
    assert uri_in(read.first("From")) == "sip:01632960001@127.0.0.1"
    assert parameter(read.first("From"), "tag") == "1"
    assert len(split_list(read.first("From"))) == 1


@pytest.mark.parametrize("hostile", HOSTILE_NUMBERS, ids=lambda hostile: hostile.aim)
def test_given_a_hostile_number_when_sent_then_it_stays_one_uri(hostile: object) -> None:
    text = getattr(hostile, "text", "")
    uri = sip_uri(text, ("127.0.0.1", 5060))
    read = parse(encode(Request(method="INVITE", uri=uri, headers=(("From", f"<{uri}>;tag=1"),))))
    assert isinstance(read, Request)
    assert uri_user(read.uri) == text
    assert uri_address(read.uri) == ("127.0.0.1", 5060)


def test_given_a_line_break_that_would_begin_a_header_when_written_then_refused() -> None:
    with pytest.raises(BadInput, match="line break"):
        encode(Request(method="INVITE", uri="sip:x@h", headers=(("Subject", "a\r\nX: y"),)))
