"""Master keys in a key device by PKCS#11: they wrap the data key of each recording and never leave the device."""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import (
    EncryptedDataInvalid,
    EncryptedDataLenRange,
    GeneralError,
    PKCS11Error,
    UserAlreadyLoggedIn,
)

from adapters.vault.chunks import KEY_BYTES, VaultDamaged
from kernel.errors import BadInput, GuildhallError

_ID_BYTES, _NONCE_BYTES = 8, 12
_SUBJECTS = "-subjects"
#: Neither may be read out of the device, whoever has the PIN.
_KEPT_IN = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
#: What devices say of a seal that does not fit; SoftHSM says "general error".
_WRONG_SEAL = (EncryptedDataInvalid, EncryptedDataLenRange, GeneralError)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmAddress:
    """Where the keys are: the vendor's library, the token, the keys' label, and the file that holds the PIN."""

    module: str
    token: str
    label: str
    pin: Path


def hsm_address(url: str) -> HsmAddress:
    """Read a PKCS#11 URI (RFC 7512). Raises ``BadInput``."""
    scheme, _, rest = url.partition(":")
    path, _, query = rest.partition("?")
    found = {name: unquote(value) for name, _, value in (part.partition("=") for part in path.split(";"))}
    more = {name: values[0] for name, values in parse_qs(query).items()}
    pin = more.get("pin-source", "").removeprefix("file:")
    if scheme != "pkcs11" or not (found.get("token") and found.get("object") and more.get("module-path") and pin):
        raise BadInput(
            "bad_hsm_url",
            "GUILDHALL_RECORDINGS_HSM reads pkcs11:token=NAME;object=LABEL?module-path=/path.so&pin-source=file:/path",
        )
    return HsmAddress(module=more["module-path"], token=found["token"], label=found["object"], pin=Path(pin))


class HsmKeys:
    """Meets the same port as keys in a file. The newest key of the label wraps; older ones still unwrap.

    A device that does not answer raises ``ConnectionError``: like a full disk it passes, and nothing is given up. All
    methods block, 0.1 ms each with SoftHSM; from any thread.
    """

    def __init__(self, address: HsmAddress) -> None:
        """Open the device. Raises ``GuildhallError`` when there is no such key, ``ConnectionError``."""
        self._address = address
        self._turn = threading.Lock()
        self._session: pkcs11.Session | None = None
        with self._turn:
            self._open()

    def new(self, name: str) -> tuple[bytes, bytes]:
        """Make a data key for the object ``name``; return it plain and wrapped."""
        key, nonce = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(_NONCE_BYTES)

        def wrap() -> bytes:
            newest = max(self._keys)
            sealed: bytes = self._keys[newest].encrypt(key, **_gcm(nonce, name))
            return newest + nonce + sealed

        return key, self._asked(wrap)

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        """Give the data key back. Raises ``GuildhallError`` when its master key is not here, ``VaultDamaged``."""
        master, nonce = wrapped[:_ID_BYTES], wrapped[_ID_BYTES : _ID_BYTES + _NONCE_BYTES]

        def open_it() -> bytes:
            if master not in self._keys:
                raise GuildhallError(
                    "key_missing",
                    f"{name} was sealed with the master key {master.hex()}, which the device lacks: put it back",
                )
            try:
                found: bytes = self._keys[master].decrypt(wrapped[_ID_BYTES + _NONCE_BYTES :], **_gcm(nonce, name))
            except _WRONG_SEAL:
                # Is it the seal, or the device? One that still gives random numbers is well.
                assert self._session is not None  # noqa: S101 - _asked opened it
                self._session.generate_random(64)
                raise VaultDamaged(
                    "vault_damaged", f"the key of {name} was changed or belongs to another object"
                ) from None
            return found

        return self._asked(open_it)

    def subject(self, number: str) -> str:
        """A keyed digest of a caller's number; its key is made once and never renewed, so that it stays the same."""
        content = b"subject\n" + number.encode("utf-8")

        def sign() -> str:
            digest: bytes = self._subjects.sign(content, mechanism=Mechanism.SHA256_HMAC)
            return digest.hex()

        return self._asked(sign)

    def _asked(self, question: Callable[[], _T]) -> _T:
        with self._turn:
            if self._session is None:
                self._open()
            try:
                return question()
            except PKCS11Error as error:
                self._close()
                raise ConnectionError(f"the key device does not answer: {type(error).__name__}") from None

    def _open(self) -> None:
        with _reached(self._address, write=False) as opened:
            session = opened
            wanted = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: self._address.label}
            keys: list[Any] = list(session.get_objects(wanted))
            self._keys: dict[bytes, Any] = {key.id: key for key in keys}
            subjects: list[Any] = list(session.get_objects(wanted | {Attribute.LABEL: self._address.label + _SUBJECTS}))
            if not keys or not subjects:
                session.close()
                message = "the key device holds no keys of that label yet: guildhall recordings make-keys"
                raise GuildhallError("no_key", message)
            self._subjects = subjects[0]
            self._session = session

    def _close(self) -> None:
        session, self._session = self._session, None
        with contextlib.suppress(PKCS11Error):
            if session is not None:
                session.close()


def make_keys(address: HsmAddress) -> str:
    """Make a new wrapping key in the device, and the subjects' key where there is none; return the new one's name.

    Earlier keys stay and still open what they sealed. Raises ``ConnectionError``, ``GuildhallError``.
    """
    # Time in nanoseconds: the newest has the highest id.
    name = time.time_ns().to_bytes(_ID_BYTES, "big")
    with _reached(address, write=True) as session:
        label = address.label + _SUBJECTS
        session.generate_key(KeyType.AES, 256, label=address.label, id=name, store=True, template=_KEPT_IN)
        if not list(session.get_objects({Attribute.LABEL: label})):
            session.generate_key(
                KeyType.GENERIC_SECRET,
                256,
                label=label,
                id=name,
                store=True,
                mechanism=Mechanism.GENERIC_SECRET_KEY_GEN,
                template=_KEPT_IN | {Attribute.SIGN: True},
            )
        session.close()
    return name.hex()


@contextlib.contextmanager
def _reached(address: HsmAddress, *, write: bool) -> Iterator[pkcs11.Session]:
    """A session with the device; what fails on the way or inside is a ``ConnectionError``, never with the PIN."""
    pin = _pin(address.pin)
    try:
        token = pkcs11.lib(address.module).get_token(token_label=address.token)
        yield _logged_in(token, pin, write=write)
    except (PKCS11Error, RuntimeError) as error:
        raise ConnectionError(f"the key device cannot be used: {type(error).__name__}") from None


def _logged_in(token: pkcs11.Token, pin: str, *, write: bool) -> pkcs11.Session:
    try:
        return token.open(user_pin=pin, rw=write)
    except UserAlreadyLoggedIn:
        # Whoever logged in is the process, not the session (PKCS#11 v2.40, 2.7).
        return token.open(rw=write)


def _pin(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        raise GuildhallError("open_secret", f"{path} can be read by others: chmod 600 it, and change the PIN")
    return path.read_text(encoding="utf-8").strip()


def _gcm(nonce: bytes, name: str) -> dict[str, object]:
    return {"mechanism": Mechanism.AES_GCM, "mechanism_param": GCMParams(nonce, name.encode("ascii"))}
