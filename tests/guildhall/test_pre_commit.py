"""The git hook: a flow that is wrong is not committed, one that is right is."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.shell

HOME = Path(__file__).parents[2]
MAIN = "dialplans/northmere/flows/main.yaml"


def git(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GUILDHALL_BIN": str(HOME / ".venv" / "bin" / "guildhall"),
        "GIT_CONFIG_GLOBAL": "/dev/null",
    }
    who = ("-c", "user.name=Mari", "-c", "user.email=mari@example.org")
    return subprocess.run(  # noqa: S603 - git, no shell
        ["/usr/bin/git", *who, *arguments], cwd=place, env=environment, capture_output=True, text=True, check=False
    )


# "a pre-commit hook": what is staged is looked at, not what lies in the working tree.
def test_given_the_hook_when_flows_are_committed_then_wrong_ones_are_refused_with_file_and_line(tmp_path: Path) -> None:
    shutil.copytree(HOME / "dialplans", tmp_path / "dialplans")
    git(tmp_path, "init", "-q")
    (tmp_path / ".git" / "hooks" / "pre-commit").symlink_to(HOME / "setup" / "pre-commit.sh")
    git(tmp_path, "add", "-A")
    first = git(tmp_path, "commit", "-qm", "first")
    assert first.returncode == 0, first.stdout + first.stderr

    path = tmp_path / MAIN
    right = path.read_text("utf-8")
    path.write_text(right.replace("next: main_menu", "next: man_menu"), "utf-8")
    git(tmp_path, "add", "-A")
    path.write_text(right, "utf-8")
    refused = git(tmp_path, "commit", "-qm", "second")
    assert refused.returncode == 1
    assert "dialplans/northmere/flows/main.yaml:7: unknown step 'man_menu'" in refused.stdout + refused.stderr

    # A commit that touches no flow is none of the hook's business.
    git(tmp_path, "reset", "-q")
    (tmp_path / "README").write_text("x", "utf-8")
    git(tmp_path, "add", "README")
    assert git(tmp_path, "commit", "-qm", "third").returncode == 0
