"""Versions on disk: copied once, never changed, and a journal in which nothing changes unnoticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.files.version_folder import JOURNAL, VersionFolder, digest_of
from kernel.errors import BadInput, Refused
from kernel.number import parse_dialled
from kernel.versions import How, Publication, Stage

pytestmark = pytest.mark.shell


def a_line(version: int, digest: str = "d", *, stage: Stage | None = None) -> Publication:
    return Publication(
        seq=0, version=version, t=1.0, at=2.0, how=How.PUBLISH, by="mari", note="“why”", digest=digest, stage=stage
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    live = tmp_path / "dialplans"
    (live / "northmere").mkdir(parents=True)
    (live / "northmere" / "tenant.yaml").write_text("name: One\n", encoding="utf-8")
    return live


@pytest.fixture
def versions(tmp_path: Path) -> VersionFolder:
    kept = VersionFolder(tmp_path / "versions")
    with kept.alone():
        return kept


def test_given_a_folder_when_kept_then_later_edits_do_not_reach_the_version(
    folder: Path, versions: VersionFolder
) -> None:
    version, digest = versions.keep(folder)
    (folder / "northmere" / "tenant.yaml").write_text("name: Two\n", encoding="utf-8")
    kept = versions.files(version)
    assert kept.name == "dialplans"
    assert (kept / "northmere" / "tenant.yaml").read_text("utf-8") == "name: One\n"
    assert digest_of(kept) == digest != digest_of(folder)


def test_given_what_is_a_version_already_when_kept_then_no_second_copy_is_made(
    folder: Path, versions: VersionFolder
) -> None:
    first = versions.keep(folder)
    versions.append(a_line(*first))
    assert versions.keep(folder) == first
    (folder / "northmere" / "tenant.yaml").write_text("name: Two\n", encoding="utf-8")
    assert versions.keep(folder)[0] == first[0] + 1


# An editor's leavings and Asterisk's own scripts are no part of a version; a link is never followed.
def test_given_leavings_and_links_when_kept_then_they_stay_behind(folder: Path) -> None:
    before = digest_of(folder)
    for name in (".tenant.yaml.swp", "tenant.yaml~"):
        (folder / "northmere" / name).write_text("x", encoding="utf-8")
    (folder / "agi-bin").mkdir()
    (folder / "agi-bin" / "greet.py").write_text("x", encoding="utf-8")
    (folder / "northmere" / "link.yaml").symlink_to(folder / "northmere" / "tenant.yaml")
    assert digest_of(folder) == before


def test_given_lines_when_read_again_then_they_are_the_same_and_numbered(versions: VersionFolder) -> None:
    part = Stage(numbers=(parse_dialled("03069990001"),), percent=5)
    written = [versions.append(one) for one in (a_line(1), a_line(2, stage=part), a_line(1))]
    assert list(versions.journal()) == written
    assert [one.seq for one in written] == [1, 2, 3]


# "audited": a line that was changed, left out or damaged is told with its file and line.
@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (lambda text: text.replace("mari", "nobody", 1), 1),
        (lambda text: text.split("\n", 1)[1], 1),
        (lambda text: text + "nonsense\n", 3),
        (lambda text: text.replace('"seq": 2', '"seq": 3'), 2),
        (lambda text: text + "[]\n", 3),
    ],
)
def test_given_a_journal_that_was_changed_when_read_then_the_line_is_told(
    versions: VersionFolder,
    damage: object,
    line: int,
) -> None:
    for version in (1, 2):
        versions.append(a_line(version))
    path = versions.root / JOURNAL
    path.write_text(damage(path.read_text("utf-8")), "utf-8")  # type: ignore[operator]  # a parametrized function
    with pytest.raises(BadInput, match=rf"journal\.jsonl:{line}:"):
        versions.journal()


def test_given_somebody_who_publishes_when_another_does_then_it_is_refused(versions: VersionFolder) -> None:
    with versions.alone(), pytest.raises(Refused, match="try again"), VersionFolder(versions.root).alone():
        pass


def test_given_no_such_version_when_asked_then_the_history_is_named(versions: VersionFolder) -> None:
    with pytest.raises(BadInput, match="guildhall history"):
        versions.files(7)
