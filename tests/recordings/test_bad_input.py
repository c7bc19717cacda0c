"""Every bad input there is, one after another, through one worker: each told, nothing lost, and the good ones kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.bad_recordings import FILES, bad_input

pytestmark = pytest.mark.integration


# Issue 6: "Names with `../`, NUL, commas, `&`; a WAV with a 4 GB header, 0 Hz, 0 channels; a full disk; a vault with
# one bit turned; a key missing: a clear error each, nothing lost". Its memory: `make bench ARGS=recordings`.
async def test_given_all_bad_input_when_met_by_one_worker_then_a_clear_error_each_and_the_next_one_is_kept(
    tmp_path: Path,
) -> None:
    met = await bad_input(tmp_path)
    told = met["told"]
    assert isinstance(told, dict)
    assert all(told[what].startswith("the recording cannot be read: ") for what in FILES)
    assert {what: told[what] for what in told.keys() - FILES} == {
        "a full disk": "errno 27",
        "a key that is missing": "key_missing",
        "one bit turned": "vault_damaged",
    }
