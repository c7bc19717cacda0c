"""The configuration a baresip child process is started with (baresip 1.0.0 of Debian 12)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.kernel_stamp import Address

#: Where Debian keeps baresip's modules; other builds say it in BARESIP_MODULES.
MODULES = Path("/usr/lib/baresip/modules")

# net_interface takes an address too: with 127.0.0.1 baresip runs where loopback is all there is (with "lo", or with
# nothing on such a machine, it ends with "could not get network address"; tried).
# aubridge as player and sndfile as filter record both ways; aufile only plays. No stdio module: it would read the
# terminal of the test.
_CONFIG = """\
module_path {modules}
net_interface {local_ip}
sip_listen {local_ip}:0
ctrl_tcp_listen 127.0.0.1:{control_port}
audio_source aufile,{wav}
audio_player aubridge,heard
audio_alert aubridge,alert
ausrc_srate 8000
auplay_srate 8000
snd_path {record_dir}
statmode_default off
module g711.so
module aubridge.so
module aufile.so
module sndfile.so
module_tmp account.so
module_app ctrl_tcp.so
module_app menu.so
"""

_ACCOUNT = (
    "<sip:{user}@{host}:{port};transport=udp>;auth_user={user};auth_pass={password}"
    ";answermode={answer};regint=60;audio_codecs=PCMA/8000/1\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BaresipSettings:
    """One softphone."""

    user: str
    password: str
    server: Address
    #: What it says, 8000 Hz mono 16-bit: at any other rate baresip's call is silent.
    wav: Path
    #: Gets one WAV per call and direction.
    record_dir: Path
    #: True: answers by itself within milliseconds. False: rings until told.
    auto_answer: bool = True
    local_ip: str = "127.0.0.1"


def write_config(settings: BaresipSettings, folder: Path, control_port: int) -> None:
    """Write baresip's two files into ``folder``; the one with the password is readable by the owner only."""
    config = _CONFIG.format(
        modules=MODULES,
        local_ip=settings.local_ip,
        control_port=control_port,
        wav=settings.wav.resolve(),
        record_dir=settings.record_dir.resolve(),
    )
    (folder / "config").write_text(config, encoding="utf-8")
    host, port = settings.server
    accounts = folder / "accounts"
    accounts.touch(mode=0o600)
    answer = "auto" if settings.auto_answer else "manual"
    account = _ACCOUNT.format(user=settings.user, password=settings.password, host=host, port=port, answer=answer)
    accounts.write_text(account, encoding="utf-8")
