"""Puts an imported configuration together as a council's folder, and writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from guildhall.importing.conf_text import Left, read_conf
from guildhall.importing.dialplan_import import FlowMaker, Flows
from guildhall.importing.dialplan_text import Context, read_dialplan
from guildhall.importing.queue_import import Queues, an_id, import_queues
from kernel.errors import BadInput
from kernel.number import parse_dialled

_NUMBER = re.compile(r"\+?\d{6,15}")
_SIP_USER = re.compile(r"[a-z][0-9]{2,6}")

#: File name -> what it holds.
Files = dict[str, Any]
#: Number -> (context, extension).
Numbers = Mapping[str, tuple[str, str]]


def imported(council: str, texts: Mapping[str, bytes], numbers: Numbers | None, left: list[Left]) -> Files:
    """Everything of a council from Asterisk's files; ``left`` takes what could not be imported.

    ``texts``: file name -> bytes; those with ``queue`` in their name are queues.conf. ``numbers``: None takes every
    extension that looks like a telephone number. Raises ``BadInput`` when there is nothing to import.
    """
    queues, contexts = Queues(), dict[str, Context]()
    for name, data in texts.items():
        sections = read_conf(name, data, left)
        if "queue" in name:
            found = import_queues(sections, left)
            queues.ids |= found.ids
            queues.queues += found.queues
            queues.members |= found.members
        else:
            contexts |= read_dialplan(sections, left)
    if not queues.queues:
        queues.queues.append({"id": "general", "name": "General"})
    entries = numbers if numbers is not None else _entries(contexts)
    if not entries:
        raise BadInput(
            "no_numbers", "no extension looks like a telephone number: say --number NUMBER=CONTEXT,EXTENSION"
        )
    return _files(council, queues, contexts, entries, left)


def write_files(folder: Path, files: Files) -> None:
    """Write them into a new folder. Raises ``BadInput`` when there is one already."""
    if folder.exists():
        raise BadInput("exists", f"{folder} is there already: name another council, or remove it")
    writer = YAML()
    writer.width = 120
    for name, tree in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as out:
            out.write("# Imported from Asterisk by guildhall import.\n")
            writer.dump(tree, out)


def _entries(contexts: Mapping[str, Context]) -> dict[str, tuple[str, str]]:
    return {
        extension: (context.name, extension)
        for context in contexts.values()
        for extension in context.extensions
        if _NUMBER.fullmatch(extension)
    }


def _files(council: str, queues: Queues, contexts: Mapping[str, Context], entries: Numbers, left: list[Left]) -> Files:
    shared = Flows()
    default = f"{council}.{queues.queues[0]['id']}"
    ids = {theirs: f"{council}.{ours}" for theirs, ours in queues.ids.items()}
    flows: dict[tuple[str, str], str] = {}
    files: Files = {}
    numbers = []
    for number, entry in entries.items():
        if entry not in flows:
            flows[entry] = an_id("_".join(entry), set(flows.values()))
            made = FlowMaker(contexts, ids, shared, left).make(*entry, default)
            files[f"flows/{flows[entry]}.yaml"] = made
        numbers.append({"number": _quoted(number), "flow": flows[entry]})
    left.extend(shared.unreached(contexts))
    prompts = {
        name: {"en": f"To be written: the words of the recording {sound}."} for name, sound in shared.prompts.items()
    }
    tenant: dict[str, Any] = {
        "name": council.replace("_", " ").title(), "languages": ["en"], "default_queue": default, "numbers": numbers,
    }  # fmt: skip
    if shared.hours:
        tenant["hours"] = {name: {"weekly": {days: [clock]}} for name, (days, clock) in shared.hours.items()}
    if shared.transfers:
        tenant["transfer_to"] = {name: _quoted(number) for name, number in shared.transfers.items()}
    return {
        "tenant.yaml": tenant,
        "queues.yaml": {"queues": queues.queues},
        "people.yaml": {"agents": list(_agents(council, queues, left))},
        "prompts.yaml": {"prompts": {"opening": {"en": "To be written: who answers here."}, **prompts}},
        **files,
    }


def _quoted(number: str) -> str:
    """A number is text: its leading zero stays."""
    quoted: str = DoubleQuotedScalarString(parse_dialled(number))
    return quoted


def _agents(council: str, queues: Queues, left: list[Left]) -> list[dict[str, object]]:
    taken: set[str] = set()
    found: list[dict[str, object]] = []
    for number, (endpoint, (name, serves)) in enumerate(queues.members.items(), start=1):
        user = (
            endpoint
            if _SIP_USER.fullmatch(endpoint)
            else f"a{endpoint}"
            if endpoint.isdecimal()
            else f"a{900 + number}"
        )
        if not _SIP_USER.fullmatch(user) or user in taken:
            user = f"a{900 + number}"
        taken.add(user)
        if user != endpoint:
            left.append(Left(file="people.yaml", line=0, why=f"phone {endpoint} becomes {user}, with a new password"))
        found.append(
            {
                "id": f"{council}-{user}", "name": name, "sip_user": user, "councils": [council],
                "queues": [f"{council}.{queue}" for queue in serves],
            }
        )  # fmt: skip
    return found
