"""What Asterisk reads of the councils' files: written at the start and with each version, reloaded where it changed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from adapters.asterisk.pbx_conf import write_conf, write_generated
from adapters.asterisk.pbx_process import pbx_cli, pbx_owner, prepare_folders
from adapters.files.dialplans import Dialplans
from adapters.speech.hold_music import write_hold_music
from adapters.speech.prompt_files import Manifest
from adapters.speech.quiet import write_line_sounds
from guildhall import processes
from guildhall.free_ports import Ports
from guildhall.hours_board import standing_notices
from guildhall.notice_words import spoken_notices
from guildhall.pbx import pbx_folders, pbx_settings
from guildhall.privilege import engine_owner
from guildhall.recording_conf import recording_lines
from guildhall.secret_files import pin, secret
from guildhall.settings import Settings
from guildhall.static_wiring import static_part
from kernel.errors import GuildhallError

#: Generated file -> what Asterisk is told when it changed. Ports and passwords of the machine itself never change
#: under a running service.
_RELOADS: Mapping[str, str] = {
    "numbers.conf": "dialplan reload",
    "recording.conf": "dialplan reload",
    "static.conf": "dialplan reload",
    "queues.conf": "module reload app_queue.so",
    "pjsip.conf": "module reload res_pjsip.so",
}


def configure(settings: Settings, plans: Dialplans, prompts: Manifest, ports: Ports) -> None:
    """Write everything Asterisk reads."""
    owner = pbx_owner()
    reader = engine_owner()
    folders, notices = pbx_folders(settings), standing_notices(settings)
    for tenant in plans.tenants:
        if tenant.hours_line is not None:
            pin(settings.pins, tenant.id, reader)
    write_hold_music(settings.sounds / "moh")
    static = static_part(plans, prompts, notices=notices, spoken=spoken_notices(settings))[0]
    write_line_sounds(settings.sounds, static.listens_s)
    prepare_folders(folders, owner, reader[1])
    write_conf(
        folders.generated,
        pbx_settings(settings, ports, reader),
        tenants=plans.tenants,
        agents=plans.agents,
        passwords={one.sip_user: secret(settings.secrets, one.sip_user, reader) for one in plans.agents},
        opening={one.id: prompts.path(one.id, one.languages[0], "opening") or "" for one in plans.tenants},
        sorry={one.id: prompts.path(one.id, one.languages[0], "sorry_hold") or "" for one in plans.tenants},
        owner=owner,
        static=static,
    )
    write_generated(folders.generated / "recording.conf", recording_lines(plans, prompts), owner)


def reconfigure(settings: Settings, plans: Dialplans, prompts: Manifest, ports: Ports) -> tuple[str, ...]:
    """Write it under a running Asterisk; return what was reloaded. Raises ``GuildhallError`` when it does not obey."""
    generated = pbx_folders(settings).generated
    before = _texts(generated)
    configure(settings, plans, prompts, ports)
    give_to_engine(settings)
    after = _texts(generated)
    commands = dict.fromkeys(command for name, command in _RELOADS.items() if before.get(name) != after.get(name))
    pid = processes.running(settings.run / "asterisk.pid")
    if pid is None:
        return ()
    for command in commands:
        try:
            pbx_cli(pid, command)
        except subprocess.SubprocessError:
            raise GuildhallError(
                "not_reloaded", f"Asterisk did not carry out '{command}': see {settings.var / 'pbx' / 'log'}"
            ) from None
    return tuple(commands)


def give_to_engine(settings: Settings) -> None:
    """What the engine writes belongs to the engine's user; Asterisk's own folders stay Asterisk's."""
    if os.geteuid() != 0:
        return
    owner = engine_owner()
    os.chown(settings.var, *owner)
    for folder in (settings.run, settings.logs, settings.secrets, settings.sounds, settings.versions, settings.pins):
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, *owner, follow_symlinks=False)


def _texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.conf")}
