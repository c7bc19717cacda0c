"""Who may import whom: the contracts of .importlinter hold, and forget nobody."""

from __future__ import annotations

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import CORES, HOME, PACKAGES, under

pytestmark = pytest.mark.house


def _contracts() -> configparser.ConfigParser:
    contracts = configparser.ConfigParser()
    contracts.read(HOME / ".importlinter", encoding="utf-8")
    return contracts


def _modules(section: str, option: str) -> set[str]:
    return set(_contracts()[section][option].split())


# docs/architecture.md, "Who may import whom": each arrow is a contract, and each contract a sentence.
def test_given_the_tree_when_its_imports_are_followed_then_every_contract_holds() -> None:
    done = subprocess.run(  # noqa: S603 - the linter of our own environment, no shell
        [Path(sys.executable).parent / "lint-imports", "--config", ".importlinter", "--no-cache"],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_given_a_folder_of_python_when_the_contracts_are_read_then_it_is_among_them() -> None:
    there = {name.split("/")[0] for name in under(*PACKAGES)} - {"bench"}
    assert _modules("importlinter", "root_packages") == there


# "A core never looks up at its shell": the contract lists the shell's modules, so a new one must be added to it.
def test_given_a_component_with_a_core_when_the_contracts_are_read_then_every_module_of_its_shell_is_named() -> None:
    components = [core.removesuffix("/core") for core in CORES if core.endswith("/core")]
    shells = {
        name.removesuffix(".py").replace("/", ".")
        for name in under(*components)
        if "/core/" not in name and not name.endswith("__init__.py")
    }
    assert _modules("importlinter:contract:shells", "forbidden_modules") == shells


def test_given_a_core_when_the_contracts_are_read_then_it_is_held_to_purity() -> None:
    assert _modules("importlinter:contract:purity", "source_modules") == {core.replace("/", ".") for core in CORES}
