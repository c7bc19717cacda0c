"""The command line reads a command's module when it is asked for, and knows every command all the same."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest
import typer
from typer.testing import CliRunner

from guildhall.cli import MODULES, app

pytestmark = pytest.mark.shell


# A row missing in the table would be a command nobody finds; one too many would be a traceback.
@pytest.mark.parametrize("module", sorted(set(MODULES.values())))
def test_given_a_module_when_it_registers_then_the_table_names_exactly_its_commands(module: str) -> None:
    brought = typer.Typer()
    brought.callback()(lambda: None)
    import_module(module).register(brought)
    assert set(typer.main.get_group(brought).commands) == {name for name, where in MODULES.items() if where == module}


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
