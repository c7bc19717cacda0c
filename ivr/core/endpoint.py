"""When a caller begins to speak and when she has finished: a pure machine, one step for each 32 ms of sound.

Theory of operation. The detector gives the probability of speech in each window. Speech counts once it has lasted a
little, so that a click or a cough does not begin a turn; while our own prompt plays it must last longer and be surer,
because a speakerphone gives us back our own voice. A pause of 0.3 s is a chance to decode early (``Paused``), taken
back when she goes on (``Resumed``); a longer one ends the turn (``Ended``), the longer hangover where her words so far
end in "and" or "my". Figures: silero-vad's end of speech is 0.11 s late (median) on clean lines, pauses inside read
commands were never over 0.4 s; the hangovers are judgement, and settings.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum

#: Seconds a window lasts.
WINDOW_S = 0.032
#: Speech, and speech while our own prompt plays.
_SURE, _SURE_OVER_PROMPT = 0.5, 0.6
#: Below this a window is silence; between, it stays what it was.
_UNSURE = 0.35
#: How long a beginning may take.
_BEGINNING_S = 0.3
#: Windows of speech that begin a turn: 96 ms; over our prompt 224 ms.
_ONSET, _ONSET_OVER_PROMPT = 3, 7
#: The first 300 ms of a prompt cannot be interrupted by voice: the end of "hello?" is no answer.
_DEAF_AT_FIRST = 10
#: Less speech than this, 160 ms in all, was a noise: "no" takes 200 ms.
_LEAST_SPEECH = 5
#: Silence after which it pays to decode early.
EARLY_S = 0.3
#: A cough within a pause does not throw the early reading away: 64 ms of speech do.
_RESUME = 2

#: Words after which nobody has finished.
UNFINISHED = frozenset(
    {
        *("and", "or", "but", "so", "because", "if", "about", "with", "of", "in", "on", "at", "to", "for", "like"),
        *("my", "the", "a", "an", "i", "i'm", "it's", "is", "um", "uh", "er", "erm", "err", "well"),
    }
)


class Moment(StrEnum):
    """What a window brought."""

    #: She speaks: stop the prompt.
    BEGAN = "began"
    #: A pause: what was said so far may be decoded.
    PAUSED = "paused"
    #: She goes on: what was decoded early is worth nothing.
    RESUMED = "resumed"
    #: She has finished, or spoke too long.
    ENDED = "ended"
    #: Only a noise: as if nothing had been.
    DROPPED = "dropped"
    #: Nothing was said in time.
    NO_INPUT = "no_input"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """The limits of one turn, in seconds."""

    no_input_s: float = 4.0
    hangover_s: float = 0.8
    long_hangover_s: float = 1.2
    longest_s: float = 12.0
    barge_in: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where one turn stands. All counts are windows."""

    patience: Patience
    #: Windows heard so far.
    now: int = 0
    #: Windows since our prompt ended.
    quiet_since: int = 0
    #: Speech in a row that has not begun a turn yet.
    onset: int = 0
    #: The first window of speech, once a turn has begun.
    began: int | None = None
    #: The last window of speech.
    last: int = 0
    #: Windows of speech in this turn.
    spoken: int = 0
    #: Speech in a row after a pause.
    resumed: int = 0
    paused: bool = False
    #: Whether the words of the early reading sound unfinished.
    unfinished: bool = False
    over: bool = False


def hear(state: Listening, probability: float, *, saying: bool) -> tuple[Listening, Moment | None]:
    """One window of sound; ``saying``: our prompt is still going out."""
    if state.over:
        return state, None
    state = dataclasses.replace(state, now=state.now + 1, quiet_since=0 if saying else state.quiet_since + 1)
    return _waiting(state, probability, saying=saying) if state.began is None else _speaking(state, probability)


def span(state: Listening, margin_s: float) -> tuple[float, float]:
    """From when to when she spoke, seconds since listening began, with a margin on both sides."""
    begin = (state.began or 0) * WINDOW_S
    return max(0.0, begin - margin_s), (state.last + 1) * WINDOW_S + margin_s


def unfinished(state: Listening) -> Listening:
    """Be more patient in this pause: her words so far sound unfinished."""
    return dataclasses.replace(state, unfinished=True) if state.paused else state


def sounds_unfinished(text: str) -> bool:
    """Whether words end where nobody ends: "my", "and", "the"."""
    words = text.lower().rstrip(" .,!?…").split()
    return bool(words) and (words[-1] in UNFINISHED or text.rstrip().endswith(("...", "…", "-")))


def _waiting(state: Listening, probability: float, *, saying: bool) -> tuple[Listening, Moment | None]:
    patience = state.patience
    if saying and (not patience.barge_in or state.now <= _DEAF_AT_FIRST):
        return state, None
    sure, needed = (_SURE_OVER_PROMPT, _ONSET_OVER_PROMPT) if saying else (_SURE, _ONSET)
    onset = state.onset + 1 if probability >= sure else 0 if probability < _UNSURE else state.onset
    if onset >= needed:
        began = dataclasses.replace(state, onset=0, began=state.now - needed, last=state.now - 1, spoken=needed)
        return began, Moment.BEGAN
    state = dataclasses.replace(state, onset=onset)
    silent_s = state.quiet_since * WINDOW_S
    # One who is just beginning is waited for, but a hum that never becomes speech is not.
    if silent_s >= patience.no_input_s and (onset == 0 or silent_s >= patience.no_input_s + _BEGINNING_S):
        return dataclasses.replace(state, over=True), Moment.NO_INPUT
    return state, None


def _speaking(state: Listening, probability: float) -> tuple[Listening, Moment | None]:
    patience = state.patience
    if (state.now - (state.began or 0)) * WINDOW_S >= patience.longest_s:
        return dataclasses.replace(state, over=True), Moment.ENDED
    if probability >= _SURE or (probability >= _UNSURE and not state.paused):
        return _more_speech(state)
    state = dataclasses.replace(state, resumed=0)
    silent_s = (state.now - 1 - state.last) * WINDOW_S
    hangover = patience.long_hangover_s if state.unfinished else patience.hangover_s
    if silent_s >= hangover:
        if state.spoken < _LEAST_SPEECH:
            fresh = Listening(patience=patience, now=state.now, quiet_since=state.quiet_since)
            return fresh, Moment.DROPPED
        return dataclasses.replace(state, over=True), Moment.ENDED
    if silent_s >= EARLY_S and not state.paused and state.spoken >= _LEAST_SPEECH:
        return dataclasses.replace(state, paused=True), Moment.PAUSED
    return state, None


def _more_speech(state: Listening) -> tuple[Listening, Moment | None]:
    if state.paused and state.resumed + 1 < _RESUME:
        return dataclasses.replace(state, resumed=state.resumed + 1), None
    resumed = state.paused
    more = state.resumed + 1
    state = dataclasses.replace(
        state, last=state.now - 1, spoken=state.spoken + more, resumed=0, paused=False, unfinished=False
    )
    return state, Moment.RESUMED if resumed else None
