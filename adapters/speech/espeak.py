"""Speaks the prompts with espeak-ng into the files the PBX plays; a text that did not change is not spoken again."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from adapters.speech.levelled import level_wave
from adapters.speech.prompt_files import Manifest, PromptKey
from kernel.errors import GuildhallError
from kernel.ids import checked_id

#: Language -> espeak-ng voice. There is no better free Welsh voice; a human's recording always wins.
VOICES: Mapping[str, str] = {"en": "en-gb", "cy": "cy"}
#: Words a minute; the default of 175 is hurried on the telephone.
WORDS_A_MINUTE = 160
#: Part of every file's name: a change in how we render makes new files.
_RECIPE = "2"
#: Seconds for one prompt; espeak-ng takes a tenth of a second.
_TIMEOUT_S = 20.0
_WORKERS = 2
_QUIETLY = ("-nostdin", "-v", "error")
#: What Asterisk plays without transcoding to anything but the codec; nothing in the file tells when it was made.
TELEPHONE = ("-ac", "1", "-ar", "8000", "-c:a", "pcm_s16le", "-threads", "1", "-map_metadata", "-1", "-bitexact")

#: Owner (council or ``_shared``) -> prompt -> language -> text.
Prompts = Mapping[str, Mapping[str, Mapping[str, str]]]
#: Language, text -> a recording of it, or None.
Recording = Callable[[str, str], Path | None]
#: Called after each prompt with (done, all).
Progress = Callable[[int, int], None]


class SpeechFailed(GuildhallError):
    """A prompt could not be spoken."""


def render_prompts(
    prompts: Prompts,
    out: Path,
    progress: Progress | None = None,
    *,
    manifest_in: Path | None = None,
    recording: Recording = lambda _language, _text: None,
) -> Manifest:
    """Make ``<out>/<owner>/<language>/<prompt>-<sha8>.wav`` for every prompt (8 kHz, mono, 16 bit) and the manifest.

    The manifest is replaced last and in one go, so a running PBX always sees a complete set; files of older texts stay
    for the calls that still play them. ``manifest_in``: where the manifest goes when not to ``out``.
    ``recording``: finds a better recording of a text, which then wins. Raises ``SpeechFailed`` when the synthesiser is
    missing or fails.
    """
    wanted = list(wanted_prompts(prompts))
    files: dict[PromptKey, str] = {}
    with ThreadPoolExecutor(_WORKERS) as pool:
        made = pool.map(lambda one: _render(one[0], one[1], out, recording(one[0][1], one[1])), wanted)
        for done, ((key, _), name) in enumerate(zip(wanted, made, strict=True), start=1):
            files[key] = name
            if progress is not None:
                progress(done, len(wanted))
    manifest = Manifest(files=files, folder=str(out))
    manifest.write(manifest_in or out)
    return manifest


def wanted_prompts(prompts: Prompts) -> Iterator[tuple[PromptKey, str]]:
    """Every prompt with its text, white space made plain. Raises ``SpeechFailed`` for a language without a voice."""
    for owner, texts in prompts.items():
        checked_id(owner.removeprefix("_"), "a council")
        for prompt, languages in texts.items():
            checked_id(prompt, "a prompt")
            for language, text in languages.items():
                if language not in VOICES:
                    raise SpeechFailed(
                        "no_voice", f"there is no voice for language '{checked_id(language, 'language')}'"
                    )
                yield (owner, language, prompt), " ".join(text.split())


def _render(key: PromptKey, text: str, out: Path, recorded: Path | None) -> str:
    owner, language, prompt = key
    recipe = f"{_RECIPE}\n{VOICES[language]}\n{WORDS_A_MINUTE}\n{text}".encode()
    digest = sha256(recipe if recorded is None else _RECIPE.encode() + recorded.read_bytes()).hexdigest()[:8]
    name = f"{owner}/{language}/{prompt}-{digest}.wav"
    target = out / name
    if not target.exists():
        if recorded is None:
            speak(text, language, target, f"prompt '{prompt}'")
        else:
            unpack(recorded, target, f"prompt '{prompt}'")
    return name


def unpack(recorded: Path, target: Path, what: str) -> None:
    """Make the file the PBX plays from a recording, whole or not at all. Raises ``SpeechFailed``."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".part-") as scratch:
        _narrowed(recorded, target, Path(scratch, "narrow.wav"), what)


def _narrowed(source: Path, target: Path, narrow: Path, what: str) -> None:
    """The telephone's form of a sound, as loud as all others."""
    run_quietly(("ffmpeg", *_QUIETLY, "-i", str(source), *TELEPHONE, str(narrow)), b"", what)
    if not level_wave(narrow):
        raise SpeechFailed("silent_prompt", f"{what} came out silent")
    narrow.chmod(0o644)
    narrow.replace(target)


def speak(text: str, language: str, target: Path, what: str) -> None:
    """Speak a text into a new file the PBX can play, in one go: the file is whole or not there.

    ``what`` names it in errors; the text itself may be personal. Raises ``SpeechFailed``.
    """
    if language not in VOICES:
        raise SpeechFailed("no_voice", f"there is no voice for the language of {what}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".part-") as scratch:
        raw, narrow = Path(scratch, "raw.wav"), Path(scratch, "narrow.wav")
        # The text goes in by stdin: never part of a command line, so never an option and never a shell's business.
        voice = ("espeak-ng", "-v", VOICES[language], "-s", str(WORDS_A_MINUTE), "-w", str(raw), "--stdin")
        run_quietly(voice, text.encode(), what)
        _narrowed(raw, target, narrow, what)


def run_quietly(command: tuple[str, ...], stdin: bytes, what: str) -> None:
    """Run a program that makes sound of something. Raises ``SpeechFailed`` naming ``what``."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
    try:
        subprocess.run(command, input=stdin, capture_output=True, check=True, timeout=_TIMEOUT_S, env=environment)  # noqa: S603 - a fixed list, no shell; names are checked ids
    except FileNotFoundError:
        raise SpeechFailed("no_synthesiser", f"{command[0]} is not installed: run make setup") from None
    except subprocess.SubprocessError:
        raise SpeechFailed("speech_failed", f"{command[0]} could not make {what}") from None
