"""AGI's codec: environment and replies in any chunks, and the one encoder of commands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.asterisk.agi_wire import AgiDecoder, AgiProtocolError, AgiReply, HangupSeen, encode_command
from kernel.errors import BadInput
from tests.fakes.agi_peer import environment, parse_args

pytestmark = pytest.mark.unit

ENVIRONMENT = environment("menu", "token", "c1-1")

# Replies as Asterisk 22.10.1 wrote them, and what they mean.
REPLIES: list[tuple[bytes, AgiReply | HangupSeen | None]] = [
    (b"200 result=0\n", AgiReply(code=200, result="0")),
    (b"200 result=-1\n", AgiReply(code=200, result="-1")),
    (b"200 result=49 endpos=9760\n", AgiReply(code=200, result="49", endpos=9760)),
    (b"200 result=-1 endpos=0\n", AgiReply(code=200, result="-1", endpos=0)),
    (b"200 result=1 (hangup)\n", AgiReply(code=200, result="1", data="hangup")),
    (b"200 result=1 ()\n", AgiReply(code=200, result="1", data="")),
    (b"200 result=1 (a (b) endpos=5)\n", AgiReply(code=200, result="1", data="a (b) endpos=5")),
    ("200 result=1 (Siân £5)\n".encode(), AgiReply(code=200, result="1", data="Siân £5")),
    (b"200 result= (timeout)\n", AgiReply(code=200, result="", data="timeout")),
    (b"200 result=1 (dtmf) endpos=7\n", AgiReply(code=200, result="1", data="dtmf", endpos=7)),
    (b"510 Invalid or unknown command\n", AgiReply(code=510)),
    (b"511 Command Not Permitted on a dead channel or intercept routine\n", AgiReply(code=511)),
    (
        b"520-Invalid command syntax.  Proper usage follows:\nSend\n 200 x\n520 End of proper usage.\n",
        AgiReply(code=520),
    ),
    (b"520 Invalid command syntax.  Proper usage not available.\n", AgiReply(code=520)),
    (b"100 Trying...\n", None),
    (b"HANGUP\n", HangupSeen()),
]


@pytest.mark.parametrize(("line", "meaning"), REPLIES)
def test_given_a_reply_when_decoded_then_it_means_what_asterisk_says(
    line: bytes, meaning: AgiReply | HangupSeen | None
) -> None:
    decoder = AgiDecoder()
    decoder.feed(ENVIRONMENT)
    assert decoder.feed(line) == ([] if meaning is None else [meaning])


# DEMANDS / issue 2: "sans-I/O AMI and AGI codecs with a hypothesis test that any chunking gives the same frames".
@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(REPLIES), max_size=6), st.data())
def test_given_replies_when_cut_anywhere_then_the_same_come_out(
    replies: list[tuple[bytes, AgiReply | HangupSeen | None]], data: st.DataObject
) -> None:
    stream = ENVIRONMENT + b"".join(line for line, _ in replies)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    decoder = AgiDecoder()
    got = [
        reply
        for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)
        for reply in decoder.feed(stream[start:end])
    ]
    assert got == [meaning for _, meaning in replies if meaning is not None]
    assert decoder.environment is not None
    assert decoder.environment["agi_calleridname"] == 'Siân "O\'Neill"'
    assert decoder.environment["agi_accountcode"] == ""


def test_given_a_reply_when_shown_then_keys_and_values_stay_inside() -> None:
    assert "01632960001" not in repr(AgiReply(code=200, result="49", data="01632960001"))


@pytest.mark.parametrize(("result", "number"), [("49", 49), ("-1", -1), ("", None), ("x", None)])
def test_given_a_result_when_read_as_number_then_none_when_it_is_none(result: str, number: int | None) -> None:
    assert AgiReply(code=200, result=result).number == number


@pytest.mark.parametrize(
    "stream",
    [
        b"agi_x: y\n" * 2,
        b"GET / HTTP/1.1\n\n",
        b"".join(f"agi_{n}: x\n".encode() for n in range(200)),
        b"agi_x: " + b"y" * 5000,
        b"agi_x: " + b"y" * 5000 + b"\n",
        # A caller's name with a line feed forges a token; the true one then stands there twice.
        b"agi_calleridname: x\nagi_arg_1: forged\nagi_arg_1: token\n\n",
        ENVIRONMENT + b"hello\n",
        ENVIRONMENT + b"200 hello\n",
        ENVIRONMENT + b"520-Usage\n" + b"x\n" * 200,
    ],
    ids=["twice", "http", "many", "endless", "long", "forged", "stranger", "malformed", "usage"],
)
def test_given_what_is_not_agi_when_decoded_then_refused(stream: bytes) -> None:
    with pytest.raises(AgiProtocolError):
        AgiDecoder().feed(stream)


@pytest.mark.parametrize("stream", [b"", b"agi_network: yes\n", ENVIRONMENT[:-1], ENVIRONMENT + b"200 res"])
def test_given_the_end_in_the_middle_when_decoded_then_refused(stream: bytes) -> None:
    decoder = AgiDecoder()
    decoder.feed(stream)
    with pytest.raises(AgiProtocolError):
        decoder.end()


def test_given_the_end_between_replies_when_decoded_then_nothing_is_wrong() -> None:
    decoder = AgiDecoder()
    decoder.feed(ENVIRONMENT + b"200 result=0\n")
    decoder.end()


# SECURITY V04: "quote `"` and `\\`, drop control characters".
@settings(deadline=None, max_examples=200)
@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60), min_size=1, max_size=4))
def test_given_any_text_when_quoted_then_asterisk_reads_it_back_whole(args: list[str]) -> None:
    line = encode_command("NOOP", *args)
    assert line.endswith(b"\n")
    assert parse_args(line.decode().removesuffix("\n")) == ["NOOP", *args]


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=20), st.characters(categories=["Cc"]), st.text(max_size=20))
def test_given_a_control_character_when_encoded_then_refused_without_repeating_the_value(
    before: str, evil: str, after: str
) -> None:
    with pytest.raises(BadInput) as caught:
        encode_command("SET VARIABLE", "GH_X", f"01632960001{before}{evil}{after}")
    assert "01632960001" not in str(caught.value)


@pytest.mark.parametrize(
    ("command", "args"),
    [
        ("EXEC", ("System", "id")),
        ("EXEC", ("AGI", "x")),
        ("EXEC", ("Wait", "1", "2")),
        ("GET VARIABLE", ("SHELL(id)",)),
        ("GET VARIABLE", ("GH_X)${SHELL(id)}",)),
        ("GET FULL VARIABLE", ("${SHELL(id)}",)),
        ("SET VARIABLE", ("PATH", "x")),
        ("SET VARIABLE", ("GH_X",)),
        ("HANGUP", ()),
        ("DATABASE PUT", ("a", "b", "c")),
        ("NOOP\nHANGUP", ()),
        ("NOOP", ("\ud800",)),
        ("NOOP", ("x" * 2000,)),
    ],
)
def test_given_a_command_off_the_list_or_too_long_when_encoded_then_refused(
    command: str, args: tuple[str, ...]
) -> None:
    with pytest.raises(BadInput):
        encode_command(command, *args)


@pytest.mark.parametrize("name", ["GH_WISH", "CHANNEL(endpoint)", "UNIQUEID"])
def test_given_a_variable_on_the_list_when_read_then_it_may_be(name: str) -> None:
    assert encode_command("GET VARIABLE", name) == f'GET VARIABLE "{name}"\n'.encode()
