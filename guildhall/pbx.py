"""This checkout's Asterisk: where its root and folders are, and what is generated for it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from adapters.asterisk.pbx_conf import PbxSettings
from adapters.asterisk.pbx_process import PbxFolders
from guildhall.free_ports import Ports
from guildhall.secret_files import secret
from guildhall.settings import HOME, Settings
from kernel.errors import GuildhallError

AMI_USER = "guildhall"
#: The long-term branch all our measurements were made on; older ones lack security fixes we rely on.
MINIMUM_ASTERISK = 22


def pbx_root(settings: Settings) -> Path | None:
    """The root filesystem of the PBX, None for the machine's own Asterisk, as `make setup` found it."""
    pointer = settings.cache / "pbx"
    try:
        where = pointer.read_text(encoding="utf-8").strip()
    except OSError:
        raise GuildhallError("no_pbx", f"{pointer} is missing: run 'make setup' first") from None
    return None if where == "native" else Path(where)


def fit_version(root: Path | None) -> str:
    """What Asterisk says of its version. Raises ``GuildhallError`` when it does not start or is too old.

    Without root, a chroot's is what it said when its root filesystem was made.
    """
    if root is not None and os.geteuid() != 0:
        said = (root.parent / "made").read_text(encoding="utf-8").strip()
    else:
        argv = ["/usr/sbin/asterisk", "-V"] if root is None else ["/usr/sbin/chroot", str(root), "asterisk", "-V"]
        said = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=10).stdout.strip()  # noqa: S603 - fixed words and our own folder
    number = re.search(r"\d+", said)
    if number is None or int(number[0]) < MINIMUM_ASTERISK:
        raise GuildhallError(
            "old_pbx",
            f"Asterisk {MINIMUM_ASTERISK} or newer is needed, found: {said or 'none that starts'}; run 'make setup'",
        )
    return said


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
        fallback_after_s=settings.fallback_after_s,
        trunk_out=settings.trunk_out,
        callback_rest_s=settings.callback_rest_s,
        phone_silence_s=settings.phone_silence_s,
    )
