"""The command line reads a command's module when it is asked for, and knows every command all the same."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from guildhall.cli import app
from guildhall.command_list import COMMANDS
from guildhall.on_demand import brought_by

pytestmark = pytest.mark.shell


# A row missing in the list would be a command nobody finds; one too many would be a traceback; a sentence that differs
# would be a help that lies.
@pytest.mark.parametrize("module", sorted({row.module for row in COMMANDS.values()}))
def test_given_a_module_when_read_then_the_list_tells_exactly_its_commands_in_their_own_words(module: str) -> None:
    brought = {name: (one.help or "").split("\n\n")[0].replace("\n", " ") for name, one in brought_by(module).items()}
    assert brought == {name: row.told for name, row in COMMANDS.items() if row.module == module}


# The list of commands used to read all their modules, which took 1.8 s.
def test_given_help_when_asked_for_then_every_command_is_told_and_none_is_read() -> None:
    words = "import sys; from guildhall.cli import app; app(['--help'], standalone_mode=False)"
    loaded = "{row.module for row in COMMANDS.values()} & set(sys.modules), 'pydantic' in sys.modules"
    done = subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-c", f"{words}; from guildhall.command_list import COMMANDS; print('READ', {loaded})"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "READ set() False" in done.stdout
    assert not [name for name in COMMANDS if f" {name} " not in done.stdout]


# Every command used to read all modules, which took a second before anything happened.
def test_given_one_command_when_run_then_the_modules_of_others_stay_unread() -> None:
    words = "import sys; from guildhall.cli import app; app(['agent', '--help'], standalone_mode=False)"
    done = subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-c", f"{words}; print('READ', 'sqlalchemy' in sys.modules, 'onnxruntime' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "READ False False" in done.stdout


@pytest.mark.parametrize(("typed", "meant"), [("statsu", "status"), ("recordngs", "recordings")])
def test_given_a_misspelt_command_when_run_then_the_right_one_is_suggested(typed: str, meant: str) -> None:
    result = CliRunner().invoke(app, [typed])
    assert result.exit_code == 2
    assert f"Did you mean '{meant}'" in result.output
