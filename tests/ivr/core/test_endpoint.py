"""When a caller begins, pauses, goes on and has finished, window by window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.endpoint import WINDOW_S, Listening, Moment, Patience, hear, sounds_unfinished, span, unfinished

pytestmark = pytest.mark.unit

SPEECH, SILENCE = 0.95, 0.02


def _windows(seconds: float) -> int:
    return round(seconds / WINDOW_S)


def _run(
    *parts: tuple[float, float], patience: Patience | None = None, prompt_s: float = 0.0, hangs: str = ""
) -> tuple[list[tuple[Moment, float]], Listening]:
    """(seconds, probability) one after another; the moments with their times, and where it ended."""
    state, number = Listening(patience=patience or Patience()), 0
    moments: list[tuple[Moment, float]] = []
    for seconds, probability in parts:
        for _ in range(_windows(seconds)):
            number += 1
            begun = any(moment is Moment.BEGAN for moment, _ in moments)
            state, moment = hear(state, probability, saying=number * WINDOW_S < prompt_s and not begun)
            if moment is not None:
                moments.append((moment, number * WINDOW_S))
            if moment is Moment.PAUSED and sounds_unfinished(hangs):
                state = unfinished(state)
    return moments, state


def _names(moments: list[tuple[Moment, float]]) -> list[Moment]:
    return [moment for moment, _ in moments]


# SPEECH: "start with 0.8 s hangover after >=0.3 s speech"; early decoding at 0.3 s of silence.
def test_given_a_sentence_when_it_ends_then_it_is_read_early_and_over_after_the_hangover() -> None:
    moments, state = _run((0.5, SILENCE), (2.0, SPEECH), (1.5, SILENCE))
    assert _names(moments) == [Moment.BEGAN, Moment.PAUSED, Moment.ENDED]
    paused, ended = moments[1][1], moments[2][1]
    assert paused == pytest.approx(2.5 + 0.3, abs=0.07)
    assert ended == pytest.approx(2.5 + 0.8, abs=0.07)
    begin, end = span(state, 0.25)
    assert begin == pytest.approx(0.25, abs=0.07)
    assert end == pytest.approx(2.75, abs=0.07)


# "early decode … thrown away if speech resumes".
def test_given_a_pause_for_thought_when_she_goes_on_then_what_was_read_is_thrown_away() -> None:
    moments, state = _run((1.0, SPEECH), (0.5, SILENCE), (1.0, SPEECH), (1.0, SILENCE))
    assert _names(moments) == [Moment.BEGAN, Moment.PAUSED, Moment.RESUMED, Moment.PAUSED, Moment.ENDED]
    assert span(state, 0.0)[0] < 0.1


def test_given_a_click_in_a_pause_when_it_is_short_then_the_early_reading_stands() -> None:
    moments, _ = _run((1.0, SPEECH), (0.4, SILENCE), (WINDOW_S, SPEECH), (1.0, SILENCE))
    assert _names(moments) == [Moment.BEGAN, Moment.PAUSED, Moment.ENDED]


# "1.2 s if transcript ends in and/I/my/the/err".
def test_given_words_that_hang_when_she_pauses_then_she_has_longer() -> None:
    finished, _ = _run((1.0, SPEECH), (2.0, SILENCE), hangs="I need a new bin.")
    hanging, _ = _run((1.0, SPEECH), (2.0, SILENCE), hangs="It is about my")
    assert hanging[-1][1] - finished[-1][1] == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize(
    ("text", "hangs"),
    [
        ("It's about my", True),
        ("I'd like to report a hole and", True),
        ("I need…", True),
        ("erm", True),
        ("Bins, please.", False),
        ("Council tax", False),
        ("", False),
    ],
)
def test_given_words_when_they_end_then_it_is_told_whether_they_hang(text: str, hangs: bool) -> None:  # noqa: FBT001 - a row of the table
    assert sounds_unfinished(text) is hangs


# "4 s no-input", counted from the end of the prompt.
def test_given_silence_when_the_prompt_is_over_then_the_time_counts_from_there() -> None:
    moments, _ = _run((8.0, SILENCE), prompt_s=3.0)
    assert _names(moments) == [Moment.NO_INPUT]
    assert moments[0][1] == pytest.approx(7.0, abs=0.07)


def test_given_a_cough_when_it_is_over_then_listening_goes_on() -> None:
    moments, _ = _run((0.12, SPEECH), (1.5, SILENCE), (1.0, SPEECH), (1.0, SILENCE))
    assert _names(moments) == [Moment.BEGAN, Moment.DROPPED, Moment.BEGAN, Moment.PAUSED, Moment.ENDED]


# "12 s max utterance": nobody is listened to for ever.
def test_given_one_who_does_not_stop_when_the_time_is_up_then_the_turn_ends() -> None:
    moments, _ = _run((20.0, SPEECH))
    assert _names(moments) == [Moment.BEGAN, Moment.ENDED]
    assert moments[-1][1] == pytest.approx(12.1, abs=0.1)


# "require >=200-250 ms silero speech p>.6 and ignore first 300 ms of prompt".
def test_given_a_prompt_when_she_speaks_over_it_then_it_takes_224_ms_of_sure_speech() -> None:
    moments, _ = _run((1.0, SILENCE), (1.0, SPEECH), (1.0, SILENCE), prompt_s=10.0)
    assert moments[0][0] is Moment.BEGAN
    assert moments[0][1] == pytest.approx(1.0 + 0.224, abs=0.04)


@pytest.mark.parametrize("parts", [((0.3, SPEECH), (9.0, SILENCE)), ((1.0, SILENCE), (0.19, SPEECH), (8.0, SILENCE))])
def test_given_a_prompt_when_there_is_only_a_noise_then_it_is_not_interrupted(
    parts: tuple[tuple[float, float], ...],
) -> None:
    assert _run(*parts, prompt_s=9.0)[0] == []


# "Barge-in by voice (not before the legal notice)".
def test_given_a_prompt_that_may_not_be_interrupted_when_she_speaks_then_only_what_comes_after_it_counts() -> None:
    patience = Patience(barge_in=False)
    moments, state = _run((3.0, SPEECH), (1.0, SILENCE), (1.0, SPEECH), (1.0, SILENCE), patience=patience, prompt_s=3.5)
    assert _names(moments) == [Moment.BEGAN, Moment.PAUSED, Moment.ENDED]
    assert span(state, 0.0)[0] == pytest.approx(4.0, abs=0.1)


@given(st.lists(st.tuples(st.floats(min_value=0, max_value=1), st.integers(min_value=1, max_value=60)), max_size=30))
def test_given_any_sound_when_heard_for_long_then_the_turn_ends_once_and_in_time(
    sound: list[tuple[float, int]],
) -> None:
    state, ends = Listening(patience=Patience()), 0
    for probability, windows in sound:
        for _ in range(windows):
            state, moment = hear(state, probability, saying=False)
            ends += moment in (Moment.ENDED, Moment.NO_INPUT)
    assert ends <= 1
    # Coughs may put the end off, but once there is silence it comes.
    for _ in range(_windows(6.0)):
        state, _ = hear(state, SILENCE, saying=False)
    assert state.over


# A fan at 0.4 was neither speech nor silence: the beginning it held open kept the turn from ever ending.
def test_given_a_hum_between_speech_and_silence_when_the_time_is_up_then_the_turn_ends() -> None:
    assert _names(_run((0.064, SPEECH), (6.0, 0.4))[0]) == [Moment.NO_INPUT]
