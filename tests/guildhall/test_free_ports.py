"""Two checkouts side by side never take each other's ports, also while a process of one is being started again."""

from __future__ import annotations

import threading
import time

import pytest

from guildhall.free_ports import choose_ports, claim_ports, one_choice_at_a_time

pytestmark = pytest.mark.wire


# Ports are free ones, so two checkouts run side by side: an engine that was killed finds its port free again.
def test_given_claimed_ports_when_others_are_chosen_then_none_is_shared_although_nobody_listens() -> None:
    first = choose_ports("127.0.0.1", None)
    claims = claim_ports(first)
    try:
        second = choose_ports("127.0.0.1", None)
    finally:
        for claim in claims:
            claim.close()
    assert not {first.sip, first.ami, first.agi} & {second.sip, second.ami, second.agi}


def test_given_a_start_under_way_when_another_begins_then_it_waits_its_turn_but_not_for_ever() -> None:
    order: list[str] = []
    inside = threading.Event()

    def first() -> None:
        with one_choice_at_a_time(5.0):
            inside.set()
            time.sleep(0.3)
            order.append("first is done")

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(6.0)
    with one_choice_at_a_time(5.0):
        order.append("second begins")
        began = time.monotonic()
        with one_choice_at_a_time(0.2):
            assert time.monotonic() - began >= 0.2
    thread.join()
    assert order == ["first is done", "second begins"]
