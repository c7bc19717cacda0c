"""A whole service whose sample county listens: recognisers, understanding, and a flow with a queue for each intent."""

from __future__ import annotations

import json
import os
import subprocess
from hashlib import sha256
from pathlib import Path

from guildhall.prompts import host_sound
from tests.fakes.service import Service

#: Asks; every way out of the question leads somewhere else.
FLOW = """start: welcome
steps:
  welcome: {verb: play, prompts: [welcome], next: ask}
  ask:
    verb: steer
    prompts: [steer_ask]
    again: [steer_again]
    intents:
      missed_bin: bins
      council_tax: council_tax
      housing_repair: housing
      homeless: housing
      library: libraries
      school_admissions: schools
      planning: planning
      flooding: urgent
      speak_to_someone: person
    tries: 2
    urgent: urgent
    person: person
    other_language: welsh
    no_input: menu
    no_match: menu
  menu:
    verb: menu
    prompts: [menu_main]
    keys: {1: bins, 2: housing, 9: urgent, 0: person, "#": cymraeg}
    timeout: 1s
    tries: 1
    no_input: person
    no_match: person
  cymraeg: {verb: language, to: cy, next: menu}
  bins: {verb: enqueue, queue: northmere.waste}
  housing: {verb: enqueue, queue: northmere.housing}
  council_tax: {verb: enqueue, queue: northmere.council_tax}
  libraries: {verb: enqueue, queue: northmere.libraries}
  schools: {verb: enqueue, queue: northmere.schools}
  planning: {verb: enqueue, queue: northmere.planning}
  urgent: {verb: enqueue, queue: northmere.emergency}
  person: {verb: enqueue, queue: northmere.general}
  welsh: {verb: enqueue, queue: northmere.welsh}
"""
#: The number of a flow whose every prompt a test may break: none of them is heard in the other one.
FRAIL = "03069990007"
_FRAIL_FLOW = """start: hello
steps:
  hello: {verb: play, prompts: [closed], next: ask}
  ask:
    verb: steer
    prompts: [ask_area]
    again: [area_unknown]
    intents: {missed_bin: bins}
    tries: 2
    urgent: urgent
    person: person
    no_input: menu
    no_match: menu
  menu:
    verb: menu
    prompts: [menu_more]
    keys: {1: bins, 9: urgent, 0: person}
    timeout: 10s
    tries: 1
    no_input: person
    no_match: person
  bins: {verb: enqueue, queue: northmere.waste}
  urgent: {verb: enqueue, queue: northmere.emergency}
  person: {verb: enqueue, queue: northmere.general}
"""
#: A synthesiser that a test can take away: while the file named after it lies beside it, it says nothing.
_SYNTHESISER = """#!/bin/sh
[ -e "$0.dumb" ] && exit 1
PATH="${PATH#*:}" exec espeak-ng "$@"
"""
#: Four seconds and more by the synthesiser: somebody can speak into it.
NOTICE = "Welcome. This call is recorded, so that we can see to it that you were helped well."
NOTICE_CY = "Croeso. Mae'r alwad hon yn cael ei recordio, er mwyn i ni weld eich bod wedi cael cymorth da."
_ENGINES = 2


def spoken_service(place: Path) -> Service:
    """A service with one worker of each engine. Patient: its tests are not about how busy the machine is."""
    service = Service(place, speech_workers="1", speech_patience="8")
    council = place / "dialplans" / "northmere"
    (council / "flows" / "steering.yaml").write_text(FLOW, encoding="utf-8")
    (council / "flows" / "frail.yaml").write_text(_FRAIL_FLOW, encoding="utf-8")
    tenant = council / "tenant.yaml"
    number = f'numbers:\n  - {{number: "{FRAIL}", flow: frail}}\n'
    tenant.write_text(tenant.read_text(encoding="utf-8").replace("numbers:\n", number), encoding="utf-8")
    synthesiser(service).parent.mkdir()
    synthesiser(service).write_text(_SYNTHESISER, encoding="utf-8")
    synthesiser(service).chmod(0o755)
    service.environment["PATH"] = f"{synthesiser(service).parent}:{service.environment['PATH']}"
    (council / "flows" / "steering.test.yaml").unlink()
    prompts = council / "prompts.yaml"
    texts = json.loads(prompts.read_text(encoding="utf-8"))
    texts["prompts"]["welcome"] = {"en": NOTICE, "cy": NOTICE_CY}
    prompts.write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
    intents = council / "intents.yaml"
    # What costs money is asked back, however sure we are; the rest goes straight on.
    text = intents.read_text(encoding="utf-8").replace("intents:\n", "intents:\n  council_tax: {confirm: always}\n")
    # What callers say is kept, as a council may decide.
    intents.write_text(f"words: {{days: 28, purpose: to teach steering}}\n{text}", encoding="utf-8")
    return service


def synthesiser(service: Service) -> Path:
    """The program that speaks for this service."""
    return service.place / "bin" / "espeak-ng"


def dumb(service: Service) -> Path:
    """While this file is there, the synthesiser fails."""
    return synthesiser(service).with_name("espeak-ng.dumb")


def said_instead(service: Service, text: str) -> Path:
    """The file of words spoken on demand."""
    return service.settings.sounds / "_said" / "en" / f"{sha256(text.encode()).hexdigest()[:32]}.wav"


def text_of(service: Service, prompt: str) -> str:
    """The county's words of a prompt."""
    texts = json.loads((service.place / "dialplans" / "northmere" / "prompts.yaml").read_text(encoding="utf-8"))
    return " ".join(texts["prompts"][prompt]["en"].split())


def break_prompt(service: Service, prompt: str) -> None:
    """As a disk does it, or a copy that was cut short: the file is there, and no sound is in it."""
    path = host_sound(service.settings, "northmere", "en", prompt)
    path.unlink()
    path.write_bytes(b"RIFF, and then nothing")
    path.chmod(0o644)


def listens(service: Service) -> bool:
    """Whether both engines are loaded and the county's steering is ready."""
    log = (service.settings.logs / "engine.jsonl").read_text("utf-8")
    return log.count("a speech worker is ready") >= _ENGINES and "steering is ready" in log


def recognisers(service: Service) -> dict[str, int]:
    """Engine -> the process that reads for it now."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().decode().split("\0")
            parent = int((place / "stat").read_text("utf-8").rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == service.pid("engine") and "adapters.speech.worker" in words:
            found[words[words.index("adapters.speech.worker") + 1]] = int(place.name)
    return found


def sound_port(service: Service) -> int:
    """Where the engine listens besides AGI: the port that is in no file."""
    told = _ss("-Hltnp")
    mine = [line.split()[3] for line in told.splitlines() if f"pid={service.pid('engine')}," in line]
    known = (service.settings.run / "ports.json").read_text("ascii")
    assert all(one.startswith("127.0.0.1:") for one in mine), mine
    ports = [int(one.rpartition(":")[2]) for one in mine]
    return next((port for port in ports if str(port) not in known), 0)


def sounds_open(service: Service) -> int:
    """Connections of calls whose sound the engine has now."""
    port = sound_port(service)
    return len(_ss("-Htn", "state", "established", "sport", "=", f":{port}").splitlines())


def tear(service: Service) -> None:
    """Cut every call's sound."""
    _ss("-K", "-t", "state", "established", "dst", "127.0.0.1", "dport", "=", f":{sound_port(service)}")


def _ss(*words: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own arguments
        ("/usr/bin/env", "ss", *words), capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    return done.stdout
