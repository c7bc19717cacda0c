"""What is kept of callers who spoke: their words, what the review suggests of them, and what stands on disk."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from adapters.files.dialplans import read_dialplans
from tests.fakes.service import Service


def code_of(service: Service, intent: str) -> str:
    """The two digits of an intent."""
    book = next(one.steering for one in read_dialplans(service.settings.dialplans).tenants if one.id == "northmere")
    assert book is not None
    return next(code for code, known in book.codes.items() if known == intent)


async def suggestions(service: Service) -> list[dict[str, str]]:
    """The phrases that the review of this week suggests for Northmere."""
    [told] = json.loads(await service.ask("steer", "review", "--council", "northmere", "--json"))
    return list(told["suggestions"])


async def kept_of(service: Service, number: str, archive: Path) -> tuple[dict[str, int], str]:
    """What a caller's own archive holds: how much, and her words; nothing when there are none."""
    told = json.loads(await service.ask("recordings", "subject", number, "--out", str(archive), "--json"))
    with zipfile.ZipFile(archive) as opened:
        name = "steering/words.jsonl"
        return told, opened.read(name).decode() if name in opened.namelist() else ""


def written_by(service: Service) -> str:
    """All that the service has on disk: logs, database, facts; but the councils' files and sounds."""
    var = service.settings.var
    files = [*service.settings.logs.rglob("*"), *var.glob("*.db*"), *var.glob("*.jsonl")]
    return "".join(path.read_bytes().decode("latin-1").lower() for path in files if path.is_file())
