"""AMI's codec: bytes to frames in any chunks, and the one encoder of actions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.asterisk.ami_wire import ACTIONS, AmiDecoder, AmiProtocolError, Frame, encode_action
from kernel.errors import BadInput

pytestmark = pytest.mark.unit

BANNER = b"Asterisk Call Manager/11.0.0\r\n"

# Names and values as Asterisk writes them: no CR or LF inside, one blank after the colon.
_names = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,12}", fullmatch=True)
_values = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=40)
_frames = st.lists(st.tuples(_names, _values), min_size=1, max_size=6)


def _bytes(frames: list[list[tuple[str, str]]]) -> bytes:
    return BANNER + b"".join("".join(f"{n}: {v}\r\n" for n, v in frame).encode() + b"\r\n" for frame in frames)


# DEMANDS / issue 2: "sans-I/O AMI and AGI codecs with a hypothesis test that any chunking gives the same frames".
@settings(deadline=None, max_examples=150)
@given(st.lists(_frames, max_size=5), st.data())
def test_given_frames_when_cut_anywhere_then_the_same_frames_come_out(
    frames: list[list[tuple[str, str]]], data: st.DataObject
) -> None:
    stream = _bytes(frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    decoder = AmiDecoder()
    got = [
        frame
        for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)
        for frame in decoder.feed(stream[start:end])
    ]
    assert got == [Frame(frame) for frame in frames]
    assert decoder.banner == "Asterisk Call Manager/11.0.0"


def test_given_a_frame_when_read_then_names_have_no_case_and_the_first_value_wins() -> None:
    frame = Frame([("Event", "UserEvent"), ("Channel", "PJSIP/a-1"), ("X", "1"), ("x", "2"), ("channel", "forged")])
    assert frame.event == "UserEvent"
    assert frame.get("CHANNEL") == "PJSIP/a-1"
    assert frame.all("X") == ("1", "2")
    assert frame.get("absent") == ""
    assert frame.get("absent", "(null)") == "(null)"
    assert "channel" in frame
    assert "absent" not in frame


def test_given_a_frame_with_caller_data_when_shown_then_its_values_stay_inside() -> None:
    assert "01632960001" not in repr(Frame([("Event", "Newchannel"), ("CallerIDNum", "01632960001")]))


# Measured on Asterisk 22.10.1: PJSIPShowContacts without contacts ends its message in a bare line feed.
def test_given_asterisks_stray_line_feed_when_decoded_then_the_frame_ends_where_it_should() -> None:
    decoder = AmiDecoder()
    frames = decoder.feed(BANNER + b"Response: Error\r\nMessage: No Contacts found\n\r\n\r\nEvent: A\r\n\r\n")
    assert [frame.get("Message") or frame.event for frame in frames] == ["No Contacts found", "A"]


def test_given_wanted_events_when_decoding_then_others_are_skipped_unless_they_answer_somebody() -> None:
    decoder = AmiDecoder(frozenset({"Hangup"}))
    frames = decoder.feed(
        BANNER
        + b"Event: VarSet\r\nValue: x\r\n\r\n"
        + b"Event: Hangup\r\nUniqueid: 1.1\r\n\r\n"
        + b"Event: Status\r\nActionID: 7\r\n\r\n"
        + b"Response: Success\r\n\r\n"
    )
    assert [frame.event or "reply" for frame in frames] == ["Hangup", "Status", "reply"]


@pytest.mark.parametrize(
    "stream",
    [
        b"x" * 2000 + b"\r\n",
        BANNER + b"Event: " + b"x" * 300_000,
        BANNER + b"Event: " + b"x" * 70_000 + b"\r\n\r\n",
        BANNER + b"Event: A\r\n" + b"H: v\r\n" * 60_000 + b"\r\n",
    ],
    ids=["banner", "unending", "line", "frame"],
)
def test_given_a_peer_that_never_ends_when_decoding_then_memory_is_bounded(stream: bytes) -> None:
    with pytest.raises(AmiProtocolError):
        AmiDecoder().feed(stream)


def test_given_an_action_when_encoded_then_it_is_asterisks_form() -> None:
    data = encode_action(
        "Originate", [("Channel", "Local/c1@callback-resident/n"), ("Variable", "GH_A=1"), ("Variable", "GH_B=")], "a-1"
    )
    assert data == (
        b"Action: Originate\r\nActionID: a-1\r\nChannel: Local/c1@callback-resident/n\r\n"
        b"Variable: GH_A=1\r\nVariable: GH_B=\r\n\r\n"
    )
    assert encode_action("Ping", {}, "a-2") == b"Action: Ping\r\nActionID: a-2\r\n\r\n"


# SECURITY V01: "allow-list of actions; no Command, UpdateConfig, GetConfig".
@pytest.mark.parametrize(
    "name", ["Command", "UpdateConfig", "GetConfig", "ping", "DBPut", "QueueAdd", "Ping\r\nAction: Command"]
)
def test_given_an_action_off_the_list_when_encoded_then_refused(name: str) -> None:
    assert name not in ACTIONS
    with pytest.raises(BadInput):
        encode_action(name, {}, "a-1")


# SECURITY V01: "refuse CR, LF, NUL and >4 KiB in any value".
@settings(deadline=None, max_examples=100)
@given(st.text(max_size=20), st.sampled_from("\r\n\0"), st.text(max_size=20))
def test_given_a_line_break_anywhere_when_encoded_then_refused_without_repeating_the_value(
    before: str, evil: str, after: str
) -> None:
    with pytest.raises(BadInput) as caught:
        encode_action("Setvar", {"Variable": "GH_X", "Value": f"01632960001{before}{evil}{after}"}, "a-1")
    assert "01632960001" not in str(caught.value)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=1100))
def test_given_any_value_when_accepted_then_it_is_one_line_that_asterisk_takes_whole(value: str) -> None:
    try:
        data = encode_action("Setvar", {"Variable": "GH_X", "Value": value}, "a-1")
    except BadInput:
        return
    lines = data.removesuffix(b"\r\n\r\n").split(b"\r\n")
    assert len(lines) == 4
    # Measured: a line of 1,024 bytes with its CRLF is taken, one of 1,029 is "line too long".
    assert all(len(line) <= 1022 for line in lines)


@pytest.mark.parametrize(
    ("action", "headers"),
    [
        ("Getvar", {"Variable": "SHELL(id)"}),
        ("Setvar", {"Variable": "FILE(/etc/passwd)", "Value": "x"}),
        ("Status", {"Variables": "GH_QUEUE,EVAL(${GH_X})"}),
        ("Originate", {"Channel": "Local/c1@callback-resident/n", "Variable": "SHELL(id)=1"}),
        ("Originate", {"Channel": "PJSIP/trunk/sip:900@carrier"}),
        ("PlayDTMF", {"Channel": "1764000001.7", "Digit": "*54", "Receive": "true"}),
        ("PlayDTMF", {"Channel": "1764000001.7", "Digit": "7", "Receive": "false"}),
        ("Originate", {"Channel": "Local/c1@callback-resident/n", "Context": "from-trunk"}),
        ("Originate", {"Channel": "Local/c1@callback-resident/n", "Application": "System", "Data": "id"}),
        ("Originate", {"Channel": "Local/c1@callback-resident/n", "Application": "MixMonitor", "Data": "x,,id"}),
        ("Setvar", {"Variable": "GH_X", "Val ue": "x"}),
        ("Setvar", {"Variable": "GH_X", "ActionID": "x"}),
        ("Setvar", {"Variable": "GH_X", "Value": "\ud800"}),
        ("Ping", [("X", "y")] * 150),
    ],
)
def test_given_a_ladder_to_the_shell_or_a_malformed_header_when_encoded_then_refused(
    action: str, headers: dict[str, str]
) -> None:
    with pytest.raises(BadInput):
        encode_action(action, headers, "a-1")


@pytest.mark.parametrize("name", ["GH_OFFER", "GH_AGENT_northmere-a001", "CHANNEL(endpoint)", "DEVICE_STATE(PJSIP/a1)"])
def test_given_a_plain_variable_when_asked_for_then_it_may_be_sent(name: str) -> None:
    assert name.encode() in encode_action("Getvar", {"Variable": name}, "a-1")
