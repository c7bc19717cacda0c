"""One turn of listening, by script and on virtual time: what is said, what comes of it, and how long it took."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from ivr.listening import Listener
from kernel.errors import LineGone
from kernel.hearing import Ask, Deaf, EngineFailed, Heard, NothingSaid, Pressed, SpeechFull, TurnEnd, Why
from tests.fakes.caller_line import FakeCallerLine
from tests.fakes.spoken_call import (
    LoudnessDetectors,
    Said,
    ScriptedLines,
    ScriptedReader,
    ScriptedSound,
    SilentFiles,
)
from tests.fakes.virtual_time import run_virtual

pytestmark = pytest.mark.shell

SENTENCE: tuple[Said, ...] = ((0.5, "silence"), (2.0, "speech"))
ASK = Ask(sounds=("prompt-2",))


def _turn(
    *script: Said,
    reader: ScriptedReader | None = None,
    ask: Ask = ASK,
    refuses: bool = False,
    gone: bool = False,
    most_turns: int = 10,
) -> tuple[TurnEnd, ScriptedSound, ScriptedReader]:
    reader = reader or ScriptedReader("bins please")
    sound = ScriptedSound(script)
    listener = Listener(
        lines=ScriptedLines(sound, refuses=refuses, gone=gone),
        detectors=LoudnessDetectors(),
        reader=reader,
        files=SilentFiles(),
        most_turns=most_turns,
    )

    async def turn() -> TurnEnd:
        return await listener.turn(FakeCallerLine(), ask)

    return run_virtual(turn()), sound, reader


# "early decoding hidden in the pause": the hangover ends 0.5 s after decoding began, which takes 0.4 s.
def test_given_a_sentence_when_it_is_over_then_its_words_are_there_at_once() -> None:
    end, sound, reader = _turn((2.5, "silence"), (2.0, "speech"), (3.0, "silence"))
    assert isinstance(end, Heard)
    assert (end.text, end.engine) == ("bins please", "script")
    assert end.took_s < 0.05
    # The prompt was heard to its end; two seconds of speech and a margin on both sides went to the engine, once.
    assert sound.said_s == pytest.approx(2.0, abs=0.02)
    assert reader.asked == [pytest.approx(2.5, abs=0.1)]


# "Barge-in by voice … always", stopping the prompt within 250 ms of speech.
def test_given_a_prompt_when_she_speaks_over_it_then_it_stops() -> None:
    end, sound, _ = _turn(*SENTENCE, (3.0, "silence"))
    assert isinstance(end, Heard)
    assert 0.7 < sound.said_s < 0.85


def test_given_a_legal_notice_when_she_speaks_over_it_then_it_goes_on() -> None:
    ask = Ask(sounds=("prompt-2",), barge_in=False)
    end, sound, _ = _turn((1.0, "speech"), (1.5, "silence"), (1.0, "speech"), (3.0, "silence"), ask=ask)
    assert isinstance(end, Heard)
    assert sound.said_s == pytest.approx(2.0, abs=0.02)


# "Barge-in … by key, always", the legal notice too.
@pytest.mark.parametrize("barge_in", [True, False])
def test_c43_given_a_prompt_when_a_key_is_pressed_then_it_ends_the_turn(barge_in: bool) -> None:  # noqa: FBT001 - a row of the table
    end, sound, _ = _turn((0.4, "silence"), (0, "key 5"), ask=Ask(sounds=("prompt-2",), barge_in=barge_in))
    assert isinstance(end, Pressed)
    assert end.keys == "5"
    assert sound.said_s == pytest.approx(0.4, abs=0.05)


def test_c43_given_a_key_while_words_are_read_then_the_key_is_the_later_wish() -> None:
    script = (*SENTENCE, (1.0, "silence"), (0, "key 0"))
    end, _, reader = _turn(*script, reader=ScriptedReader("bins", takes_s=3.0))
    assert isinstance(end, Pressed)
    assert reader.taken_back == 1


def test_given_silence_when_the_time_is_up_then_nothing_was_said() -> None:
    assert _turn((9.0, "silence"))[0] == NothingSaid()


# "A torn AudioSocket, refused connection, silence, hang-up told apart"; a handset that sends no packet is not silence.
def test_given_no_packet_at_all_when_the_time_is_up_then_the_line_is_told_dead() -> None:
    assert _turn((60.0, "nothing"))[0] == NothingSaid(line_alive=False)


def test_given_a_torn_connection_when_she_is_still_there_then_we_are_deaf() -> None:
    assert _turn((0.5, "silence"), (0, "torn"))[0] == Deaf(why=Why.NO_SOUND)


def test_given_a_refused_connection_then_we_are_deaf() -> None:
    assert _turn(refuses=True)[0] == Deaf(why=Why.NO_SOUND)


def test_c44_given_a_hang_up_in_the_turn_then_the_line_is_gone() -> None:
    with pytest.raises(LineGone):
        _turn((0.5, "silence"), (0, "torn"), gone=True)


def test_c44_given_a_hang_up_while_words_are_read_then_the_line_is_gone() -> None:
    script = (*SENTENCE, (0.9, "silence"), (0, "torn"))
    with pytest.raises(LineGone):
        _turn(*script, gone=True, reader=ScriptedReader("bins", takes_s=9.0))


# Speech that no engine could read is a no-match, never a silence.
def test_given_speech_without_words_when_read_then_it_is_heard_as_nothing() -> None:
    end = _turn(*SENTENCE, (3.0, "silence"), reader=ScriptedReader(""))[0]
    assert isinstance(end, Heard)
    assert end.text == ""


# issue 5, engines: slow, dead or wrong in mid-call, go on to the menu, never a silence
@pytest.mark.parametrize(
    ("error", "why"),
    [(EngineFailed("engine_died", "dead"), Why.NO_ENGINE), (SpeechFull("speech_full", "full"), Why.FULL)],
)
def test_given_an_engine_that_fails_when_asked_then_we_are_deaf(error: Exception, why: Why) -> None:
    assert _turn(*SENTENCE, (3.0, "silence"), reader=ScriptedReader(error))[0] == Deaf(why=why)


# C45: a question with a hole in it, or none at all, is not asked: four seconds of silence are no question.
def test_c45_given_a_prompt_that_cannot_be_read_when_asked_then_nobody_is_listened_to() -> None:
    end, sound, reader = _turn(*SENTENCE, ask=Ask(sounds=("prompt-2", "no such sound")))
    assert end == Deaf(why=Why.NO_PROMPT)
    assert (sound.said_s, reader.asked) == (0, [])


# "when steering is full, callers get the menu" at once, before a prompt is played.
def test_given_no_room_when_a_turn_begins_then_we_are_deaf_at_once() -> None:
    reader = ScriptedReader("bins")
    reader.has_room = False
    end, sound, _ = _turn(*SENTENCE, reader=reader)
    assert end == Deaf(why=Why.FULL)
    assert sound.said_s == 0
    assert _turn(*SENTENCE, most_turns=0)[0] == Deaf(why=Why.FULL)


# "thrown away if speech resumes": the first reading is taken back, the whole is read.
def test_given_a_pause_for_thought_when_she_goes_on_then_the_whole_is_read() -> None:
    script = (*SENTENCE, (0.5, "silence"), (1.0, "speech"), (3.0, "silence"))
    end, _, reader = _turn(*script, reader=ScriptedReader("my bin was not emptied", takes_s=0.4))
    assert isinstance(end, Heard)
    assert reader.taken_back == 1
    assert reader.asked[-1] == pytest.approx(4.0, abs=0.1)


def test_given_words_that_hang_when_read_early_then_she_has_longer() -> None:
    short = (*SENTENCE, (0.9, "silence"), (1.0, "speech"), (3.0, "silence"))
    for text, whole in (("bins.", False), ("it is about my", True)):
        reader = ScriptedReader(text, "it is about my bins", takes_s=0.2)
        _turn(*short, reader=reader)
        assert (reader.asked[-1] > 4) is whole


# Transcripts are personal data: never in a log.
def test_given_a_turn_when_it_is_logged_then_no_word_of_it_is() -> None:
    with capture_logs() as logs:
        _turn(*SENTENCE, (3.0, "silence"))
    assert logs
    assert "bins" not in str(logs)
