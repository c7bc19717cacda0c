"""A seat for a resident who is rung back: what is asked of the PBX, and what it speaks."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from adapters.asterisk.seats import set_seat
from kernel.errors import BadInput
from tests.fakes.service import HOME

pytestmark = pytest.mark.unit


class Asked:
    """A link that notes what is asked, and the PBX's yes."""

    def __init__(self) -> None:
        self.headers: Mapping[str, str] = {}

    def get(self, name: str, default: str = "") -> str:
        return "Success" if name == "Response" else default

    async def ask(self, action: str, headers: Mapping[str, str], *, timeout_s: float = 5.0) -> Asked:
        assert (action, timeout_s) == ("Originate", 5.0)
        self.headers = headers
        return self


# docs/decisions/0047: a translator that stands on the resident's leg for the whole call drops the next speaker.
async def test_given_a_seat_when_asked_for_then_it_speaks_as_the_line_and_the_phones_do() -> None:
    link = Asked()
    await set_seat(link, {"GH_CONTACT": "c1"}, contact="c1", to="01632960175")
    lines = (HOME / "asterisk_conf" / "pjsip.conf").read_text(encoding="utf-8").splitlines()
    offered = [line.removeprefix("allow=").split(",") for line in lines if line.startswith("allow=")]
    assert {first for first, *_more in offered} == {link.headers["Codecs"]}


async def test_given_a_variable_that_asterisk_reads_as_syntax_when_a_seat_is_asked_for_then_nothing_is_sent() -> None:
    link = Asked()
    with pytest.raises(BadInput):
        await set_seat(link, {"GH_SORRY": "${SHELL(id)}"}, contact="c1", to="01632960175")
    assert not link.headers
