"""The example AGI script: against a scripted Asterisk on stdin and stdout, and called by a real one."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import IO

import pytest

from guildhall.pbx import pbx_root
from lab.town import Town
from tests.fakes.own_service import short_folder
from tests.fakes.pyst2_witness import Heard, Pyst2Witness
from tests.fakes.service import HOME, Service, eventually

pytestmark = pytest.mark.integration

AGI_BIN = HOME / "dialplans" / "agi-bin"
SOUND = "/srv/guildhall/sounds/moh/hold"
#: What Asterisk 22 says first; a caller's number among it.
GREETING = (
    "agi_request: greet.py\nagi_channel: PJSIP/trunk-00000001\nagi_language: en\nagi_callerid: 01632960131\n"
    "agi_extension: 03069990081\nagi_enhanced: 0.0\n"
)
OK, KEY_5 = "200 result=0", "200 result=53 endpos=1200"


class Peer:
    """Asterisk's side of one AGI script: hears commands, says what the test tells it to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._to: IO[str] = process.stdin
        self._from: IO[str] = process.stdout

    def greet(self, *arguments: str) -> None:
        words = "".join(f"agi_arg_{number}: {word}\n" for number, word in enumerate(arguments, 1))
        self.say(f"{GREETING}{words}")

    def say(self, line: str) -> None:
        self._to.write(f"{line}\n")
        self._to.flush()

    def hear(self) -> str:
        """The next command; empty when the script has ended."""
        return self._from.readline().rstrip("\n")

    def end(self) -> tuple[int, str]:
        """The script's exit code and what it said to stderr."""
        self._to.close()
        assert self._process.stderr is not None
        said = self._process.stderr.read()
        return self._process.wait(timeout=10), said

    def interrupt(self, number: int) -> None:
        self._process.send_signal(number)


@pytest.fixture
def peer() -> Iterator[Peer]:
    """The script run as Asterisk runs it: words on stdin and stdout."""
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, str(AGI_BIN / "greet.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONWARNINGS": "error"},
    ) as process:
        yield Peer(process)
        process.kill()


# README.md of agi-bin: AGI(greet.py,SOUND) leaves the key on the channel.
@pytest.mark.parametrize(
    ("played", "waited", "key"),
    [(KEY_5, None, "5"), ("200 result=0 endpos=9000", "200 result=35", "#"), ("200 result=0 endpos=9000", OK, "")],
)
def test_given_a_caller_when_greeted_then_the_key_pressed_stands_on_the_channel(
    peer: Peer, played: str, waited: str | None, key: str
) -> None:
    peer.greet(SOUND)
    assert peer.hear() == "ANSWER"
    peer.say(OK)
    assert peer.hear() == f'STREAM FILE {SOUND} "0123456789*#" 0'
    peer.say(played)
    if waited is not None:
        assert peer.hear() == "WAIT FOR DIGIT 3000"
        peer.say(waited)
    assert peer.hear() == f'SET VARIABLE "GREET_KEY" "{key}"'
    peer.say("200 result=1")
    # LIBRARIES §2: stock pyst2 tells all it hears to stderr, which is Asterisk's log.
    assert peer.end() == (0, "")


def test_given_no_sound_when_greeted_then_it_only_waits_for_a_key(peer: Peer) -> None:
    peer.greet()
    assert peer.hear() == "ANSWER"
    peer.say(OK)
    assert peer.hear() == "WAIT FOR DIGIT 3000"


# Asterisk tells a hang-up by a line HANGUP, by -1, by the end of the stream, or (AGI()) by SIGHUP: stock pyst2 trips
# over the first and the third with "invalid literal for int()".
@pytest.mark.parametrize("goodbye", ["HANGUP", "200 result=-1 endpos=160", "200 result=-1 (hangup)", ""])
def test_given_a_caller_who_hangs_up_when_the_sound_plays_then_the_script_ends_without_a_traceback(
    peer: Peer, goodbye: str
) -> None:
    peer.greet(SOUND)
    peer.hear()
    peer.say(OK)
    peer.hear()
    if goodbye:
        peer.say(goodbye)
        assert peer.hear() == ""
    code, said = peer.end()
    assert code == 0
    assert "Traceback" not in said
    assert "01632" not in said


def test_given_a_caller_who_hangs_up_when_asterisk_sends_sighup_then_no_further_command(peer: Peer) -> None:
    peer.greet(SOUND)
    peer.hear()
    peer.interrupt(signal.SIGHUP)
    peer.say(OK)
    assert peer.hear() == ""
    assert peer.end() == (0, "")


# SECURITY V03: a line break in a word would begin a second command, a quotation mark a second word.
_HOSTILE = """
import io, sys
from asterisk.agi import AGIUsageError
from careful_agi import CarefulAgi
out = io.StringIO()
agi = CarefulAgi(io.StringIO("\\n200 result=1\\n"), out)
agi.set_variable("NAME", 'a" "b\\\\')
for wrong in ("a\\nEXEC System id", "a\\rb", "a\\0b"):
    try:
        agi.set_variable("NAME", wrong)
    except AGIUsageError:
        continue
    sys.exit("it was sent")
sys.stdout.write(out.getvalue())
"""


def test_given_a_hostile_value_when_written_then_one_command_and_one_word() -> None:
    done = subprocess.run(  # noqa: S603 - a fixed program
        [sys.executable, "-c", _HOSTILE],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(AGI_BIN)},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == 'SET VARIABLE "NAME" "a\\" \\"b\\\\"\n'


# --- with a real Asterisk

#: Two numbers beside ours. Asterisk's own word on what became of AGI() comes as a UserEvent.
_DIALPLAN = """[council-numbers](+)
exten => 03069990081,1,Set(AGIEXITONHANGUP=yes)
 same => n,AGI(agi://127.0.0.1:{port}/greet.py,{sound})
 same => n,UserEvent(Greeted,Status: ${{AGISTATUS}},Key: ${{GREET_KEY}})
 same => n,Hangup(16)
exten => 03069990082,1,Answer(,i)
 same => n,AGI(greet.py,{sound})
 same => n,UserEvent(Greeted,Status: ${{AGISTATUS}},Key: ${{GREET_KEY}})
 same => n,Hangup(16)
"""


@pytest.fixture(scope="module")
def served() -> Iterator[int]:
    """The script as a FastAGI server, as README.md says; its port."""
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, str(AGI_BIN / "greet.py"), "--serve", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield int(line.rpartition(":")[2].partition("/")[0])
        process.terminate()


@pytest.fixture(scope="module")
def service(served: int) -> Iterator[Service]:
    with short_folder() as folder:
        running = Service(folder)
        generated = running.place / "var" / "pbx" / "generated"
        generated.mkdir(parents=True)
        # asterisk_conf/extensions.conf takes further numbers from here.
        (generated / "bench.conf").write_text(_DIALPLAN.format(port=served, sound=SOUND))
        try:
            running.up()
            yield running
        finally:
            running.down()


async def greeted(witness: Pyst2Witness) -> Heard:
    def look() -> Heard | None:
        return next((event for event in witness.heard() if event.get("UserEvent") == "Greeted"), None)

    return await eventually(look, within_s=20) or {}


async def test_given_the_script_served_when_a_caller_presses_a_key_then_asterisk_has_it(service: Service) -> None:
    with Pyst2Witness(service.settings) as witness:
        async with Town.from_description(await service.town(), root=HOME) as town:
            caller = await town.caller("01632960131", voice=440)
            leg = await caller.call("03069990081")
            # It is playing.
            await leg.wait("audio")
            await leg.press("5")
            said = await greeted(witness)
            assert (said["Status"], said["Key"]) == ("SUCCESS", "5")
            await leg.wait("ended")


async def test_given_the_script_served_when_the_caller_hangs_up_then_it_serves_the_next_one(service: Service) -> None:
    async with Town.from_description(await service.town(), root=HOME) as town:
        leg = await (await town.caller("01632960132")).call("03069990081")
        await leg.wait("audio")
        await leg.hang_up()
    await test_given_the_script_served_when_a_caller_presses_a_key_then_asterisk_has_it(service)


# README.md of agi-bin: the PBX's own root filesystem has no Python, so AGI(greet.py) fails there at once, and the call
# goes on with the next line of the dialplan.
async def test_given_a_pbx_without_python_when_it_runs_the_script_itself_then_it_says_failure_and_goes_on(
    service: Service,
) -> None:
    if pbx_root(service.settings) is None:
        pytest.skip("an installed Asterisk runs it with the machine's own Python")
    with Pyst2Witness(service.settings) as witness:
        async with Town.from_description(await service.town(), root=HOME) as town:
            leg = await (await town.caller("01632960133")).call("03069990082")
            said = await greeted(witness)
            assert (said["Status"], said.get("Key", "")) == ("FAILURE", "")
            await leg.wait("ended")
