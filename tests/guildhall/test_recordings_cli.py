"""``guildhall recordings`` and ``guildhall audit`` as people and programs call them, on a state of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import wave
from pathlib import Path

import pytest

from tests.fakes.recordings_bench import RecordingsBench, contact

pytestmark = pytest.mark.integration


class Checkout:
    """State of its own, and the command line on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "var").mkdir()

    def run(self, *words: str, fails: bool = False) -> str:
        """What the command says: on standard output, or the error's sentence when it has to fail."""
        done = subprocess.run(  # noqa: S603 - our own command line
            [sys.executable, "-m", "guildhall", *words],
            env=os.environ
            | {"GUILDHALL_VAR": f"{self.folder}/var", "GUILDHALL_RECORDINGS": f"{self.folder}/audio"}
            | {"GUILDHALL_ORIGINALS_FOR_S": "0"},
            capture_output=True,
            check=False,
        )
        assert (done.returncode != 0) is fails, done.stderr.decode()
        assert b"Traceback" not in done.stderr
        return (done.stderr if fails else done.stdout).decode("utf-8", "replace")


@pytest.fixture
async def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path)
    bench = await RecordingsBench(tmp_path, f"sqlite+aiosqlite:///{tmp_path}/var/guildhall.db").open()
    for number, council in ((1, "northmere"), (2, "harbourside")):
        bench.record(number)
        await bench.tell(number, council=council)
    await bench.close()
    return made


# The contract: `[{"id", "call", "council", "queue", "agent", "from", "to", "seconds", "kind", "gaps": [...]}]`; a call
# that has just ended is listed at once, whatever the worker is doing.
def test_given_calls_that_ended_when_listed_then_with_the_fields_of_the_contract(checkout: Checkout) -> None:
    found = json.loads(checkout.run("recordings", "list", "--json"))
    assert {one["call"] for one in found} == {contact(1), contact(2)}
    for one in found:
        assert {"id", "call", "council", "queue", "agent", "from", "to", "seconds", "kind", "gaps"} <= set(one)
        assert abs(one["to"] - one["from"] - one["seconds"]) < 0.01
        assert (one["kind"], one["seconds"], one["queue"]) == ("call", 2.0, f"{one['council']}.waste")
    only = json.loads(checkout.run("recordings", "list", "--json", "--council", "harbourside", "--longer", "1"))
    assert [one["call"] for one in only] == [contact(2)]


def test_given_a_sealed_recording_when_used_by_all_doors_then_each_does_its_work_and_is_logged(
    checkout: Checkout,
) -> None:
    checkout.run("recordings", "work")
    assert list((checkout.folder / "audio").iterdir()) == []
    one = json.loads(checkout.run("recordings", "list", "--json", "--council", "northmere"))[0]["id"]
    assert json.loads(checkout.run("recordings", "show", one, "--json"))["state"] == "filed"
    out = checkout.folder / "call.wav"
    checkout.run("recordings", "play", one, "--out", str(out))
    with wave.open(str(out), "rb") as audio:
        assert (audio.getnchannels(), audio.getnframes() / audio.getframerate()) == (2, 2.0)
    assert out.stat().st_mode & 0o077 == 0
    assert "is there already" in checkout.run("recordings", "play", one, "--out", str(out), fails=True)
    as_other = ("--as-user", "jo", "--role", "supervisor", "--council", "harbourside")
    assert "no such recording" in checkout.run("recordings", "play", one, *as_other, fails=True)
    checkout.run("recordings", "export", one, "--out", str(checkout.folder / "call.mp3"))
    checkout.run("recordings", "hold", one, "--reason", "claim 7")
    assert "legal hold" in checkout.run("recordings", "erase", one, "--why", "request 9", fails=True)
    checkout.run("recordings", "hold", one, "--release")
    verified = json.loads(checkout.run("recordings", "verify", "--json"))
    assert (verified["ok"], verified["opened"], verified["rows"]) == (True, 2, 2)
    checkout.run("recordings", "erase", one, "--why", "request 9")
    assert "no such recording" in checkout.run("recordings", "show", one, fails=True)
    audit = json.loads(checkout.run("audit", "verify", "--json"))
    assert (audit["ok"], audit["rows"]) == (True, 9)
    assert "2 rows hold" in checkout.run("recordings", "verify", "--anchor", verified["head"])


@pytest.mark.parametrize(
    "words",
    [
        ["recordings", "show", "../../etc/passwd"],
        ["recordings", "play", "x", "--form", "exe"],
        ["recordings", "hold", "0" * 32],
        ["recordings", "list", "--since", "yesterday"],
        ["recordings", "list", "--role", "engineer"],
        ["recordings", "erase", "0" * 32, "--why", "two\nlines"],
    ],
)
def test_given_wrong_words_when_called_then_a_sentence_and_no_traceback(checkout: Checkout, words: list[str]) -> None:
    assert checkout.run(*words, fails=True).startswith("guildhall: ")
