"""The sample councils' files, changed by a test, and what is said against the change."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.files.dialplans import Dialplans, read_dialplans
from ivr.flows import FlowBook, make_book
from kernel.located import ConfigErrors

DIALPLANS = Path(__file__).parents[2] / "dialplans"


def book_of(read: Dialplans) -> FlowBook:
    prompts = {tenant.id: read.prompt_ids(tenant.id) for tenant in read.tenants}
    return make_book(tenants=read.tenants, queues=read.queues, trees=read.flows, prompts=prompts)


def refusals(folder: Path) -> list[str]:
    with pytest.raises(ConfigErrors) as refused:
        book_of(read_dialplans(folder))
    return [str(error) for error in refused.value.errors]


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
