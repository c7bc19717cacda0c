"""A transcript from loudness and words: which stretches of a side to read, and the lines without any long number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recordings.core.figures import SPEECH_DBFS

#: A pause within a sentence; shorter than the second nobody said anything (a knock); what a recogniser takes at once.
_PAUSE_S, _SHORTEST_S, _LONGEST_S = 0.7, 0.3, 10.0
#: Kept before and after: a word's first consonant is quieter than its vowel.
_MARGIN_S = 0.2
#: Tens and teens too: "forty one eleven" are four digits of a card, and the rest follows.
_DIGIT = (
    r"(?:\d+|zero|nought|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|ten|eleven|twelve|thirteen"
    r"|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    r"|hundred|thousand)"
)
#: Four digits in a row, written or spoken: a card's are said in fours, and an expiry date or a code is as long.
_NUMBER = re.compile(rf"\b{_DIGIT}(?:[\s,.\-]+{_DIGIT}){{3,}}\b|\d(?:[\s,.\-]?\d){{3,}}", re.IGNORECASE)
#: How engines write a digit that they take for a word: "four one one one" came out as "for one-one-one".
_LIKE_DIGITS = r"(?:for|to|too|won|ate)"
_RUN = re.compile(rf"\b(?:{_DIGIT}|{_LIKE_DIGITS})(?:[\s,.\-]+(?:{_DIGIT}|{_LIKE_DIGITS}))*\b", re.IGNORECASE)
_ONE_DIGIT = re.compile(rf"\d|\b(?!\d){_DIGIT}\b", re.IGNORECASE)
#: What stands in a long number's place.
HIDDEN = "[number]"
#: The recogniser reads this and nothing else: another language would come out as a guess in English.
_READ = "en"
#: What became of a recording's transcript, as its figures tell it.
WRITTEN, OFF, OTHER_LANGUAGE, FAILED = "written", "off", "other_language", "failed"
_NONE = {
    OFF: "there is no transcript: transcripts were off when the recording was taken in (GUILDHALL_TRANSCRIPTS)",
    OTHER_LANGUAGE: "there is no transcript: the caller did not choose English, and the recogniser reads nothing else",
    FAILED: "there is no transcript: the recogniser could not be used; the worker's log says why",
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Stretch:
    """Somebody speaks: seconds from the recording's beginning."""

    start: float
    end: float
    side: str


def stretches(levels: Sequence[float], window_s: float, side: str) -> list[Stretch]:
    """The stretches of talk on one side, from its loudness in dBFS a window; none longer than 10 s."""
    found: list[Stretch] = []
    start: int | None = None
    last = 0
    for at, level in enumerate([*levels, *[-99.0] * (int(_PAUSE_S / window_s) + 2)]):
        if level > SPEECH_DBFS:
            start, last = at if start is None else start, at
        if start is None:
            continue
        paused, long = (at - last) * window_s > _PAUSE_S, (at - start + 1) * window_s >= _LONGEST_S
        if paused or long:
            end = (last + 1) * window_s
            if end - start * window_s >= _SHORTEST_S:
                began = max(0.0, start * window_s - _MARGIN_S)
                found.append(Stretch(start=round(began, 3), end=round(end + _MARGIN_S, 3), side=side))
            start = None
    return found


def state(language: object, *, wanted: bool) -> str:
    """What is to become of a transcript. ``language``: what the caller chose, None when nobody knows."""
    if not wanted:
        return OFF
    return WRITTEN if language in {None, _READ} else OTHER_LANGUAGE


def why_none(told: object) -> str | None:
    """Why a recording has no transcript, by its figures' word, for people; None when it has one."""
    return None if told == WRITTEN else _NONE.get(str(told), "there is no transcript of this recording")


def without_numbers(text: str) -> str:
    """The words with every long number hidden, so that no card's is ever written down (P21)."""
    return _NUMBER.sub(HIDDEN, " ".join(text.split()))


def without_digits(text: str, most: int = 2) -> str:
    """The same, stricter: no run of more than ``most`` digits is left, nor one that an engine wrote as words like them.

    For sentences that are kept to learn from: a card's code has three digits, and a phrase with digits teaches nothing.
    """

    def hidden(run: re.Match[str]) -> str:
        return HIDDEN if len(_ONE_DIGIT.findall(run[0])) > most else run[0]

    return without_numbers(_RUN.sub(hidden, " ".join(text.split())))


def written(lines: Iterable[tuple[Stretch, str]]) -> bytes:
    """The transcript: a line a stretch in order of time, ``[1:05] caller: my bin``."""
    told = []
    for stretch, text in sorted(lines):
        words = without_numbers(text)
        if words:
            told.append(f"[{int(stretch.start // 60)}:{int(stretch.start % 60):02}] {stretch.side}: {words}\n")
    return "".join(told).encode()
