"""A whole service whose sample county listens: recognisers, understanding, and a flow with a queue for each intent."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

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
    keys: {1: bins, 2: housing, 9: urgent, 0: person}
    timeout: 1s
    tries: 1
    no_input: person
    no_match: person
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
#: Four seconds and more by the synthesiser: somebody can speak into it.
NOTICE = "Welcome. This call is recorded, so that we can see to it that you were helped well."
_ENGINES = 2


def spoken_service(place: Path) -> Service:
    """A service with one worker of each engine. Patient: its tests are not about how busy the machine is."""
    service = Service(place, speech_workers="1", speech_patience="8")
    council = place / "dialplans" / "northmere"
    (council / "flows" / "steering.yaml").write_text(FLOW, encoding="utf-8")
    (council / "flows" / "steering.test.yaml").unlink()
    prompts = council / "prompts.yaml"
    texts = json.loads(prompts.read_text(encoding="utf-8"))
    texts["prompts"]["welcome"] = {"en": NOTICE, "cy": NOTICE}
    prompts.write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
    intents = council / "intents.yaml"
    # What costs money is asked back, however sure we are; the rest goes straight on.
    text = intents.read_text(encoding="utf-8").replace("intents:\n", "intents:\n  council_tax: {confirm: always}\n")
    intents.write_text(text, encoding="utf-8")
    return service


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
