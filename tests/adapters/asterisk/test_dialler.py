"""What the engine's effects become on the wire: one write an offer, two actions in order, nothing waited for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from acd.core.effects import RingAgent, WithdrawOffer
from adapters.asterisk.ami_wire import Frame
from adapters.asterisk.dialler import AmiDialler, Headers, Reply, memory_key
from kernel.agent import Presence
from kernel.errors import Refused
from kernel.ids import AgentId, ContactId, LegId, OfferId
from kernel.seen import AgentMemory, OrderRefused, RedirectRefused

pytestmark = pytest.mark.shell

A1 = AgentId("northmere-a001")
RING = RingAgent(
    contact=ContactId("c1-12"),
    channel="PJSIP/trunk-00000001",
    offer=OfferId("7-3"),
    epoch=7,
    agent=A1,
    ring_time_s=15.0,
)
SUCCESS, FAILURE = Frame([("Response", "Success")]), Frame([("Response", "Error"), ("Message", "No such channel")])


@dataclass(slots=True, kw_only=True)
class ScriptedLink:
    """Keeps each write; answers when the test says so."""

    down: bool = False
    writes: list[list[tuple[str, dict[str, str]]]] = field(default_factory=list)
    answer: Callable[[int, Reply | None], None] | None = None

    def tell(
        self,
        actions: Sequence[tuple[str, Headers]],
        on_reply: Callable[[int, Reply | None], None] | None = None,
    ) -> None:
        if self.down:
            raise Refused("ami_down", "the link to the PBX is down; nothing was sent")
        self.writes.append([(name, dict(headers)) for name, headers in actions])
        self.answer = on_reply


def dialler(link: ScriptedLink) -> tuple[AmiDialler, list[RedirectRefused | OrderRefused]]:
    refused: list[RedirectRefused | OrderRefused] = []
    return AmiDialler(link, {A1: "a001"}, refused.append), refused


# docs/asterisk.md rule 7, §9: the token stands on the channel before the caller is moved, in one write.
def test_given_an_offer_when_rung_then_token_and_redirect_in_one_write() -> None:
    link = ScriptedLink()
    dialler(link)[0].ring(RING)
    assert link.writes == [
        [
            ("Setvar", {"Channel": RING.channel, "Variable": "_GH_OFFER", "Value": "7-3"}),
            (
                "Redirect",
                {"Channel": RING.channel, "Context": "take", "Exten": "7*7-3*a001*15", "Priority": "1"},
            ),
        ]
    ]


# AMI says Success either way once the caller is there; its Error to the Redirect means the caller is gone.
@pytest.mark.parametrize(
    ("index", "reply", "told"),
    [
        (0, FAILURE, False),
        (1, FAILURE, True),
        (0, SUCCESS, False),
        (1, SUCCESS, False),
        (0, None, False),
        (1, None, False),
    ],
)
def test_given_a_reply_when_it_comes_then_only_the_redirects_refusal_is_told(
    index: int,
    reply: Frame | None,
    told: bool,  # noqa: FBT001 - a parametrised flag
) -> None:
    link = ScriptedLink()
    speaker, refused = dialler(link)
    speaker.ring(RING)
    assert link.answer is not None
    link.answer(index, reply)
    assert refused == ([RedirectRefused(contact=RING.contact, offer=RING.offer)] if told else [])


# The token goes first: an answer that crosses the hang-up is refused at the join.
def test_given_an_offer_taken_back_when_her_phone_rings_then_token_cleared_before_it_stops() -> None:
    link = ScriptedLink()
    withdraw = WithdrawOffer(
        contact=RING.contact, channel=RING.channel, offer=RING.offer, agent_leg=LegId("1764000000.13")
    )
    dialler(link)[0].withdraw(withdraw)
    assert link.writes == [
        [
            ("Setvar", {"Channel": RING.channel, "Variable": "GH_OFFER", "Value": ""}),
            ("Hangup", {"Channel": "1764000000.13"}),
        ]
    ]


def test_given_an_offer_taken_back_before_it_rang_then_only_the_token() -> None:
    link = ScriptedLink()
    dialler(link)[0].withdraw(
        WithdrawOffer(contact=RING.contact, channel=RING.channel, offer=RING.offer, agent_leg=None)
    )
    assert [[name for name, _ in write] for write in link.writes] == [["Setvar"]]


# Decision 0003: an agent's memory is a global variable of the PBX.
def test_given_a_memory_when_written_then_one_line_of_json_in_her_own_variable() -> None:
    link = ScriptedLink()
    dialler(link)[0].remember(
        AgentMemory(
            agent=A1,
            presence=Presence.NOT_READY,
            aux_code="lunch",
            pending=None,
            pending_aux=None,
            wrap_up_until=None,
            idle_since=17.5,
        )
    )
    [[(action, headers), *_mirrored]] = link.writes
    assert (action, headers["Variable"], set(headers)) == ("Setvar", memory_key("a001"), {"Variable", "Value"})
    assert json.loads(headers["Value"]) == {
        "presence": "not_ready",
        "aux": "lunch",
        "pending": None,
        "pending_aux": None,
        "wrap_up_until": None,
        "idle_since": 17.5,
    }


# extensions.conf compares it with Asterisk's EPOCH: whole seconds of the wall clock.
def test_given_a_beat_when_told_then_whole_seconds_of_now() -> None:
    link = ScriptedLink()
    before = int(time.time())
    dialler(link)[0].beat(7)
    [[(action, headers), *_mirrored]] = link.writes
    assert (action, headers["Variable"]) == ("Setvar", "GH_HEARTBEAT")
    assert before <= int(headers["Value"]) <= time.time()


def test_given_the_link_down_when_anything_is_told_then_refused_and_nothing_sent() -> None:
    link = ScriptedLink(down=True)
    with pytest.raises(Refused):
        dialler(link)[0].ring(RING)
    assert link.writes == []
