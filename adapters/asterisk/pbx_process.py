"""Start and stop one Asterisk of our own, in a mount namespace where all its paths stand under /srv/guildhall."""

from __future__ import annotations

import os
import pwd
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from adapters.asterisk.pbx_evidence import forget_numbers
from kernel.errors import GuildhallError

#: What Asterisk sees under /srv/guildhall.
_PLACE = "srv/guildhall"
#: Private: no mount of ours is ever seen outside, and all vanish with the last process inside (mount_namespaces(7)).
_UNSHARE = ("/usr/bin/unshare", "--mount", "--propagation", "private")
#: Asterisk's modules lie in a folder named after the processor; asterisk.conf names one place for all.
_MODULES = """mkdir {target}
for lib in {lib}/*/asterisk/modules {lib}/asterisk/modules; do [ ! -d "$lib" ] || modules=$lib; done
mount --bind "${{modules:?no Asterisk modules under {lib}}}" {target}"""
#: Made by setup/pbx.sh.
PBX_USER = "guildhall-pbx"
#: Descriptors: about 5 a waiting caller, 2,000 callers.
_MAX_FILES = 20000


@dataclass(frozen=True, slots=True, kw_only=True)
class PbxFolders:
    """Host folders, each bound to a fixed place in Asterisk's namespace. ``read_only`` ones it cannot change."""

    conf: Path
    generated: Path
    sounds: Path
    agi_bin: Path
    recordings: Path
    #: Holds run, log, db and spool.
    state: Path

    def binds(self) -> list[tuple[Path, str, bool]]:
        """(host folder, name under /srv/guildhall, read-only)."""
        return [
            (self.conf, "conf", True),
            (self.generated, "generated", True),
            (self.sounds, "sounds", True),
            (self.agi_bin, "agi-bin", True),
            (self.recordings, "recordings", False),
            *[(self.state / name, name, False) for name in ("run", "log", "db", "spool")],
        ]


def pbx_owner() -> tuple[int, int]:
    """(uid, gid) of the machine's user for Asterisk. The chroot's `asterisk` has a stranger's uid here."""
    try:
        entry = pwd.getpwnam(PBX_USER)
    except KeyError:
        raise GuildhallError("no_pbx_user", f"there is no user '{PBX_USER}' here: run 'make setup'") from None
    return entry.pw_uid, entry.pw_gid


def prepare_folders(folders: PbxFolders, owner: tuple[int, int], reader_gid: int) -> None:
    """Make what Asterisk writes into, owned by it; recordings carry the engine's group so that it can read them."""
    for host, name, read_only in folders.binds():
        host.mkdir(parents=True, exist_ok=True)
        if read_only:
            continue
        os.chown(host, owner[0], reader_gid)
        # setgid: what Asterisk (umask 027) writes gets the engine's group and mode 0640.
        host.chmod(0o2770 if name == "recordings" else 0o2750)
    # The engine removes messages: it must be able to write in their folder.
    messages = folders.state / "spool" / "voicemail"
    messages.mkdir(exist_ok=True)
    os.chown(messages, owner[0], reader_gid)
    messages.chmod(0o2770)
    forget_numbers(folders.state / "log")


def _script(folders: PbxFolders, root: Path | None, owner: tuple[int, int], hosts: Path) -> str:
    """The shell that builds the namespace and becomes Asterisk. A tmpfs over /srv leaves the shared root untouched."""
    top = str(root) if root else ""
    place = f"{top}/{_PLACE}"
    lines = ["set -e", "umask 022", f"mount -t tmpfs -o mode=755,size=1m tmpfs {shlex.quote(top + '/srv')}"]
    for host, name, read_only in folders.binds():
        target = shlex.quote(f"{place}/{name}")
        lines += [f"mkdir -p {target}", f"mount --bind {shlex.quote(str(host))} {target}"]
        if read_only:
            lines.append(f"mount -o remount,bind,ro {target}")
    lines.append(_MODULES.format(lib=shlex.quote(f"{top}/usr/lib"), target=shlex.quote(f"{place}/modules")))
    # Asterisk resolves the machine's own name for every SDP; a missing entry costs 0.3-0.8 s a call.
    lines.append(f"[ -e {shlex.quote(top + '/etc/hosts')} ] || : > {shlex.quote(top + '/etc/hosts')}")
    lines.append(f"mount --bind {shlex.quote(str(hosts))} {shlex.quote(top + '/etc/hosts')}")
    lines += [f"ulimit -n {_MAX_FILES}", "umask 027"]
    run = f"/usr/sbin/asterisk -f -C /{_PLACE}/conf/asterisk.conf"
    if root:
        lines.append(f"exec chroot --userspec={owner[0]}:{owner[1]} {shlex.quote(top)} {run}")
    else:
        lines.append(f"exec setpriv --reuid={owner[0]} --regid={owner[1]} --clear-groups {run}")
    return "\n".join(lines)


def check_namespace() -> None:
    """Raise ``GuildhallError`` when this machine does not let us make a mount namespace."""
    tried = subprocess.run([*_UNSHARE, "/bin/true"], capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    if tried.returncode == 0:
        return
    raise GuildhallError(
        "no_namespace",
        f"Asterisk needs a mount namespace of its own, and this machine refuses one ({tried.stderr.strip()}). In a "
        "chroot, make its root a mount point first: mount --bind ROOT ROOT. In a container, allow CAP_SYS_ADMIN. "
        "Or run on the machine itself",
    )


def start_pbx(folders: PbxFolders, root: Path | None, *, output: Path) -> int:
    """Start Asterisk in the background and return its pid. Needs root. ``output`` takes what it prints."""
    owner = pbx_owner()
    hosts = folders.state / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {os.uname().nodename}\n::1 localhost\n", encoding="utf-8")
    with output.open("ab") as out:
        process = subprocess.Popen(  # noqa: S603 - our own script, every path quoted
            [
                *_UNSHARE,
                "/bin/sh",
                "-c",
                _script(folders, root, owner, hosts),
            ],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            cwd="/",
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
        )
    return process.pid


def pbx_cli(pid: int, command: str) -> str:
    """Have the running Asterisk carry out a console command; return what it says. Needs root.

    ``pid``: Asterisk's, whose namespace is entered: its control socket stands only there. Raises
    ``subprocess.SubprocessError`` when it fails or takes longer than ten seconds.
    """
    enter = ["/usr/bin/nsenter", f"--target={pid}", "--mount", "--root", "--wd=/"]
    done = subprocess.run(  # noqa: S603 - our own words, no shell
        [*enter, "/usr/sbin/asterisk", "-C", f"/{_PLACE}/conf/asterisk.conf", "-rx", command],
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
    )
    return done.stdout
