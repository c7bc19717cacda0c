"""What is done to waiting callers, on the wire: a token and a Redirect in one write; a wish, the queue last."""

from __future__ import annotations

import pytest

from acd.core.effects import AskCaller, LeaveQueue, SayToCaller, WriteWish
from adapters.asterisk.ami_wire import Frame
from adapters.asterisk.waiting_room import AmiWaitingRoom
from adapters.asterisk.wish import read_wish
from kernel.contact import Wish
from kernel.exits import LeaveWhy
from kernel.ids import ContactId, LegId, OfferId, QueueId, TenantId
from kernel.seen import RedirectRefused
from tests.adapters.asterisk.test_dialler import FAILURE, SUCCESS, ScriptedLink

pytestmark = pytest.mark.shell

LEAVE = LeaveQueue(
    contact=ContactId("c1-12"),
    channel="PJSIP/trunk-00000001",
    token=OfferId("7-4"),
    epoch=7,
    queue=QueueId("northmere.waste"),
    why=LeaveWhy.TIMEOUT,
)
WISH = Wish(
    contact=LEAVE.contact,
    channel=LEAVE.channel,
    leg=LegId("1764000000.12"),
    tenant=TenantId("northmere"),
    queue=QueueId("northmere.general"),
    priority=10,
    skills={"general": 1, "welsh": 3},
    arrived=1764000000.25,
    moved_in=1764000060.123456,
    agreed=2,
)


def _sound(tenant: str, language: str, prompt: str) -> str | None:
    return None if prompt == "gone" else f"/sounds/{tenant}/{language}/{prompt}"


# What cannot be played is left out; the loop of [hold] plays the rest, and nobody is redirected for it.
@pytest.mark.parametrize(
    ("prompts", "written"),
    [
        (("position_3", "gone", "wait_1_3"), ["/sounds/northmere/cy/position_3&/sounds/northmere/cy/wait_1_3"]),
        (("gone",), []),
    ],
)
def test_c23_given_prompts_when_said_then_they_lie_on_the_channel(prompts: tuple[str, ...], written: list[str]) -> None:
    link = ScriptedLink()
    said = SayToCaller(
        contact=LEAVE.contact, channel=LEAVE.channel, tenant=TenantId("northmere"), language="cy", prompts=prompts
    )
    AmiWaitingRoom(link, lambda _refused: None, _sound).say(said)
    assert [headers["Value"] for write in link.writes for _, headers in write] == written
    assert {headers["Variable"] for write in link.writes for _, headers in write} <= {"GH_SAY"}


# The same fence as an offer's: the token stands on the channel before the caller is moved, in one write.
def test_given_a_caller_who_leaves_when_told_then_token_and_redirect_in_one_write() -> None:
    link = ScriptedLink()
    AmiWaitingRoom(link, lambda _refused: None, _sound).leave(LEAVE)
    assert link.writes == [
        [
            ("Setvar", {"Channel": LEAVE.channel, "Variable": "GH_LEAVE", "Value": "7-4"}),
            (
                "Redirect",
                {
                    "Channel": LEAVE.channel,
                    "Context": "leave",
                    "Exten": "7*7-4*timeout*northmere.waste",
                    "Priority": "1",
                },
            ),
        ]
    ]


@pytest.mark.parametrize(("index", "reply", "told"), [(1, FAILURE, True), (1, SUCCESS, False), (0, FAILURE, False)])
def test_given_a_reply_when_it_comes_then_only_the_redirects_refusal_is_told(
    index: int,
    reply: Frame,
    told: bool,  # noqa: FBT001 - a parametrised flag
) -> None:
    link, refused = ScriptedLink(), list[RedirectRefused]()
    AmiWaitingRoom(link, refused.append, _sound).leave(LEAVE)
    assert link.answer is not None
    link.answer(index, reply)
    assert refused == ([RedirectRefused(contact=LEAVE.contact, offer=LEAVE.token)] if told else [])


# A question lies on the channel whole, with its step and its key, or not at all.
@pytest.mark.parametrize(
    ("prompts", "written"), [(("position_1", "still_waiting"), ["3*1*{0}&{1}"]), (("position_1", "gone"), [])]
)
def test_given_a_question_when_asked_then_step_key_and_sounds_or_nothing(
    prompts: tuple[str, ...], written: list[str]
) -> None:
    link = ScriptedLink()
    asked = AskCaller(
        contact=LEAVE.contact,
        channel=LEAVE.channel,
        tenant=TenantId("northmere"),
        language="en",
        prompts=prompts,
        key="1",
        step=3,
    )
    AmiWaitingRoom(link, lambda _refused: None, _sound).ask(asked)
    values = [headers["Value"] for write in link.writes for _, headers in write if headers["Variable"] == "GH_ASK"]
    sounds = [_sound("northmere", "en", prompt) for prompt in prompts]
    assert values == [one.format(*sounds) for one in written]


# Law 1: what is written is what is read, arrival and all; the queue comes last, and the number of
# the change behind it.
def test_given_a_changed_wish_when_written_then_it_is_read_back_the_same() -> None:
    link = ScriptedLink()
    AmiWaitingRoom(link, lambda _refused: None, _sound).write_wish(WriteWish(wish=WISH))
    [write] = link.writes
    written = {headers["Variable"]: headers["Value"] for _, headers in write}
    assert list(written)[-2:] == ["GH_QUEUE", "GH_WRITTEN"]
    written |= {"GH_CONTACT": WISH.contact, "GH_TENANT": WISH.tenant, "GH_ARRIVED": "1764000000.25"}
    read = read_wish(
        lambda name: written.get(f"GH_{name.upper()}", ""), channel=WISH.channel, leg=WISH.leg, now=0.0, queues={}
    )
    assert read == WISH
