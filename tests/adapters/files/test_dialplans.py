"""The councils' folder: the samples are good, and every mistake between files is told by place."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from adapters.files.dialplans import SHARED, Dialplans, read_dialplans
from ivr.core.flow import Flow
from kernel.skill import meets
from tests.fakes.council_files import DIALPLANS, book_of, change, refusals

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def samples() -> Dialplans:
    return read_dialplans(DIALPLANS)


# Issue 2: two fictional councils share agents with different skills.
def test_given_the_samples_when_read_then_two_councils_share_their_agents(samples: Dialplans) -> None:
    assert [tenant.id for tenant in samples.tenants] == ["harbourside", "northmere"]
    assert sorted(agent.sip_user for agent in samples.agents) == [
        *("a001", "a002", "a003", "a004", "a005", "a006", "a101", "a102")
    ]
    assert all(set(agent.councils) == {"northmere", "harbourside"} for agent in samples.agents)
    assert len({tuple(sorted(agent.skills.items())) for agent in samples.agents}) == 8


# A single ready agent can serve every choice of the county's menu.
def test_given_agent_a001_when_compared_with_the_countys_queues_then_she_may_serve_all(samples: Dialplans) -> None:
    agent = next(agent for agent in samples.agents if agent.sip_user == "a001")
    own = [queue for queue in samples.queues if queue.tenant == "northmere"]
    assert len(own) == 15
    assert all(queue.id in agent.queues and meets(agent.skills, queue.skills) for queue in own)


# Ofcom's numbers for drama only; each leads to a flow or a queue.
def test_given_the_samples_when_bound_then_every_number_is_answered(samples: Dialplans) -> None:
    book = book_of(samples)
    for tenant in samples.tenants:
        for number in tenant.numbers:
            assert number.number.startswith("03069990")
            assert isinstance(book.answering(tenant, number.number), Flow) == (number.flow is not None)
            assert book.answering(tenant, number.number) is not None


def test_given_the_samples_when_read_then_times_are_seconds(samples: Dialplans) -> None:
    waste = next(queue for queue in samples.queues if queue.id == "northmere.waste")
    assert (waste.ring_time_s, waste.wrap_up_s, waste.rona_exclude_s, waste.service_level_s) == (15.0, 5.0, 60.0, 20.0)


# Every prompt in every language of the council.
def test_given_the_samples_when_prompts_are_counted_then_each_has_both_languages(samples: Dialplans) -> None:
    languages = Counter(language for texts in samples.prompts.values() for text in texts.values() for language in text)
    assert languages["en"] == languages["cy"] >= 15
    assert {"agent_ready", "agent_refused", "sorry_hold", "goodbye"} <= set(samples.prompts[SHARED])


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            "northmere/tenant.yaml",
            "queue: northmere.waste",
            "queue: northmere.wast",
            "tenant.yaml:10: unknown queue 'northmere.wast': did you mean 'northmere.waste'?",
        ),
        ("northmere/tenant.yaml", "queue: northmere.waste", "queue: waste", "did you mean 'northmere.waste'?"),
        ("northmere/tenant.yaml", "flow: main", "flow: man", "tenant.yaml:7: unknown flow 'man': did you mean 'main'?"),
        ("northmere/tenant.yaml", "flow: main", "flow: main\n    queue: northmere.waste", "to a flow or to a queue"),
        (
            "northmere/tenant.yaml",
            "default_queue: northmere.general",
            "default_queue: harbourside.waste",
            "unknown queue",
        ),
        ("northmere/tenant.yaml", "03069990002", "03069990011", "number '03069990011' stands twice: first in"),
        ("northmere/tenant.yaml", "03069990002", "0306 9990002", "tenant.yaml:9: 'number': a number holds"),
        ("northmere/tenant.yaml", "[en, cy]", "[en, ../x]", "tenant.yaml:3: 'languages'"),
        ("northmere/people.yaml", "northmere-a002", "northmere-a001", "agent 'northmere-a001' stands twice"),
        (
            "northmere/tenant.yaml",
            "short_abandon: 5s}",
            'short_abandon: 5s}\n  - {begins: "2026-01-01"}',
            "'figures': two definitions begin on 2026-01-01",
        ),
        ("northmere/people.yaml", "northmere-a002", "a002", "begins with 'northmere-'"),
        ("northmere/people.yaml", "sip_user: a002", "sip_user: a101", "SIP user 'a101' stands twice"),
        ("northmere/people.yaml", "sip_user: a002", "sip_user: trunk", "people.yaml:30: 'sip_user'"),
        ("northmere/people.yaml", "- northmere.housing", "- northmere.hosing", "people.yaml:9: unknown queue"),
        ("northmere/people.yaml", "[northmere, harbourside]", "[northmere]", "she may not serve council 'harbourside'"),
        (
            "northmere/people.yaml",
            "[northmere, harbourside]",
            "[northmere, harborside]",
            "unknown council 'harborside'",
        ),
        ("northmere/people.yaml", "{waste: 4", "{wate: 4", "unknown skill 'wate': did you mean 'waste'?"),
        ("northmere/people.yaml", "{waste: 4", "{waste: 6", "'waste': Input should be less than or equal to 5"),
        ("northmere/queues.yaml", "{waste: 1}", "{wsate: 1}", "queues.yaml:4: unknown skill 'wsate': did you mean"),
        (
            "harbourside/queues.yaml",
            "{emergency: 1}",
            "{welsh: 5, waste: 5}",
            "no agent can answer queue 'out_of_hours'",
        ),
        ("northmere/queues.yaml", "skills: {waste: 1}", "strategy: longest", "queues.yaml:4: 'strategy'"),
        (
            "northmere/queues.yaml",
            "skills: {waste: 1}",
            "skills: {waste: 1}\n    relaxing: [{after: 30s, skills: {wsate: 1}}]",
            "queues.yaml:5: unknown skill 'wsate'",
        ),
        (
            "northmere/queues.yaml",
            "skills: {waste: 1}",
            "skills: {waste: 1}\n    ageing: [{after: 60s, priority: 1}, {after: 60s, priority: 2}]",
            "queues.yaml:5: a later step of ageing",
        ),
        ("northmere/queues.yaml", "id: housing", "id: waste", "queue 'waste' stands twice"),
        ("northmere/queues.yaml", "ring_time: 15s", "ring_time: 15", "a duration is written like 5s"),
        ("northmere/prompts.yaml", "  welcome:\n    en:", "  welcome:\n    fr:", "'welcome' has no text in 'en'"),
        ("northmere/prompts.yaml", "  opening:", "  openning:", "prompt 'opening' is missing"),
        (
            "_shared/prompts.yaml",
            "  goodbye:\n    en: Thank you for calling. Goodbye.\n",
            "  goodbye:\n",
            "no text in 'en'",
        ),
        (
            "northmere/flows/main.yaml",
            "next: main_menu",
            "next: man_menu",
            "flows/main.yaml:7: unknown step 'man_menu'",
        ),
        ("northmere/flows/main.yaml", "prompts: [welcome]", "prompts: [wellcome]", "unknown prompt 'wellcome'"),
        ("northmere/flows/main.yaml", "verb: play", "verb: *play", "flows/main.yaml:5: anchors"),
    ],
)
def test_given_a_mistake_when_read_then_file_and_line_and_the_nearest_name_are_told(
    folder: Path, file: str, old: str, new: str, expected: str
) -> None:
    change(folder / file, old, new)
    found = refusals(folder)
    assert any(expected in line for line in found), found
    assert all(line.startswith("dialplans/") for line in found)


def test_given_mistakes_in_three_files_when_read_then_all_are_told(folder: Path) -> None:
    change(folder / "northmere/tenant.yaml", "name:", "nam:")
    change(folder / "northmere/queues.yaml", "wrap_up: 5s", "wrap_up: five")
    change(folder / "harbourside/people.yaml", "agents:", "agents: !x")
    files = {line.split(":")[0] for line in refusals(folder)}
    assert files == {
        "dialplans/northmere/tenant.yaml",
        "dialplans/northmere/queues.yaml",
        "dialplans/harbourside/people.yaml",
    }


@pytest.mark.parametrize("file", ["northmere/tenant.yaml", "northmere/flows/main.yaml", "_shared/prompts.yaml"])
def test_given_a_symbolic_link_when_read_then_it_is_refused(folder: Path, file: str) -> None:
    target = folder / file
    elsewhere = folder.parent / "elsewhere.yaml"
    target.rename(elsewhere)
    target.symlink_to(elsewhere)
    assert any("symbolic link" in line for line in refusals(folder))


def test_given_a_linked_folder_when_read_then_it_is_refused(folder: Path) -> None:
    (folder / "northmere").rename(folder.parent / "northmere")
    (folder / "northmere").symlink_to(folder.parent / "northmere")
    assert refusals(folder) == ["dialplans/northmere:1: a symbolic link is not followed: copy the file"]


def test_given_a_pipe_for_a_file_when_read_then_it_is_refused_and_nothing_hangs(folder: Path) -> None:
    (folder / "northmere/people.yaml").unlink()
    os.mkfifo(folder / "northmere/people.yaml")
    assert refusals(folder) == ["dialplans/northmere/people.yaml:1: this is not a regular file"]


@pytest.mark.parametrize("file", ["tenant.yaml", "queues.yaml", "people.yaml", "prompts.yaml"])
def test_given_a_missing_file_when_read_then_the_council_is_not_quietly_left_out(folder: Path, file: str) -> None:
    (folder / "northmere" / file).unlink()
    assert f"dialplans/northmere/{file}:1: the file is missing" in refusals(folder)


def test_given_no_flows_folder_when_read_then_it_is_told(folder: Path) -> None:
    shutil.rmtree(folder / "northmere/flows")
    assert any(line.startswith("dialplans/northmere/flows:1: cannot be read") for line in refusals(folder))


def test_given_a_folder_of_something_else_when_read_then_it_is_no_council(folder: Path) -> None:
    (folder / "agi-bin").mkdir(exist_ok=True)
    (folder / "northmere/flows/main.test.yaml").write_text("not read yet", encoding="utf-8")
    assert len(read_dialplans(folder).tenants) == 2


def test_given_no_folder_when_read_then_it_is_told(tmp_path: Path) -> None:
    assert refusals(tmp_path / "nothing") == ["nothing:1: cannot be read (No such file or directory)"]
