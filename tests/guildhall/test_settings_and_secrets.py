"""Settings from the environment, secrets in their files, ports that are free: what a start stands on."""

from __future__ import annotations

import os
import socket
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsError

from guildhall import cli
from guildhall.free_ports import Ports, choose_ports, load_ports, save_ports
from guildhall.secret_files import LEAST_CHARACTERS, secret
from guildhall.settings import HOME, Settings, wrong_settings
from kernel.errors import GuildhallError

pytestmark = pytest.mark.wire


@pytest.fixture(autouse=True)
def _no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GUILDHALL_")]:
        monkeypatch.delenv(name)


# --- settings


# SECURITY V12: loopback only by default; no default password.
def test_given_no_settings_when_read_then_loopback_and_no_secret_among_the_defaults() -> None:
    settings = Settings()
    assert (settings.bind, settings.trunk_from, settings.sip_port) == ("127.0.0.1", ("127.0.0.2",), None)
    assert (settings.mqtt_url, settings.database_url, settings.show_pii) == (None, None, False)
    assert settings.store_url == f"sqlite+aiosqlite:///{HOME}/var/guildhall.db"


def test_given_the_environment_when_read_then_it_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GUILDHALL_VAR", str(tmp_path))
    monkeypatch.setenv("GUILDHALL_SIP_PORT", "5090")
    monkeypatch.setenv("GUILDHALL_TRUNK_FROM", '["127.0.0.7"]')
    monkeypatch.setenv("GUILDHALL_MQTT_URL", "mqtt://guildhall:not-for-logs@127.0.0.1:1")
    settings = Settings()
    assert (settings.sip_port, settings.trunk_from) == (5090, ("127.0.0.7",))
    assert {settings.run, settings.secrets, settings.logs} == {tmp_path / "run", tmp_path / "secrets", tmp_path / "log"}
    assert "not-for-logs" not in repr(settings)


# A setting that cannot be read once ended every command with a traceback.
@pytest.mark.parametrize(
    ("name", "value"),
    [("SIP_PORT", "hunter2"), ("TRUNK_FROM", "hunter2"), ("SHOW_PII", "hunter2"), ("TRUNK_FROM", "7")],
)
def test_given_a_wrong_setting_when_read_then_a_sentence_that_names_it_and_not_its_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(f"GUILDHALL_{name}", value)
    with pytest.raises((ValidationError, SettingsError)) as caught:
        Settings()
    assert isinstance(caught.value, ValidationError | SettingsError)
    sentence = wrong_settings(caught.value) or ""
    assert sentence.startswith(f"GUILDHALL_{name}")
    assert "hunter2" not in sentence
    monkeypatch.setattr("sys.argv", ["guildhall", "town"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == f"guildhall: {sentence}\n"


# --- secrets


# Issue 2: "every secret generated at first start (>= 20 characters, files 0600); no default password".
def test_given_no_secret_when_asked_then_made_long_closed_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    made = secret(folder, "a001")
    assert len(made) >= LEAST_CHARACTERS
    assert set(made) <= set(string.ascii_letters + string.digits + "-_")
    assert (folder.stat().st_mode & 0o777, (folder / "a001").stat().st_mode & 0o777) == (0o700, 0o600)
    assert secret(folder, "a001") == made
    assert secret(folder, "a002") != made


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o601])
def test_given_a_secret_others_may_read_when_asked_then_refused_with_what_to_do(tmp_path: Path, mode: int) -> None:
    made = secret(tmp_path, "ami")
    (tmp_path / "ami").chmod(mode)
    with pytest.raises(GuildhallError, match="delete it and start again, or chmod 600 it") as caught:
        secret(tmp_path, "ami")
    assert made not in str(caught.value)
    assert str(tmp_path / "ami") in str(caught.value)


# A start cut off between making the file and writing it leaves an empty one: an empty password lets anybody register.
@pytest.mark.parametrize("content", [b"", b"\n", b"guildhall\n", b"x" * 19, "é".encode() * 30, b"\xff" * 30])
def test_given_no_usable_secret_when_asked_then_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a001").touch(mode=0o600)
    (tmp_path / "a001").write_bytes(content)
    with pytest.raises(GuildhallError, match="delete it and start again"):
        secret(tmp_path, "a001")


# --- ports


@pytest.fixture
def taken() -> Iterator[list[socket.socket]]:
    sockets: list[socket.socket] = []
    yield sockets
    for one in sockets:
        one.close()


def take(taken: list[socket.socket], kind: socket.SocketKind, port: int = 0) -> int:
    one = socket.socket(socket.AF_INET, kind)
    one.bind(("127.0.0.1", port))
    if kind is socket.SOCK_STREAM:
        one.listen()
    taken.append(one)
    return int(one.getsockname()[1])


# "Ports are free ones, so two checkouts run side by side".
def test_given_the_first_choice_taken_when_chosen_again_then_all_others(taken: list[socket.socket]) -> None:
    first = choose_ports("127.0.0.1", None)
    take(taken, socket.SOCK_DGRAM, first.sip)
    take(taken, socket.SOCK_STREAM, first.ami)
    take(taken, socket.SOCK_STREAM, first.agi)
    second = choose_ports("127.0.0.1", None)
    assert not {first.sip, first.ami, first.agi} & {second.sip, second.ami, second.agi}
    assert second.rtp_from > first.rtp_to or second.rtp_to < first.rtp_from


# Linux hands out ephemeral ports from 32768 on: the PBX's own connections must not take a call's RTP port.
def test_given_any_sip_port_when_chosen_then_rtp_below_the_ephemeral_ports() -> None:
    for sip in range(15060, 15460, 10):
        ports = choose_ports("127.0.0.1", sip)
        assert 10000 <= ports.rtp_from < ports.rtp_to < 32768
        assert ports.rtp_from % 2 == 0


def test_given_a_port_asked_for_and_taken_when_chosen_then_refused_with_what_to_do(taken: list[socket.socket]) -> None:
    port = take(taken, socket.SOCK_DGRAM)
    with pytest.raises(GuildhallError, match="GUILDHALL_SIP_PORT"):
        choose_ports("127.0.0.1", port)


def test_given_ports_when_saved_and_loaded_then_the_same(tmp_path: Path) -> None:
    ports = Ports(sip=5060, ami=5038, agi=4573, rtp_from=10000, rtp_to=11999)
    save_ports(tmp_path / "run" / "ports.json", ports)
    assert load_ports(tmp_path / "run" / "ports.json") == ports


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"sip": 5060}', '{"sip": 1, "no": 2}'])
def test_given_a_damaged_file_of_ports_when_loaded_then_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "ports.json").write_text(content)
    assert load_ports(tmp_path / "ports.json") is None
    assert load_ports(tmp_path / "absent.json") is None
