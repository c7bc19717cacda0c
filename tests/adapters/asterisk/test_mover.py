"""Orders for calls under way, as they leave for the PBX."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.asterisk.ami_wire import encode_action
from adapters.asterisk.mover import actions_for
from kernel.errors import BadInput
from kernel.ids import AgentId, ConsultId, ContactId, LegId, QueueId
from kernel.number import Dialled
from kernel.orders import ORDERS, EndLeg, Order, Part, Rejoin, SendOutside, SendToHold, TakeBack

pytestmark = pytest.mark.unit

CALLER, LEG, CONSULT = "PJSIP/trunk-00000001", LegId("1.2"), ConsultId("c1-0-c1795374038123")
USERS = {AgentId("northmere-a001"): "a001", AgentId("northmere-a003"): "a003"}
C1 = ContactId("c1-0")


def part(to: AgentId | Dialled | None) -> Part:
    return Part(contact=C1, channel=CALLER, agent_leg=LEG, consult=CONSULT, epoch=7, to=to, ring_time_s=15.0)


def last(order: Order) -> tuple[str, dict[str, str]]:
    for action, values in actions_for(order, USERS):
        # SECURITY V01: each is on the list of what we may send.
        encode_action(action, values, "a-1")
    name, headers = actions_for(order, USERS)[-1]
    return name, dict(headers)


# docs/decisions/0014: both in one Redirect, each to its own place; what a restart needs is written before.
@pytest.mark.parametrize(
    ("to", "words"),
    [
        (AgentId("northmere-a003"), "agent*a003"),
        (Dialled("01632960200"), "outside*01632960200"),
        (None, "hold*0"),
    ],
)
def test_c31_given_a_parting_when_ordered_then_variables_first_and_one_redirect_for_both(
    to: AgentId | Dialled | None, words: str
) -> None:
    actions = actions_for(part(to), USERS)
    written = {(one["Channel"], one["Variable"]): one["Value"] for name, one in actions[:-1] if name == "Setvar"}
    assert written == {
        (CALLER, "GH_CONSULT"): CONSULT,
        (CALLER, "GH_PARTED_LEG"): LEG,
        (LEG, "GH_CALLER"): CALLER,
        (LEG, "_GH_CONSULT"): CONSULT,
    }
    name, headers = actions[-1]
    assert name == "Redirect"
    assert (headers["Channel"], headers["ExtraChannel"]) == (LEG, CALLER)
    assert (headers["Context"], headers["Exten"]) == ("consult", f"7*{CONSULT}*{words}*15")
    assert headers["ExtraContext"] == "consult-hold"


def test_given_the_other_orders_when_written_then_only_the_callers_channel_is_moved() -> None:
    rejoin = Rejoin(contact=C1, channel=CALLER, consult=CONSULT, epoch=7, leg=LEG, agent=AgentId("northmere-a001"))
    name, headers = last(rejoin)
    assert (name, headers["Channel"], headers["Context"]) == ("Redirect", CALLER, "rejoin")
    assert headers["Exten"] == f"7*{CONSULT}"
    for after, written in ((None, ""), (LEG, LEG)):
        sent = [headers for _, headers in actions_for(replace(rejoin, after=after), USERS)]
        # Never what stood there from an earlier consult.
        assert {one["Variable"]: one["Value"] for one in sent if "Variable" in one}["GH_AFTER"] == written
    name, headers = last(SendToHold(contact=C1, channel=CALLER))
    assert (name, headers["Channel"], headers["Context"]) == ("Redirect", CALLER, "hold")
    name, headers = last(SendOutside(contact=C1, channel=CALLER, number=Dialled("01632960200"), epoch=7))
    assert (headers["Context"], headers["Exten"]) == ("transfer-outside", "7*01632960200")
    assert last(EndLeg(leg=LEG)) == ("Hangup", {"Channel": LEG})
    # C52: the cause by which the dialplan takes the caller back to the line (asterisk_conf/talk.conf).
    assert last(EndLeg(leg=LEG, dead=True)) == ("Hangup", {"Channel": LEG, "Cause": "44"})
    # Decision 0060: asked of app_queue, which lets her go only between two phones.
    taken = last(TakeBack(channel=CALLER, queue=QueueId("northmere.waste")))
    assert taken == ("QueueWithdrawCaller", {"Queue": "northmere.waste", "Caller": CALLER})
    assert len(ORDERS) == 7


# SECURITY V03: nothing but digits reaches an extension, wherever it came from.
@pytest.mark.parametrize("number", ["0163&PJSIP/x", "0163,20", "0163*$[1]", ""])
def test_given_a_number_that_is_none_when_ordered_then_nothing_is_sent(number: str) -> None:
    with pytest.raises(BadInput):
        actions_for(SendOutside(contact=C1, channel=CALLER, number=Dialled(number), epoch=7), USERS)
    if number:
        with pytest.raises(BadInput):
            actions_for(part(Dialled(number)), USERS)
