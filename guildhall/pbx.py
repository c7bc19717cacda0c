"""This checkout's Asterisk: where its root and folders are, and what is generated for it."""

from __future__ import annotations

from pathlib import Path

from adapters.asterisk.pbx_conf import PbxSettings
from adapters.asterisk.pbx_process import PbxFolders
from guildhall.free_ports import Ports
from guildhall.secret_files import secret
from guildhall.settings import HOME, Settings
from kernel.errors import GuildhallError

AMI_USER = "guildhall"


def pbx_root(settings: Settings) -> Path | None:
    """The root filesystem of the PBX, None for the machine's own Asterisk, as `make setup` found it."""
    pointer = settings.cache / "pbx"
    try:
        where = pointer.read_text(encoding="utf-8").strip()
    except OSError:
        raise GuildhallError("no_pbx", f"{pointer} is missing: run 'make setup' first") from None
    return None if where == "native" else Path(where)


def pbx_folders(settings: Settings) -> PbxFolders:
    """The host folders Asterisk sees."""
    state = settings.var / "pbx"
    return PbxFolders(
        conf=HOME / "asterisk_conf",
        generated=state / "generated",
        sounds=settings.sounds,
        agi_bin=settings.dialplans / "agi-bin",
        recordings=settings.recordings,
        state=state,
    )


def pbx_settings(settings: Settings, ports: Ports, owner: tuple[int, int] | None = None) -> PbxSettings:
    """Ports and secrets this run's Asterisk and engine share."""
    return PbxSettings(
        bind=settings.bind,
        sip_port=ports.sip,
        ami_port=ports.ami,
        agi_port=ports.agi,
        rtp_from=ports.rtp_from,
        rtp_to=ports.rtp_to,
        ami_user=AMI_USER,
        ami_secret=secret(settings.secrets, "ami", owner),
        agi_token=secret(settings.secrets, "agi", owner),
        trunk_from=settings.trunk_from,
    )
