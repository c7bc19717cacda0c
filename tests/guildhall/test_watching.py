"""The keeper's watch: an edit is published once it is quiet, a plan at its time, one errand at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from guildhall.hours_board import notice_board
from guildhall.publishing import versions_of
from guildhall.settings import Settings
from guildhall.watching import Watch
from kernel.versions import How, Publication

pytestmark = pytest.mark.shell


@dataclass
class Errands:
    """What was started; ``done`` says whether the last one is over."""

    started: list[str] = field(default_factory=list)
    done: bool = True

    def poll(self) -> int | None:
        return 0 if self.done else None

    def __call__(self, what: str) -> Errands:
        self.started.append(what)
        return self


@pytest.fixture
def live(tmp_path: Path) -> Settings:
    (tmp_path / "dialplans").mkdir()
    (tmp_path / "dialplans" / "tenant.yaml").write_text("name: One\n", encoding="utf-8")
    return Settings(var=tmp_path / "var", dialplans=tmp_path / "dialplans")


def look_until(watch: Watch, begin: float, end: float, wall: float = 0.0) -> None:
    for half in range(int(begin * 2), int(end * 2)):
        watch.look(half / 2, wall)


def test_given_an_edit_when_it_is_quiet_for_a_second_then_it_is_published_once(live: Settings) -> None:
    errands = Errands()
    watch = Watch(live, errands)
    look_until(watch, 1, 5)
    assert errands.started == []
    file = live.dialplans / "tenant.yaml"
    file.write_text("name: Twoo\n", encoding="utf-8")
    look_until(watch, 5, 6)
    # Saved once more: wait again.
    file.write_text("name: Threee\n", encoding="utf-8")
    look_until(watch, 6, 7)
    assert errands.started == []
    look_until(watch, 7, 20)
    assert errands.started == ["edit"]


def test_given_leavings_of_an_editor_when_looked_at_then_nothing_is_published(live: Settings) -> None:
    errands = Errands()
    watch = Watch(live, errands)
    look_until(watch, 1, 3)
    (live.dialplans / ".tenant.yaml.swp").write_text("x", encoding="utf-8")
    (live.dialplans / "tenant.yaml~").write_text("x", encoding="utf-8")
    look_until(watch, 3, 10)
    assert errands.started == []


def test_given_reload_on_edit_is_off_when_edited_then_nothing_is_published(live: Settings) -> None:
    errands = Errands()
    watch = Watch(live.model_copy(update={"reload_on_edit": False}), errands)
    look_until(watch, 1, 3)
    (live.dialplans / "queues.yaml").write_text("x", encoding="utf-8")
    look_until(watch, 3, 10)
    assert errands.started == []


def test_given_an_errand_under_way_when_edited_again_then_it_waits_for_its_end(live: Settings) -> None:
    errands = Errands()
    watch = Watch(live, errands)
    look_until(watch, 1, 3)
    errands.done = False
    (live.dialplans / "queues.yaml").write_text("x", encoding="utf-8")
    look_until(watch, 3, 6)
    (live.dialplans / "people.yaml").write_text("x", encoding="utf-8")
    look_until(watch, 6, 10)
    assert errands.started == ["edit"]
    errands.done = True
    look_until(watch, 10, 14)
    assert errands.started == ["edit", "edit"]


def test_given_a_plan_when_its_time_comes_then_it_is_brought_into_force_once(live: Settings) -> None:
    errands = Errands()
    watch = Watch(live, errands)
    versions = versions_of(live)
    with versions.alone():
        for version, at in ((1, 10.0), (2, 100.0)):
            versions.append(
                Publication(seq=0, version=version, t=9.0, at=at, how=How.PUBLISH, by="a", note="", digest="d")
            )
    look_until(watch, 1, 5, wall=99.0)
    assert errands.started == []
    look_until(watch, 5, 9, wall=100.0)
    assert errands.started == ["due"]


def test_given_a_broken_journal_when_looked_at_then_the_keeper_keeps_on(live: Settings) -> None:
    errands = Errands()
    watch = Watch(live, errands)
    live.versions.mkdir(parents=True)
    (live.versions / "journal.jsonl").write_text("nonsense\n", encoding="utf-8")
    look_until(watch, 1, 5)
    assert errands.started == []


# C42: "effect <= 5 s", in the static fallback too: also while a publication takes its minutes.
def test_c42_given_a_notice_while_an_errand_is_under_way_when_looked_at_then_asterisk_is_told_beside_it(
    live: Settings,
) -> None:
    errands = Errands()
    watch = Watch(live, errands)
    look_until(watch, 1, 3)
    errands.done = False
    (live.dialplans / "queues.yaml").write_text("x", encoding="utf-8")
    look_until(watch, 3, 6)
    board = notice_board(live)
    board.path.parent.mkdir(parents=True, exist_ok=True)
    board.path.write_text("one\n", encoding="utf-8")
    look_until(watch, 6, 8)
    assert errands.started == ["edit", "notices"]
    board.path.write_text("one\ntwo\n", encoding="utf-8")
    look_until(watch, 8, 10)
    errands.done = True
    look_until(watch, 10, 14)
    assert errands.started == ["edit", "notices", "notices"]
