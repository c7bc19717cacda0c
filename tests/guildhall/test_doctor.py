"""The doctor: each check against a service that is not there, half there, or badly kept."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from adapters.control.server import ControlServer
from guildhall import processes
from guildhall.doctor import Finding, examine
from guildhall.secret_files import secret
from guildhall.settings import HOME, Settings
from kernel.commands import Asked, Outcome

pytestmark = pytest.mark.wire

CHECKS = [
    "pbx",
    "keeper",
    "asterisk",
    "engine",
    "deciding",
    "recordings",
    "recordings_key",
    "desk",
    "dialplans",
    "secrets",
    "listeners",
    "ports",
    "disk",
    "speech",
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A service that was never started, on a machine that was never set up."""
    return Settings(
        var=tmp_path / "var", recordings=tmp_path / "audio", dialplans=HOME / "dialplans", cache=tmp_path / "cache"
    )


def found(settings: Settings) -> dict[str, Finding]:
    return {one.check: one for one in examine(settings)}


# contracts/town.md: `[{"check", "ok", "message", "remedy"}]`.
def test_given_nothing_set_up_when_examined_then_every_check_and_a_remedy_for_each_that_is_bad(
    settings: Settings,
) -> None:
    findings = examine(settings)
    assert [one.check for one in findings] == CHECKS
    assert all(set(one.as_dict()) == {"check", "ok", "message", "remedy"} for one in findings)
    bad = {one.check: one for one in findings if not one.ok}
    assert set(bad) == {"pbx", "keeper", "asterisk", "engine", "deciding", "recordings", "desk", "speech"}
    assert "NO SPEECH" in bad["speech"].message
    assert all(one.message and one.remedy for one in bad.values())
    assert "make setup" in bad["pbx"].remedy
    assert "make up" in bad["engine"].remedy
    assert "make up" in bad["deciding"].message


def test_given_processes_that_run_when_examined_then_their_pids(settings: Settings) -> None:
    for name in ("keeper", "asterisk", "engine"):
        processes.remember(settings.run / f"{name}.pid", os.getpid())
    findings = found(settings)
    assert all(
        findings[name].ok and str(os.getpid()) in findings[name].message for name in ("keeper", "asterisk", "engine")
    )
    # It runs and does not answer: that is told apart.
    assert not findings["deciding"].ok


@pytest.mark.parametrize(("state", "ok"), [("up", True), ("reconciling", False), ("down", False)])
async def test_given_an_engine_when_examined_then_well_only_when_it_decides(
    settings: Settings,
    state: str,
    ok: bool,  # noqa: FBT001 - a parametrised flag
) -> None:
    async def ask(_command: Asked) -> Outcome:
        return Outcome(ok=True, code="state", message="", data={"engine": state})

    settings.run.mkdir(parents=True)
    server = ControlServer(settings.control, ask)
    await server.start()
    try:
        deciding = (await _in_thread(settings))["deciding"]
    finally:
        await server.stop()
    assert (deciding.ok, deciding.message) == (ok, f"the engine is {state}")
    assert bool(deciding.remedy) != ok


async def _in_thread(settings: Settings) -> dict[str, Finding]:
    import asyncio  # noqa: PLC0415 - the only asynchronous question here

    return await asyncio.to_thread(found, settings)


# Issue 2: files 0600, >= 20 characters.
def test_given_an_open_and_a_weak_secret_when_examined_then_both_named_and_never_shown(settings: Settings) -> None:
    for name in ("a001", "a002", "ami"):
        secret(settings.secrets, name)
    assert found(settings)["secrets"].message == "3 secrets, each its owner's only"
    (settings.secrets / "a001").chmod(0o644)
    (settings.secrets / "a002").write_text("hunter2\n")
    (settings.secrets / "odd").write_bytes(b"\xff\xfe")
    (settings.secrets / "odd").chmod(0o600)
    one = found(settings)["secrets"]
    assert (one.ok, one.message) == (False, "open or weak: a001, a002, odd")
    assert "make down" in one.remedy
    assert "hunter2" not in one.message + one.remedy


def test_given_broken_dialplans_when_examined_then_file_and_line(settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(HOME / "dialplans", tmp_path / "dialplans")
    queues = tmp_path / "dialplans" / "northmere" / "queues.yaml"
    queues.write_text(queues.read_text().replace("skills: {waste: 1}", "skils: {waste: 1}"))
    one = found(settings.model_copy(update={"dialplans": tmp_path / "dialplans"}))["dialplans"]
    assert not one.ok
    assert "northmere/queues.yaml:4" in one.message
    assert "skils" in one.message


@pytest.mark.parametrize(("bind", "said"), [("127.0.0.1", "SIP on 127.0.0.1"), ("192.0.2.7", "as you asked")])
def test_given_an_address_when_examined_then_said_when_others_can_reach_it(
    settings: Settings, bind: str, said: str
) -> None:
    assert found(settings.model_copy(update={"bind": bind}))["listeners"].message.endswith(said)


def test_given_a_pbx_that_is_none_when_examined_then_bad_and_no_traceback(settings: Settings, tmp_path: Path) -> None:
    settings.cache.mkdir()
    (settings.cache / "pbx").write_text(f"{tmp_path}/no-root-here\n")
    assert not found(settings)["pbx"].ok


# Issue 6: a key missing is a clear error; one made anew would hide that everything sealed before is lost.
def test_given_sealed_recordings_and_no_key_when_examined_then_it_says_so_and_makes_none(settings: Settings) -> None:
    assert found(settings)["recordings_key"].ok
    (settings.var / "vault" / "0a").mkdir(parents=True)
    finding = found(settings)["recordings_key"]
    assert not finding.ok
    assert "backup" in finding.remedy
    assert not (settings.secrets / "recordings-key").exists()
