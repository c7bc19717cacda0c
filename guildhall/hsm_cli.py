"""``guildhall recordings make-keys``: master keys in a key device of the house."""

from __future__ import annotations

import typer

from guildhall.settings import Settings
from kernel.errors import BadInput, GuildhallError


def make_keys() -> None:
    """Make a master key in the key device (GUILDHALL_RECORDINGS_HSM): it seals from the next start on."""
    from adapters.vault.hsm import hsm_address, make_keys  # noqa: PLC0415 - only where one is used

    url = Settings().recordings_hsm
    if url is None:
        raise BadInput("no_hsm", "no key device is named: set GUILDHALL_RECORDINGS_HSM")
    try:
        typer.echo(f"Made the master key {make_keys(hsm_address(url))}.")
    except OSError as error:
        raise GuildhallError("hsm_away", str(error)) from None
