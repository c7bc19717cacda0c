"""Prompts become files the PBX can play: right format, even loudness, made once, found by name."""

from __future__ import annotations

import array
import math
import shutil
import wave
from pathlib import Path

import pytest

from adapters.speech.espeak import SpeechFailed, render_prompts
from adapters.speech.prompt_files import Manifest, read_manifest
from kernel.errors import BadInput

pytestmark = pytest.mark.integration

needs_voice = pytest.mark.skipif(
    shutil.which("espeak-ng") is None or shutil.which("ffmpeg") is None, reason="espeak-ng and ffmpeg are not installed"
)

PROMPTS = {
    "_shared": {"goodbye": {"en": "Thank you for calling. Goodbye.", "cy": "Diolch am ffonio. Hwyl fawr."}},
    "northmere": {"welcome": {"en": "Welcome to Northmere.", "cy": "Croeso i Northmere."}},
}


def samples_of(path: Path) -> array.array[int]:
    with wave.open(str(path), "rb") as source:
        assert (source.getnchannels(), source.getsampwidth(), source.getframerate()) == (1, 2, 8000)
        return array.array("h", source.readframes(source.getnframes()))


@needs_voice
def test_given_prompts_when_rendered_then_the_files_are_telephone_audio_of_even_loudness(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    manifest = render_prompts(PROMPTS, tmp_path, lambda done, of: told.append((done, of)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    for name in manifest.files.values():
        samples = samples_of(tmp_path / name)
        level = 20 * math.log10(math.sqrt(sum(one * one for one in samples) / len(samples)) / 32767)
        assert -24 < level < -19
        assert max(map(abs, samples)) <= 32767 * 10 ** (-3 / 20) + 1
        assert 0.5 < len(samples) / 8000 < 6
    kept = read_manifest(tmp_path)
    assert (kept.files, kept.folder) == (manifest.files, manifest.folder)
    assert set(kept.lengths) == set(manifest.files.values())
    assert not list(tmp_path.rglob(".*"))


# Content-addressed: an unchanged text is not spoken again, a changed one gets a new file beside the old.
@needs_voice
def test_given_one_changed_text_when_rendered_again_then_only_that_file_is_new(tmp_path: Path) -> None:
    before = render_prompts(PROMPTS, tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.wav")}
    after = render_prompts(
        {**PROMPTS, "northmere": {"welcome": {"en": "Good day.", "cy": "Croeso i Northmere."}}}, tmp_path
    )
    changed = {key for key, name in after.files.items() if before.files[key] != name}
    assert changed == {("northmere", "en", "welcome")}
    assert {path: path.stat().st_mtime_ns for path in times} == times


# A text is data: never an option, never a command.
@needs_voice
@pytest.mark.parametrize("text", ["--version $(touch pwned) `touch pwned`; touch pwned", "-f /etc/passwd", "[[oops"])
def test_given_a_hostile_text_when_rendered_then_it_is_only_spoken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    manifest = render_prompts({"northmere": {"welcome": {"en": text}}}, tmp_path / "out")
    assert len(samples_of(tmp_path / "out" / manifest.files["northmere", "en", "welcome"])) > 2000
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "prompts",
    [{"../x": {"a": {"en": "b"}}}, {"northmere": {"../../a": {"en": "b"}}}, {"northmere": {"a": {"../e": "b"}}}],
)
def test_given_a_name_that_leaves_the_folder_when_rendered_then_it_is_refused(
    tmp_path: Path, prompts: dict[str, dict[str, dict[str, str]]]
) -> None:
    with pytest.raises((BadInput, SpeechFailed)):
        render_prompts(prompts, tmp_path)
    assert not list(tmp_path.iterdir())


@needs_voice
def test_given_a_text_without_a_word_when_rendered_then_silence_is_no_prompt(tmp_path: Path) -> None:
    with pytest.raises(SpeechFailed):
        render_prompts({"northmere": {"welcome": {"en": " "}}}, tmp_path)
    assert not list(tmp_path.rglob("*.wav"))


def test_given_no_synthesiser_when_rendered_then_the_remedy_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SpeechFailed, match="espeak-ng is not installed: run make setup"):
        render_prompts(PROMPTS, tmp_path / "out")


# A council's own words win over the shared ones, the asked language over English.
def test_given_a_manifest_when_asked_then_the_nearest_prompt_is_found() -> None:
    manifest = Manifest(
        files={
            ("_shared", "en", "goodbye"): "_shared/en/goodbye-1.wav",
            ("_shared", "cy", "goodbye"): "_shared/cy/goodbye-2.wav",
            ("northmere", "en", "goodbye"): "northmere/en/goodbye-3.wav",
            ("northmere", "en", "welcome"): "northmere/en/welcome-4.wav",
        },
        folder="var/sounds",
    ).seen_from("/srv/guildhall/sounds")
    assert manifest.path("northmere", "en", "goodbye") == "/srv/guildhall/sounds/northmere/en/goodbye-3"
    assert manifest.path("northmere", "cy", "goodbye") == "/srv/guildhall/sounds/_shared/cy/goodbye-2"
    assert manifest.path("northmere", "cy", "welcome") == "/srv/guildhall/sounds/northmere/en/welcome-4"
    assert manifest.path("harbourside", "en", "welcome") is None


def test_given_no_manifest_when_read_then_the_remedy_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="guildhall prompts render"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text("[]", encoding="utf-8")
    with pytest.raises(BadInput):
        read_manifest(tmp_path)
