"""Texts made during a call: one file for the same words, however many ask; a dead synthesiser is a None."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from adapters.speech.espeak import SpeechFailed
from adapters.speech.on_demand import SpokenTexts

pytestmark = pytest.mark.unit


class Voice:
    """Writes the words instead of speaking them."""

    def __init__(self, *, dead: bool = False) -> None:
        self.said: list[tuple[str, str]] = []
        self.dead = dead

    def __call__(self, text: str, language: str, target: Path, what: str) -> None:
        assert text not in what
        if self.dead:
            raise SpeechFailed("no_synthesiser", "there is none")
        self.said.append((language, text))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


async def test_given_many_callers_when_the_same_is_said_then_it_is_spoken_once(tmp_path: Path) -> None:
    voice = Voice()
    texts = SpokenTexts(tmp_path, "/srv/sounds", voice=voice)
    asked = [texts.path("northmere", "en", words) for words in ("You owe  12 pounds.", "You owe 12\npounds.") * 5]
    paths = set(await asyncio.gather(*asked))
    assert voice.said == [("en", "You owe 12 pounds.")]
    path = paths.pop()
    assert not paths
    assert path is not None
    assert path.startswith("/srv/sounds/_said/en/")
    assert (tmp_path / "_said/en" / f"{Path(path).name}.wav").exists()


# SECURITY V05, V06: a text is spoken; it is no part of a name, an option or a command.
async def test_given_a_hostile_text_when_said_then_nothing_of_it_is_in_the_name(tmp_path: Path) -> None:
    voice = Voice()
    hostile = "--stdin; $(id) `id` ../../etc/passwd\x00\x1b[2J"
    path = await SpokenTexts(tmp_path, "/srv/sounds", voice=voice).path("northmere", "en", hostile)
    assert path is not None
    assert Path(path).name.isalnum()
    assert voice.said == [("en", "--stdin; $(id) `id` ../../etc/passwd [2J")]


# C45: TTS down.
async def test_c45_given_a_dead_synthesiser_when_something_is_said_then_none(tmp_path: Path) -> None:
    texts = SpokenTexts(tmp_path, "/srv/sounds", voice=Voice(dead=True))
    assert await texts.path("northmere", "en", "Hello") is None
    assert await texts.path("northmere", "en", "") is None
    assert await texts.path("northmere", "en", "a" * 5000) is None


async def test_given_a_lost_prompt_when_asked_for_then_its_words_are_spoken_the_councils_own_first(
    tmp_path: Path,
) -> None:
    voice = Voice()
    texts = {
        "northmere": {"welcome": {"en": "Ours", "cy": "Ein"}},
        "_shared": {"welcome": {"en": "All"}, "bye": {"en": "Bye"}},
    }
    spoken = SpokenTexts(tmp_path, "/srv/sounds", voice=voice, texts=texts)
    for language, prompt in (("cy", "welcome"), ("en", "welcome"), ("cy", "bye")):
        assert await spoken.instead("northmere", language, prompt)
    assert await spoken.instead("northmere", "en", "nothing") is None
    assert voice.said == [("cy", "Ein"), ("en", "Ours"), ("en", "Bye")]


# They may hold what was looked up about a caller.
async def test_given_texts_of_yesterday_when_others_are_said_then_they_are_gone(tmp_path: Path) -> None:
    old = tmp_path / "_said/en/old.wav"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"")
    os.utime(old, (time.time() - 100_000,) * 2)
    assert await SpokenTexts(tmp_path, "/srv/sounds", voice=Voice()).path("northmere", "en", "Hello")
    assert not old.exists()
