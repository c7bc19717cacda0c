"""A phone that answers no more: two counts of its packets tell whether sound still comes from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import pytest

from adapters.asterisk.ami_wire import Frame, encode_action
from adapters.asterisk.leg_probe import LegProbe, Reply
from kernel.errors import Refused
from kernel.ids import LegId
from kernel.seen_phone import LegSilent
from tests.fakes.virtual_time import run_virtual

pytestmark = pytest.mark.shell

LEG = LegId("1795-7")
APART_S = 0.8


class CountingLink:
    """Answers each Getvar at once with the next of these counts; None is the PBX's refusal."""

    def __init__(self, *counts: str | None) -> None:
        self.counts = list(counts)
        self.sent: list[tuple[str, dict[str, str]]] = []

    def tell(
        self,
        actions: Sequence[tuple[str, Mapping[str, str]]],
        on_reply: Callable[[int, Reply | None], None] | None = None,
    ) -> None:
        if not self.counts:
            raise Refused("ami_down", "the link to the PBX is down; nothing was sent")
        for name, headers in actions:
            # What the wire refuses never reaches the PBX: the first probe was, and looked as if it counted in vain.
            encode_action(name, headers, "1")
        self.sent += [(name, dict(headers)) for name, headers in actions]
        if on_reply is not None:
            count = self.counts.pop(0)
            word = "Error" if count is None else "Success"
            on_reply(0, Frame([("Response", word), ("Value", count or "")]))


def probed(*counts: str | None) -> tuple[CountingLink, list[LegSilent]]:
    """What is asked and told, in virtual time, of a leg whose packets are counted so."""
    link, told = CountingLink(*counts), list[LegSilent]()

    async def story() -> None:
        LegProbe(link, told.append, APART_S).probe(LEG)
        await asyncio.sleep(APART_S - 0.1)
        assert not told
        await asyncio.sleep(0.2)

    run_virtual(story())
    return link, told


# C52: not a packet between two looks.
def test_c52_given_no_packet_meanwhile_when_probed_then_told_silent_and_nothing_is_done_to_the_call() -> None:
    link, told = probed("812", "812")
    assert told == [LegSilent(leg=LEG)]
    assert link.sent == [("Getvar", {"Channel": LEG, "Variable": "CHANNEL(rtcp,rxcount,audio)"})] * 2


@pytest.mark.parametrize("counts", [("812", "813"), (None,), ("",), ("812", None), ("812",)])
def test_c52_given_sound_or_a_leg_that_is_gone_when_probed_then_nothing_is_told(counts: tuple[str | None, ...]) -> None:
    assert probed(*counts)[1] == []
