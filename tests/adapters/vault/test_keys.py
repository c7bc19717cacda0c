"""One contract for master keys: in a file, and in a key device by PKCS#11 (SoftHSM, a token of its own a test)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.vault.chunks import VaultDamaged
from adapters.vault.directory import DirectoryVault, MasterKeys
from adapters.vault.hsm import HsmAddress, HsmKeys, hsm_address, make_keys
from adapters.vault.key_file import open_keys
from guildhall.recordings_keys import recording_keys
from guildhall.settings import Settings
from kernel.errors import BadInput, GuildhallError
from kernel.recording import Part, Piece, RecordingId

pytestmark = pytest.mark.contract

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
ONE, OTHER = "0a" * 16, "0b" * 16
PIN = "48151623"

#: Opens the same keys again, as another process would; ``renew`` puts a new key before the old one.
Open = Callable[[], MasterKeys]
Renew = Callable[[], None]


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> HsmAddress:
    """A token without keys. One a process: a library of this kind reads its settings once."""
    place = tmp_path_factory.mktemp("hsm")
    (place / "tokens").mkdir()
    (place / "softhsm2.conf").write_text(f"directories.tokendir = {place / 'tokens'}\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(place / "softhsm2.conf")
    words = ["softhsm2-util", "--init-token", "--free", "--label", "house", "--pin", PIN, "--so-pin", PIN[::-1]]
    subprocess.run(words, check=True, capture_output=True)  # noqa: S603 - fixed words, a folder of ours
    pin = place / "pin"
    pin.write_text(f"{PIN}\n")
    pin.chmod(0o600)
    return HsmAddress(module=MODULE, token="house", label="recordings", pin=pin)


def _renewed(address: HsmAddress) -> None:
    make_keys(address)


@pytest.fixture(params=["file", "device"])
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Open, Renew]:
    if request.param == "device":
        address: HsmAddress = request.getfixturevalue("device")
        make_keys(address)
        return (lambda: HsmKeys(address)), lambda: _renewed(address)
    path = tmp_path / "recordings-key"

    def renew() -> None:
        before = path.read_text()
        path.unlink()
        open_keys(path, None)
        path.write_text(path.read_text() + before)

    return (lambda: open_keys(path, None)), renew


def test_given_master_keys_when_wrapped_then_unwrapped_by_another_process_and_for_that_object_only(
    keys: tuple[Open, Renew],
) -> None:
    opened, _renew = keys
    plain, wrapped = opened().new(ONE)
    assert len(plain) == 32
    assert plain not in wrapped
    again = opened()
    assert again.unwrap(wrapped, ONE) == plain
    assert again.new(ONE) != (plain, wrapped)
    for wrong, name in ((wrapped, OTHER), (wrapped[:-1] + bytes([wrapped[-1] ^ 1]), ONE), (wrapped[:30], ONE)):
        with pytest.raises(VaultDamaged):
            again.unwrap(wrong, name)
    assert again.unwrap(wrapped, ONE) == plain


def test_given_a_new_master_key_when_put_first_then_old_ones_still_open_and_numbers_digest_alike(
    keys: tuple[Open, Renew],
) -> None:
    opened, renew = keys
    plain, wrapped = opened().new(ONE)
    digest = opened().subject("01632960123")
    renew()
    again = opened()
    assert again.unwrap(wrapped, ONE) == plain
    assert again.new(ONE)[1][:8] != wrapped[:8]
    assert again.subject("01632960123") == digest
    assert again.subject("01632960124") != digest
    with pytest.raises(GuildhallError, match="was sealed with the master key"):
        again.unwrap(bytes(8) + wrapped[8:], ONE)


def test_given_a_device_when_a_recording_is_sealed_under_it_then_read_again(device: HsmAddress, tmp_path: Path) -> None:
    make_keys(device)
    piece = Piece(recording=RecordingId(ONE), part=Part.AUDIO)
    DirectoryVault(tmp_path / "vault", HsmKeys(device)).put(piece, [b"call"])
    assert b"".join(DirectoryVault(tmp_path / "vault", HsmKeys(device)).read(piece)) == b"call"


# Issue 6, bad input: a key that is missing is a clear error, and nothing is leaked.
def test_given_a_device_without_keys_or_with_an_open_or_wrong_pin_when_opened_then_said_without_the_pin(
    device: HsmAddress, tmp_path: Path
) -> None:
    url = f"pkcs11:token=house;object=none?module-path={MODULE}&pin-source=file:{device.pin}"
    assert hsm_address(url) == HsmAddress(module=MODULE, token="house", label="none", pin=device.pin)
    with pytest.raises(GuildhallError, match="make-keys"):
        recording_keys(Settings(var=tmp_path, recordings_hsm=url))
    wrong = tmp_path / "pin"
    wrong.write_text("99999999")
    wrong.chmod(0o644)
    with pytest.raises(GuildhallError, match="chmod 600"):
        HsmKeys(HsmAddress(module=MODULE, token="house", label="none", pin=wrong))
    wrong.chmod(0o600)
    with pytest.raises(ConnectionError, match="NoSuchToken"):
        HsmKeys(HsmAddress(module=MODULE, token="elsewhere", label="none", pin=device.pin))
    # In a process of its own: this one is logged in.
    words = [sys.executable, "-c", "from guildhall.cli import main; main()", "recordings", "make-keys"]
    named = {"GUILDHALL_RECORDINGS_HSM": url.replace(str(device.pin), str(wrong)), "GUILDHALL_VAR": str(tmp_path)}
    told = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, **named})  # noqa: S603 - our own command
    assert told.returncode != 0
    assert "PinIncorrect" in told.stderr
    assert "99999999" not in told.stderr + told.stdout
    for bad in ("pkcs11:token=house", "file:/x", "", "pkcs11:token=a;object=b?module-path=/x"):
        with pytest.raises(BadInput):
            hsm_address(bad)
