"""A phone that answers no more: whether sound still comes from it decides about its leg."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import pytest

from adapters.asterisk.ami_wire import Frame
from adapters.asterisk.leg_probe import APART_S, LegProbe, Reply
from kernel.errors import Refused
from kernel.ids import LegId
from tests.fakes.virtual_time import run_virtual

pytestmark = pytest.mark.shell

LEG = LegId("1795-7")


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
        if not self.counts and actions[0][0] == "Getvar":
            raise Refused("ami_down", "the link to the PBX is down; nothing was sent")
        self.sent += [(name, dict(headers)) for name, headers in actions]
        if on_reply is not None:
            count = self.counts.pop(0)
            word = "Error" if count is None else "Success"
            on_reply(0, Frame([("Response", word), ("Value", count or "")]))


def probed(*counts: str | None) -> list[tuple[str, dict[str, str]]]:
    """What is sent, in virtual time, for a leg whose packets are counted so."""
    link = CountingLink(*counts)

    async def story() -> None:
        LegProbe(link).probe(LEG)
        await asyncio.sleep(APART_S + 0.1)

    run_virtual(story())
    return link.sent


# C52: "in talking ends `failed`": cause 44 is what the dialplan takes the caller back by.
def test_c52_given_no_packet_in_two_seconds_when_probed_then_its_leg_is_ended_as_a_dead_phones() -> None:
    asked = ("Getvar", {"Channel": LEG, "Variable": "CHANNEL(rtcp,rxcount,audio)"})
    assert probed("812", "812") == [asked, asked, ("Hangup", {"Channel": LEG, "Cause": "44"})]


@pytest.mark.parametrize("counts", [("812", "913"), (None,), ("",), ("812", None), ("812",)])
def test_c52_given_sound_or_a_leg_that_is_gone_when_probed_then_nothing_is_ended(
    counts: tuple[str | None, ...],
) -> None:
    assert [name for name, _headers in probed(*counts) if name == "Hangup"] == []
