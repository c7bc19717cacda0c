"""Publishes a version of the councils' files: checked, tested, kept, spoken, told to Asterisk and to the engine.

Theory of operation. A version is a read-only copy of the councils' folder under ``var/versions``; the journal beside it
says which version takes force when, for which calls (``kernel/versions.py`` reads it). Whoever changes the journal then
brings it into force: Asterisk's generated files follow the version that holds for all calls, the engine reads the
journal and follows it call by call. A version that is wrong is refused before anything of it is kept.
"""

from __future__ import annotations

import getpass
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from adapters.control.client import ask
from adapters.files.dialplans import Dialplans, read_dialplans
from adapters.files.version_folder import VersionFolder
from adapters.speech.prompt_files import read_manifest
from guildhall.configuring import give_to_engine, reconfigure
from guildhall.flow_tools.dialling import Exchange
from guildhall.flow_tools.reading import Folder, look_over
from guildhall.flow_tools.scenarios import run_scenarios
from guildhall.free_ports import load_ports
from guildhall.prompts import pbx_prompts, render
from guildhall.settings import Settings
from ivr.core.lint import ERROR
from kernel.commands import TakeVersions
from kernel.errors import Refused
from kernel.versions import How, InForce, Publication, Stage, in_force, version_before

Say = Callable[[str], None]

#: What the last refused version was refused for, until one is published.
REFUSED = "refused.json"
#: Reading and binding a large county's files takes the engine about a second.
_ENGINE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for. ``at``: Unix seconds, None is now."""

    how: How
    note: str = ""
    stage: Stage | None = None
    at: float | None = None


class NotFit(Refused):
    """The files are wrong, or a scenario came out otherwise; ``lines`` say which."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        told = f"refused, {len(lines)} fault(s): nothing was changed, the version in force goes on"
        super().__init__("not_fit", told)
        self.lines = lines


def versions_of(settings: Settings) -> VersionFolder:
    """This checkout's versions."""
    return VersionFolder(settings.versions)


def fit(folder: Path) -> Dialplans:
    """Check a folder and run its scenarios. Raises ``NotFit`` with every line of what is wrong."""
    whole = Folder(root=folder, part=folder.name)
    errors = tuple(str(one) for one in look_over(whole) if one.level == ERROR)
    if errors:
        raise NotFit(errors)
    results, _ = run_scenarios(whole, Exchange.of(whole))
    failed = tuple(
        f"{one.place.file}:{one.place.line}: scenario '{one.name}': {complaint}"
        for one in results
        for complaint in one.complaints
    )
    if failed:
        raise NotFit(failed)
    return read_dialplans(folder)


def publish(settings: Settings, folder: Path, order: Order, say: Say) -> Publication | None:
    """Publish a folder; None when it is what is in force already. Raises ``GuildhallError`` and changes nothing."""
    versions = versions_of(settings)
    with versions.alone():
        try:
            say("check and scenarios")
            plans = fit(folder.resolve())
            _fit_stage(versions, plans, order)
        except NotFit as wrong:
            _note_refusal(settings, wrong)
            raise
        (settings.versions / REFUSED).unlink(missing_ok=True)
        version, told = versions.keep(folder.resolve())
        now = time.time()
        holds = in_force(versions.journal(), now)
        if order.stage is None and order.at is None and holds.staged is None and _is(holds, version):
            return None
        say("prompts")
        _speak(settings, versions, version, say)
        done = versions.append(_line(order, version, told, now))
        bring_into_force(settings, say)
        return done


def keep_started(settings: Settings, say: Say) -> Dialplans:
    """At the start: files nobody published yet are a version like any other. Returns what is in force.

    Files that are an older version already stay what they are: after a rollback a restart must not undo it.
    """
    versions = versions_of(settings)
    with versions.alone():
        now, journal = time.time(), versions.journal()
        version, told = versions.keep(settings.dialplans.resolve())
        if all(one.digest != told for one in journal):
            versions.append(_line(Order(how=How.UP), version, told, now))
        base = in_force(versions.journal(), now).base
        number = version if base is None else base.version
        if number != version:
            say(f"version {number} is in force, not what {settings.dialplans} says now: see 'guildhall history'")
        _speak(settings, versions, number, say)
        read_manifest(settings.sounds, manifest_in=versions.place(number)).write(settings.sounds)
        return read_dialplans(versions.files(number))


def roll_back(settings: Settings, version: int | None, note: str, say: Say) -> Publication:
    """Let an earlier version take force for all calls, at once; what was staged or planned is over.

    None: end what is staged, or else what is planned, or else go to the version before this one.
    Raises ``GuildhallError``.
    """
    versions = versions_of(settings)
    with versions.alone():
        now, journal = time.time(), versions.journal()
        holds = in_force(journal, now)
        if version is None:
            undone = holds.staged is not None or holds.pending
            before = holds.base if undone else version_before(journal, now)
            if before is None:
                raise Refused("no_version", "there is no earlier version: see 'guildhall history'")
            version = before.version
        versions.files(version)
        told = next((one.digest for one in journal if one.version == version), "")
        _speak(settings, versions, version, say)
        done = versions.append(_line(Order(how=How.ROLLBACK, note=note), version, told, now))
        bring_into_force(settings, say)
        return done


def bring_into_force(settings: Settings, say: Say) -> None:
    """Make Asterisk and the engine follow the journal. Nothing happens where nothing runs."""
    if not tell_asterisk(settings, say):
        return
    outcome = ask(settings.control, TakeVersions(), timeout=_ENGINE_S)
    # Unreachable: the engine reads the journal when it starts.
    if not outcome.ok and outcome.code == "version_refused":
        raise Refused(outcome.code, outcome.message)


def tell_asterisk(settings: Settings, say: Say) -> bool:
    """Make Asterisk follow the version that holds for all calls and the notices; False where nothing runs."""
    versions = versions_of(settings)
    base = in_force(versions.journal(), time.time()).base
    ports = load_ports(settings.run / "ports.json")
    if base is None or ports is None:
        return False
    prompts = pbx_prompts(settings, manifest_in=versions.place(base.version))
    prompts.write(settings.sounds)
    for command in reconfigure(settings, read_dialplans(versions.files(base.version)), prompts, ports):
        say(f"Asterisk: {command}")
    give_to_engine(settings)
    return True


def refusal(settings: Settings) -> tuple[float, tuple[str, ...]] | None:
    """When the last version was refused and why; None when the last one was taken."""
    try:
        told = json.loads((settings.versions / REFUSED).read_text(encoding="utf-8"))
        return float(told["t"]), tuple(map(str, told["lines"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is(holds: InForce, version: int) -> bool:
    return holds.base is not None and holds.base.version == version


def _line(order: Order, version: int, told: str, now: float) -> Publication:
    return Publication(
        seq=0,
        version=version,
        t=now,
        at=max(now, order.at or now),
        how=order.how,
        by=os.environ.get("SUDO_USER") or getpass.getuser(),
        note=order.note,
        digest=told,
        stage=order.stage,
    )


def _speak(settings: Settings, versions: VersionFolder, version: int, say: Say) -> None:
    render(settings, read_dialplans(versions.files(version)), say, manifest_in=versions.place(version))


def _fit_stage(versions: VersionFolder, plans: Dialplans, order: Order) -> None:
    """A part of the calls cannot have other queues and people: those hold for all calls."""
    base = in_force(versions.journal(), time.time()).base
    if order.stage is None or base is None:
        return
    held = read_dialplans(versions.files(base.version))
    if (held.queues, held.agents) != (plans.queues, plans.agents):
        raise Refused("stage_changes_all", "queues or people differ, and they hold for all calls: publish it whole")
    known = {number.number for tenant in held.tenants for number in tenant.numbers}
    if unknown := [one for one in order.stage.numbers if one not in known]:
        raise Refused("unknown_number", f"{unknown[0]} is no council's number in the version in force")


def _note_refusal(settings: Settings, wrong: NotFit) -> None:
    text = json.dumps({"t": time.time(), "lines": wrong.lines}, ensure_ascii=False)
    (settings.versions / REFUSED).write_text(text, encoding="utf-8")
