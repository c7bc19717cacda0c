"""A leg that hung up and is still there is hung up once more (docs/decisions/0059)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import pytest

from adapters.asterisk.ami_meaning import Event
from adapters.asterisk.ami_wire import Frame, encode_action
from adapters.asterisk.lost_hangups import OVERDUE_S, LostHangups
from tests.fakes.virtual_time import run_virtual

pytestmark = pytest.mark.shell

LEG = "guildhall-1795-7"


class LinkToLegs:
    """Takes hang-ups; a leg it does not have is refused, as the PBX does."""

    def __init__(self, *legs: str) -> None:
        self.legs, self.up = set(legs), True
        self.sent: list[str] = []

    def tell(
        self,
        actions: Sequence[tuple[str, Mapping[str, str]]],
        on_reply: Callable[[int, Event | None], None] | None = None,
    ) -> None:
        for index, (name, headers) in enumerate(actions):
            encode_action(name, headers, "1")
            assert name == "Hangup"
            self.sent.append(headers["Channel"])
            if on_reply is not None:
                on_reply(index, Frame([("Response", "Success" if headers["Channel"] in self.legs else "Error")]))


def _event(name: str) -> Frame:
    return Frame([("Event", name), ("Channel", "PJSIP/trunk-00000008"), ("Uniqueid", LEG)])


def _watched(link: LinkToLegs, *story: tuple[float, Callable[[LostHangups], None]]) -> list[str]:
    """What is sent while these things happen, each so many seconds after the one before."""

    async def told() -> None:
        watch = LostHangups(link)
        task = asyncio.create_task(watch.run())
        for after_s, happens in story:
            await asyncio.sleep(after_s)
            happens(watch)
        task.cancel()

    run_virtual(told())
    return link.sent


def _nothing(_watch: LostHangups) -> None:
    pass


def _hears(name: str) -> Callable[[LostHangups], None]:
    return lambda watch: watch.hear(_event(name))


# Decision 0059: "hung up once more, until it is gone".
def test_given_a_leg_that_hung_up_when_it_stays_then_it_is_hung_up_again_until_it_is_gone() -> None:
    link = LinkToLegs(LEG)
    request, gone = _hears("HangupRequest"), _hears("Hangup")
    assert _watched(link, (0.1, request), (2 * OVERDUE_S + 0.5, gone), (5 * OVERDUE_S, _nothing)) == [LEG, LEG]


def test_given_a_leg_that_hung_up_when_it_goes_as_legs_do_then_nothing_is_sent() -> None:
    link = LinkToLegs(LEG)
    story = ((0.1, _hears("HangupRequest")), (OVERDUE_S - 0.2, _hears("Hangup")), (5 * OVERDUE_S, _nothing))
    assert _watched(link, *story) == []


def test_given_an_end_told_while_the_link_was_down_when_it_is_up_then_one_refusal_is_enough() -> None:
    link = LinkToLegs()

    def down(_watch: LostHangups) -> None:
        link.up = False

    def up(_watch: LostHangups) -> None:
        assert not link.sent
        link.up = True

    story = ((0.1, _hears("HangupRequest")), (0.1, down), (3 * OVERDUE_S, up), (5 * OVERDUE_S, _nothing))
    assert _watched(link, *story) == [LEG]
