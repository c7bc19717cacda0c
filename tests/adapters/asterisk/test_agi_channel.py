"""The caller's line over AGI, against a scripted Asterisk that answers as 22.10.1 was measured to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import pytest

from adapters.asterisk.agi_channel import AgiLine
from adapters.asterisk.agi_server import AgiServer
from adapters.asterisk.agi_session import AgiSession
from kernel.errors import BadInput, GuildhallError, LineGone, PlaybackFailed, Refused
from tests.fakes.agi_peer import TOKEN, AgiPeer, environment, parse_args
from tests.fakes.ami_peer import until

pytestmark = pytest.mark.wire

Verb = Callable[[AgiLine], Awaitable[object]]


@dataclass
class Call:
    """One call: the verb under test, Asterisk's answers to it in order, and what came of it."""

    port: int
    verb: Verb | None = None
    outcome: object = None
    over: bool = False
    peers: list[AgiPeer] = field(default_factory=list)

    async def script(self, session: AgiSession) -> None:
        assert self.verb is not None
        try:
            self.outcome = await self.verb(AgiLine(session))
        except GuildhallError as error:
            self.outcome = error
        self.over = True

    async def run(
        self,
        verb: Verb,
        *answers: bytes,
        args: tuple[str, ...] = ("c1-1", "northmere", "03069990001"),
        noted: Sequence[str] = (),
    ) -> list[str]:
        """Return the commands Asterisk got, without the renewals of the timeout.

        ``noted``: the keys noted on the channel, before the first command and after each.
        """
        self.verb = verb
        left, notes = iter(answers), iter(noted)

        def reply(_line: str) -> bytes:
            peer.noted = next(notes, peer.noted)
            return next(left, b"HANGUP\n")

        peer = AgiPeer(self.port, reply)
        peer.noted = next(notes, None)
        self.peers.append(peer)
        await peer.connect(environment("menu", TOKEN, *args))
        await until(lambda: self.over)
        return peer.verbs()


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    a_call = Call(port=0)
    server = AgiServer("127.0.0.1", 0, TOKEN, {"menu": a_call.script})
    await server.start()
    a_call.port = server.port
    yield a_call
    for peer in a_call.peers:
        await peer.stop()
    await server.close()


async def test_given_the_dialplans_arguments_when_a_line_begins_then_it_knows_contact_tenant_and_number(
    call: Call,
) -> None:
    async def verb(line: AgiLine) -> object:
        return (line.contact, line.tenant, line.number)

    await call.run(verb)
    assert call.outcome == ("c1-1", "northmere", "03069990001")


@pytest.mark.parametrize(
    "args", [(), ("c1-1", "northmere"), ("c1-1", "northmere", "300&PJSIP/x"), ("c1/../1", "northmere", "1")]
)
async def test_given_arguments_that_are_not_ours_when_a_line_begins_then_refused(
    call: Call, args: tuple[str, ...]
) -> None:
    await call.run(lambda line: line.answer(), args=args)
    assert isinstance(call.outcome, BadInput)


# docs/asterisk.md rule 1: "the engine renews the timeout before each verb (longest duration of the verb + 5 s)".
@pytest.mark.parametrize(
    ("verb", "seconds"),
    [
        (lambda line: line.play(["/snd/a"], interruptible=True), 65),
        (lambda line: line.play(["/snd/a"], interruptible=True, longest_s=9.2), 15),
        (lambda line: line.listen(4.0), 9),
        (lambda line: line.answer(), 10),
        (lambda line: line.set_variables({"GH_X": "1"}), 10),
        (lambda line: line.user_event("GhStep", {}), 10),
    ],
)
async def test_given_a_verb_when_it_begins_then_the_way_out_of_a_frozen_engine_is_renewed(
    call: Call, verb: Verb, seconds: int
) -> None:
    await call.run(verb, b"200 result=0 endpos=16000\n")
    assert f'SET VARIABLE "TIMEOUT(absolute)" "{seconds}"' == next(
        one for one in call.peers[0].commands if one != 'GET VARIABLE "GH_DTMF"'
    )
    assert not isinstance(call.outcome, GuildhallError)


async def test_given_prompts_when_no_key_is_pressed_then_all_play_and_no_keys_return(call: Call) -> None:
    verbs = await call.run(
        lambda line: line.play(["/snd/a", "/snd/b"], interruptible=True),
        b"200 result=0 endpos=16000\n",
        b"200 result=0 endpos=16000\n",
    )
    assert call.outcome == ""
    assert verbs == ['STREAM FILE "/snd/a" "0123456789*#" "0"', 'STREAM FILE "/snd/b" "0123456789*#" "0"']


async def test_given_an_interruptible_prompt_when_a_key_is_pressed_then_it_stops_there(call: Call) -> None:
    verbs = await call.run(
        lambda line: line.play(["/snd/a", "/snd/b"], interruptible=True), b"200 result=49 endpos=9760\n"
    )
    assert call.outcome == "1"
    assert len(verbs) == 1


async def test_given_a_prompt_that_must_be_heard_when_keys_are_pressed_then_it_goes_on_and_they_are_kept(
    call: Call,
) -> None:
    verbs = await call.run(
        lambda line: line.play(["/snd/a"], interruptible=False),
        b"200 result=49 endpos=9760\n",
        b"200 result=35 endpos=12000\n",
        b"200 result=0 endpos=16000\n",
    )
    assert call.outcome == "1#"
    assert [parse_args(verb)[-1] for verb in verbs] == ["0", "9760", "12000"]


async def test_given_a_stuck_key_when_a_prompt_must_be_heard_then_it_ends_all_the_same(call: Call) -> None:
    verbs = await call.run(
        lambda line: line.play(["/snd/a"], interruptible=False),
        *[b"200 result=49 endpos=0\n"] * 32,
        b"200 result=0 endpos=16000\n",
    )
    assert call.outcome == "1" * 32
    assert parse_args(verbs[-1])[3] == ""


# Measured on Asterisk 22.10.1: a missing file answers "200 result=-1 endpos=0", and the line lives.
async def test_given_a_missing_file_when_played_then_playback_failed_and_the_line_lives(call: Call) -> None:
    await call.run(
        lambda line: line.play(["/snd/none"], interruptible=True), b"200 result=-1 endpos=0\n", b"200 result=6\n"
    )
    assert isinstance(call.outcome, PlaybackFailed)


# Measured on Asterisk 22.10.1: a hang-up and a Redirect by AMI both answer "200 result=-1", then the line HANGUP.
@pytest.mark.parametrize(
    "verb",
    [
        lambda line: line.play(["/snd/a"], interruptible=True),
        lambda line: line.listen(3.0),
        lambda line: line.answer(),
        lambda line: line.user_event("GhStep", {}),
    ],
)
async def test_given_a_hangup_or_redirect_when_a_verb_runs_then_the_line_is_gone(call: Call, verb: Verb) -> None:
    await call.run(verb, b"200 result=-1 endpos=4160\n", b"HANGUP\n")
    assert isinstance(call.outcome, LineGone)


async def test_given_a_dead_channel_when_a_verb_runs_then_the_line_is_gone(call: Call) -> None:
    await call.run(lambda line: line.listen(1.0), b"511 Command Not Permitted on a dead channel\n")
    assert isinstance(call.outcome, LineGone)


async def test_given_an_unknown_command_when_a_verb_runs_then_refused(call: Call) -> None:
    await call.run(lambda line: line.listen(1.0), b"510 Invalid or unknown command\n")
    assert isinstance(call.outcome, Refused)


@pytest.mark.parametrize(("answer", "key"), [(b"200 result=0\n", None), (b"200 result=42\n", "*")])
async def test_given_a_listening_line_when_a_key_comes_or_none_then_it_is_told(
    call: Call, answer: bytes, key: str | None
) -> None:
    verbs = await call.run(lambda line: line.listen(2.5), answer)
    assert call.outcome == key
    assert verbs == ['WAIT FOR DIGIT "2500"']


async def test_given_variables_when_set_then_each_is_written(call: Call) -> None:
    verbs = await call.run(
        lambda line: line.set_variables({"GH_QUEUE": "northmere.bins", "GH_SKILLS": 'a=1,b="2"'}),
        b"200 result=1\n",
        b"200 result=1\n",
    )
    assert [parse_args(verb)[2:] for verb in verbs] == [["GH_QUEUE", "northmere.bins"], ["GH_SKILLS", 'a=1,b="2"']]


async def test_given_an_event_when_said_then_its_fields_are_headers(call: Call) -> None:
    verbs = await call.run(
        lambda line: line.user_event("GhStep", {"Contact": "c1-1", "Step": "menu/1"}), b"200 result=0\n"
    )
    assert verbs == ['EXEC "UserEvent" "GhStep,Contact: c1-1,Step: menu/1"']


@pytest.mark.parametrize(
    "verb",
    [
        lambda line: line.play(["relative"], interruptible=True),
        lambda line: line.play(["/snd/../../etc/passwd"], interruptible=True),
        lambda line: line.play(["/snd/a&b"], interruptible=True),
        lambda line: line.set_variables({"GH_A": "1", "TIMEOUT(absolute)": "0"}),
        lambda line: line.set_variables({"GH_A": "x\ny"}),
        lambda line: line.user_event("Gh,Step", {}),
        lambda line: line.user_event("GhStep", {"Name": "a,Channel: forged"}),
        lambda line: line.user_event("GhStep", {"Na:me": "a"}),
    ],
)
async def test_given_words_that_could_be_read_as_syntax_when_a_verb_gets_them_then_refused_and_nothing_is_sent(
    call: Call, verb: Verb
) -> None:
    assert await call.run(verb) == []
    assert isinstance(call.outcome, BadInput)


# C43, typed ahead across all verbs: Asterisk drops what is pressed between two commands (res_agi.c reads the idle
# line); what it noted on the channel is taken all the same, in order, and each key once.
async def test_c43_given_keys_pressed_between_commands_when_a_prompt_would_play_then_they_are_taken_instead(
    call: Call,
) -> None:
    verbs = await call.run(lambda line: line.play(["/snd/a"], interruptible=True), noted=["42"])
    assert (call.outcome, verbs) == ("42", [])


async def test_c43_given_a_key_lost_before_the_one_that_ended_a_prompt_when_played_then_both_are_told_in_order(
    call: Call,
) -> None:
    async def verb(line: AgiLine) -> object:
        return await line.play(["/snd/a"], interruptible=True), await line.listen(2.0), await line.listen(2.0)

    answers = (b"200 result=50 endpos=9760\n", b"200 result=0\n", b"200 result=0\n")
    await call.run(verb, *answers, noted=["", "12", "12", "123"])
    assert call.outcome == ("12", None, "3")


async def test_c43_given_keys_noted_during_the_opening_when_listening_then_only_those_not_told_come(call: Call) -> None:
    async def verb(line: AgiLine) -> object:
        return line.typed, await line.listen(2.0), await line.listen(2.0), await line.listen(2.0)

    args = ("c1-1", "northmere", "03069990001", "7")
    verbs = await call.run(verb, b"200 result=0\n", args=args, noted=["78D9", "78D9"])
    assert call.outcome == ("7", "8", "9", None)
    assert len(verbs) == 1


async def test_c43_given_a_caller_who_leans_on_the_keypad_when_noted_then_the_note_is_begun_anew(call: Call) -> None:
    async def verb(line: AgiLine) -> object:
        first = await line.play(["/snd/a"], interruptible=True)
        return len(first), await line.listen(2.0)

    verbs = await call.run(verb, b"200 result=1\n", b"200 result=0\n", noted=["1" * 300, "", "5"])
    assert call.outcome == (300, "5")
    assert verbs[0] == 'SET VARIABLE "GH_DTMF" "k"'


# What is pressed to the outside is noted nowhere ([outside] forgets the note and begins another one).
async def test_c43_given_a_note_begun_anew_when_listening_then_its_keys_are_told(call: Call) -> None:
    async def verb(line: AgiLine) -> object:
        return await line.play(["/snd/a"], interruptible=True), await line.listen(2.0)

    await call.run(verb, b"200 result=0\n", noted=["4711", "5"])
    assert call.outcome == ("4711", "5")
