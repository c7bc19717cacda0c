"""Publishing without a running service: what is refused, what is kept, what the engine would follow."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from guildhall.publishing import NotFit, Order, keep_started, publish, refusal, roll_back, versions_of
from guildhall.settings import Settings
from guildhall.versions_in_force import take
from kernel.errors import Refused
from kernel.number import parse_dialled
from kernel.versions import How, Stage, in_force
from tests.fakes.service import short_dialplans

pytestmark = pytest.mark.shell

MAIN = "northmere/flows/main.yaml"
WHOLE = Order(how=How.PUBLISH)


def quiet(_text: str) -> None:
    """Progress nobody reads."""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state of a service that was started once: version 1, spoken."""
    place = tmp_path_factory.mktemp("started")
    short_dialplans(place / "dialplans")
    settings = Settings(var=place / "var", dialplans=place / "dialplans")
    settings.sounds.mkdir(parents=True)
    keep_started(settings, quiet)
    return place


@pytest.fixture
def service(started: Path, tmp_path: Path) -> Settings:
    shutil.copytree(started, tmp_path / "it")
    return Settings(var=tmp_path / "it" / "var", dialplans=tmp_path / "it" / "dialplans")


def edit(settings: Settings, file: str, change: Callable[[str], str]) -> None:
    path = settings.dialplans / file
    path.write_text(change(path.read_text("utf-8")), "utf-8")


def longer(text: str) -> str:
    return text.replace("timeout: 1s", "timeout: 2s")


def holds(settings: Settings) -> tuple[int | None, int | None]:
    found = in_force(versions_of(settings).journal(), time.time())
    return found.base.version if found.base else None, found.staged.version if found.staged else None


def test_given_an_edit_when_published_then_it_is_in_force_and_rollback_undoes_it(service: Settings) -> None:
    assert holds(service) == (1, None)
    edit(service, MAIN, longer)
    done = publish(service, service.dialplans, Order(how=How.PUBLISH, note="more time"), quiet)
    assert done is not None
    assert (holds(service), done.note) == ((2, None), "more time")
    assert take(service).book.version == 2
    roll_back(service, None, "", quiet)
    assert holds(service) == (1, None)
    assert take(service).book.version == 1


def test_given_nothing_changed_when_published_then_nothing_happens(service: Settings) -> None:
    assert publish(service, service.dialplans, WHOLE, quiet) is None
    assert len(versions_of(service).journal()) == 1


# P14: "a bad file is refused whole, with file, line and hint, and the old one goes on".
def test_given_a_mistake_when_published_then_file_and_line_are_told_and_nothing_is_kept(service: Settings) -> None:
    edit(service, MAIN, lambda text: text.replace("next: main_menu", "next: man_menu"))
    with pytest.raises(NotFit) as refused:
        publish(service, service.dialplans, WHOLE, quiet)
    assert "dialplans/northmere/flows/main.yaml:7: unknown step 'man_menu': did you mean 'main_menu'?" in (
        refused.value.lines
    )
    assert holds(service) == (1, None)
    assert not versions_of(service).place(2).exists()
    told = refusal(service)
    assert told is not None
    assert told[1] == refused.value.lines


# "checked, tested": a scenario that comes out otherwise is told with its place, and the version refused.
def test_given_a_scenario_that_fails_when_published_then_it_is_refused_until_it_is_mended(service: Settings) -> None:
    edit(service, MAIN, lambda text: text.replace("1: bins", "1: housing").replace("2: housing", "2: bins"))
    with pytest.raises(NotFit) as refused:
        publish(service, service.dialplans, WHOLE, quiet)
    assert any("main.test.yaml" in line and "northmere.waste" in line for line in refused.value.lines)
    edit(service, MAIN, lambda text: text.replace("1: housing", "1: bins").replace("2: bins", "2: housing"))
    edit(service, MAIN, longer)
    assert publish(service, service.dialplans, WHOLE, quiet) is not None
    assert refusal(service) is None


# "staged by number or percentage": only flows, hours and prompts can be; queues and people hold for all calls.
def test_given_a_stage_when_published_then_only_its_calls_follow_it(service: Settings) -> None:
    edit(service, MAIN, longer)
    stage = Stage(numbers=(parse_dialled("03069990001"),))
    publish(service, service.dialplans, Order(how=How.PUBLISH, stage=stage), quiet)
    taken = take(service)
    assert taken.book.version == 1
    assert taken.staged is not None
    assert taken.staged.book.version == 2
    roll_back(service, None, "", quiet)
    assert take(service).staged is None


@pytest.mark.parametrize(
    ("file", "change", "number", "code"),
    [
        ("northmere/queues.yaml", lambda text: text.replace("wrap_up: 1s", "wrap_up: 2s"), None, "stage_changes_all"),
        (MAIN, longer, "03069990099", "unknown_number"),
    ],
)
def test_given_a_stage_that_cannot_be_when_published_then_it_is_refused(
    service: Settings, file: str, change: Callable[[str], str], number: str | None, code: str
) -> None:
    edit(service, file, change)
    stage = Stage(numbers=(parse_dialled(number),) if number else (), percent=10)
    with pytest.raises(Refused) as refused:
        publish(service, service.dialplans, Order(how=How.PUBLISH, stage=stage), quiet)
    assert refused.value.code == code
    assert holds(service) == (1, None)


def test_given_a_plan_when_rolled_back_then_the_plan_is_over_and_nothing_else(service: Settings) -> None:
    edit(service, MAIN, longer)
    publish(service, service.dialplans, Order(how=How.PUBLISH, at=time.time() + 3600), quiet)
    assert holds(service) == (1, None)
    roll_back(service, None, "", quiet)
    found = in_force(versions_of(service).journal(), time.time() + 7200)
    assert found.base is not None
    assert (found.base.version, found.pending) == (1, ())


# A restart must not undo a rollback: the folder still says what was rolled back.
def test_given_a_rollback_when_started_again_then_it_still_holds(service: Settings) -> None:
    edit(service, MAIN, longer)
    publish(service, service.dialplans, WHOLE, quiet)
    roll_back(service, None, "", quiet)
    keep_started(service, quiet)
    assert holds(service) == (1, None)


def test_given_an_edit_while_nothing_ran_when_started_then_it_is_a_new_version(service: Settings) -> None:
    edit(service, MAIN, longer)
    keep_started(service, quiet)
    assert holds(service) == (2, None)


# A call ends on the version it began with, its prompts among it: another version's words do not reach it.
def test_given_other_words_when_published_then_each_version_keeps_its_own_prompts(service: Settings) -> None:
    edit(service, "northmere/prompts.yaml", lambda text: text.replace("Welcome.", "Good day."))
    before = take(service).book.sounds
    publish(service, service.dialplans, WHOLE, quiet)
    after = take(service).book.sounds
    assert before is not None
    assert after is not None
    assert before.path("northmere", "en", "welcome") != after.path("northmere", "en", "welcome")
    assert before.path("northmere", "cy", "welcome") == after.path("northmere", "cy", "welcome")
