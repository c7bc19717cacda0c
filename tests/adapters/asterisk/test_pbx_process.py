"""The shell that builds Asterisk's namespace, run with stand-ins for mount and chroot: every path stays one word."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from adapters.asterisk.pbx_evidence import forget_numbers
from adapters.asterisk.pbx_process import PbxFolders, _script, pbx_owner, prepare_folders

pytestmark = pytest.mark.wire

#: What a home folder, a shared drive and a mistake may be called.
NASTY = ["plain", "with space", 'it\'s "ours"', "$(touch gone);`touch gone`", "a&b|c>d", "naïve\ttab"]
#: Instead of the real program: writes its own name and words, separated by NUL, one call a line ending in two NULs.
STAND_IN = '#!/bin/sh\nprintf "%s\\0" "${0##*/}" "$@" >>"$SAID"; printf "\\0" >>"$SAID"\n'


def folders(place: Path) -> PbxFolders:
    return PbxFolders(
        conf=place / "asterisk_conf",
        generated=place / "generated",
        sounds=place / "sounds",
        agi_bin=place / "agi-bin",
        recordings=place / "audio",
        state=place / "pbx",
    )


def run(script: str, tmp_path: Path) -> list[list[str]]:
    """Run the script with stand-ins; return each program called with its words."""
    stand_ins = tmp_path / "stand-ins"
    stand_ins.mkdir()
    for name in ("mount", "chroot", "setpriv"):
        (stand_ins / name).write_text(STAND_IN)
        (stand_ins / name).chmod(0o755)
    said = tmp_path / "said"
    done = subprocess.run(  # noqa: S603 - the script under test, with stand-ins in front
        ["/bin/sh", "-c", script],
        env={"PATH": f"{stand_ins}:/usr/bin:/bin", "SAID": str(said)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [call.split("\0") for call in said.read_text(encoding="utf-8").split("\0\0")[:-1]]


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="ulimit and chown need root")


# Issue 2, 1: our folders may lie anywhere; Asterisk sees them all under /srv/guildhall.
@needs_root
@pytest.mark.parametrize("name", NASTY)
def test_given_any_folder_name_when_the_namespace_is_built_then_every_path_is_one_word(
    tmp_path: Path, name: str
) -> None:
    place, root = tmp_path / name, tmp_path / "root of" / name
    (root / "etc").mkdir(parents=True)
    modules = root / "usr/lib/aarch64-linux-gnu/asterisk/modules"
    modules.mkdir(parents=True)
    hosts = place / "pbx" / "hosts"
    calls = run(_script(folders(place), root, (123, 456), hosts), tmp_path)

    assert calls[0] == ["mount", "-t", "tmpfs", "-o", "mode=755,size=1m", "tmpfs", f"{root}/srv"]
    bound = {call[3]: call[2] for call in calls if call[:2] == ["mount", "--bind"]}
    seen = f"{root}/srv/guildhall"
    assert bound == {
        f"{seen}/conf": f"{place}/asterisk_conf",
        f"{seen}/generated": f"{place}/generated",
        f"{seen}/sounds": f"{place}/sounds",
        f"{seen}/agi-bin": f"{place}/agi-bin",
        f"{seen}/recordings": f"{place}/audio",
        **{f"{seen}/{one}": f"{place}/pbx/{one}" for one in ("run", "log", "db", "spool")},
        f"{seen}/modules": str(modules),
        f"{root}/etc/hosts": str(hosts),
    }
    closed = [call[3] for call in calls if call[1:3] == ["-o", "remount,bind,ro"]]
    assert closed == [f"{seen}/{one}" for one in ("conf", "generated", "sounds", "agi-bin")]
    assert calls[-1] == [
        "chroot",
        "--userspec=123:456",
        str(root),
        "/usr/sbin/asterisk",
        "-f",
        "-C",
        "/srv/guildhall/conf/asterisk.conf",
    ]
    assert not list(tmp_path.rglob("gone"))


# An installed Asterisk: the same places, no chroot, its own user. Only looked at: run, it would write into /srv.
def test_given_no_root_filesystem_when_the_script_is_made_then_asterisk_by_setpriv(tmp_path: Path) -> None:
    script = _script(folders(tmp_path / "with space"), None, (123, 456), tmp_path / "hosts")
    assert script.splitlines()[-1] == (
        "exec setpriv --reuid=123 --regid=456 --clear-groups /usr/sbin/asterisk -f -C /srv/guildhall/conf/asterisk.conf"
    )
    assert f"mount --bind '{tmp_path}/with space/audio' /srv/guildhall/recordings" in script
    assert script.splitlines()[0] == "set -e"


# "umask 027 … setgid": what Asterisk records is readable by the engine's group and by nobody else.
@needs_root
def test_given_folders_when_prepared_then_asterisks_own_and_closed_to_others(tmp_path: Path) -> None:
    owner = pbx_owner()
    prepare_folders(folders(tmp_path), owner, os.getgid())
    audio = (tmp_path / "audio").stat()
    assert (audio.st_uid, audio.st_gid, audio.st_mode & 0o7777) == (owner[0], os.getgid(), 0o2770)
    for name in ("run", "log", "db", "spool"):
        one = (tmp_path / "pbx" / name).stat()
        assert (one.st_uid, one.st_mode & 0o7777) == (owner[0], 0o2750)
    # What Asterisk may only read stays ours.
    assert (tmp_path / "asterisk_conf").stat().st_uid == os.getuid()


# V27: Asterisk's call detail records and queue_log held callers' numbers in the clear, and for ever.
def test_given_numbers_an_earlier_version_left_when_started_then_gone_and_the_evidence_stays(
    tmp_path: Path,
) -> None:
    records, rows, log = tmp_path / "cdr-csv", tmp_path / "queue_log", tmp_path / "messages.log"
    ours = "[2026-11-23 01:00:00.123] ERROR[12][C-0000000f]: res_agi.c:1 in x: FastAGI failed.\n"
    refused = "[2026-11-23 01:00:01.123] NOTICE[12]: res_pjsip: Request 'INVITE' from '<sip:01632960111@x>' failed\n"
    packet = "[2026-11-23 01:00:02.123] ERROR[12]: pjproject: Error processing 9 bytes packet:\nFrom: 01632960111\n"
    shown = "[2026-11-23 01:00:01.123] WARNING[12]: res_pjsip.c: CallerID Name 'x' for number '01632960111' has ...\n"
    log.write_text(f"{refused}{shown}{ours}{packet}-- end of packet.\n")
    records.mkdir()
    (records / "Master.csv").write_text('"01632960111"\n')
    end = "1764000009|1764000000.1|NONE|NONE|GHEND|northmere|03069990001|northmere.waste|||a001|completed|1764.1\n"
    rows.write_text(f"1764000000|1764000000.1|northmere.waste|NONE|ENTERQUEUE||01632960111|1\n{end}")
    forget_numbers(tmp_path)
    assert not records.exists()
    assert rows.read_text() == f"1764000000|1764000000.1|northmere.waste|NONE|ENTERQUEUE|||1\n{end}"
    assert log.read_text() == ours
    before = rows.stat().st_mtime_ns
    forget_numbers(tmp_path)
    assert rows.stat().st_mtime_ns == before
