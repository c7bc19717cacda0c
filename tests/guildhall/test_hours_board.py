"""One council's hours as its hours' line speaks and changes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.files.notice_board import NoticeBoard
from desk.hours_line import What
from guildhall.hours_board import CouncilHours
from guildhall.secret_files import pin
from kernel.errors import BadInput, GuildhallError
from kernel.hours import Hours, Span
from kernel.ids import QueueId, TenantId
from kernel.tenant import Tenant

pytestmark = pytest.mark.shell

#: Open but for one minute at four in the night, so that no test depends on the hour it is run at.
ALL_DAY = Hours(name="main_office", weekly=dict.fromkeys(range(7), (Span(opens=4 * 60 + 1, closes=4 * 60),)))
TENANT = Tenant(
    id=TenantId("northmere"), name="Northmere", languages=("en",), numbers=(), default_queue=QueueId("northmere.d"),
    hours={"main_office": ALL_DAY, "northmere.general": ALL_DAY},
)  # fmt: skip


# C42: closed by telephone, told what changes and when it is over, taken back again.
def test_c42_given_a_closing_when_done_and_taken_back_then_the_board_and_the_words_follow(tmp_path: Path) -> None:
    board = NoticeBoard(tmp_path / "notices.jsonl")
    hours = CouncilHours(TENANT, board)
    assert list(hours.names()) == ["main_office"]
    assert hours.state("main_office").startswith("main office is open until 4:00")
    told, deed = hours.plan("main_office", What.CLOSE)
    assert told.startswith("main office will be closed from ")
    assert "Then main office is closed until 4:01" in told
    assert board.notices() == ()
    deed()
    assert hours.state("main_office").startswith("main office is closed")
    (notice,) = board.notices()
    assert (notice.by, notice.open) == ("telephone", False)
    hours.plan("main_office", What.TAKE_BACK)[1]()
    assert hours.state("main_office").startswith("main office is open")
    with pytest.raises(BadInput):
        hours.plan("main_office", What.TAKE_BACK)


def test_given_a_pin_when_made_then_it_has_eight_digits_and_is_its_owners_only(tmp_path: Path) -> None:
    made = pin(tmp_path / "pins", "northmere")
    assert len(made) == 8
    assert made.isdecimal()
    path = tmp_path / "pins" / "northmere"
    assert path.stat().st_mode & 0o777 == 0o600
    assert pin(tmp_path / "pins", "northmere") == made
    path.write_text("1234\n", "ascii")
    with pytest.raises(GuildhallError, match="8 digits"):
        pin(tmp_path / "pins", "northmere")
