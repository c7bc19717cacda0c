"""What the engine follows: the version in force, and beside it the one that is tried on a part of the calls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from adapters.files.dialplans import Dialplans, read_dialplans
from guildhall.flow_book import flow_book
from guildhall.prompts import pbx_prompts
from guildhall.publishing import versions_of
from guildhall.settings import Settings
from ivr.flows import FlowBook, FlowsInForce, StagedBook
from kernel.commands import Outcome
from kernel.errors import GuildhallError
from kernel.versions import InForce, Publication, in_force

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Everything the engine needs of what is in force."""

    plans: Dialplans
    book: FlowBook
    staged: StagedBook | None
    holds: InForce


def take(settings: Settings) -> Taken:
    """Read what is in force; the live folder where nothing was ever published. Raises ``GuildhallError``."""
    holds = in_force(versions_of(settings).journal(), time.time())
    if holds.base is None:
        plans = read_dialplans(settings.dialplans)
        return Taken(plans=plans, book=flow_book(plans), staged=None, holds=holds)
    plans, book = _read(settings, holds.base)
    staged = None
    if holds.staged is not None and holds.staged.stage is not None:
        staged = StagedBook(book=_read(settings, holds.staged)[1], stage=holds.staged.stage)
    return Taken(plans=plans, book=book, staged=staged, holds=holds)


def _read(settings: Settings, one: Publication) -> tuple[Dialplans, FlowBook]:
    versions = versions_of(settings)
    plans = read_dialplans(versions.files(one.version))
    sounds = None
    try:
        sounds = pbx_prompts(settings, manifest_in=versions.place(one.version))
    except GuildhallError:
        # Published by a start: its prompts are the common ones.
        log.debug("a version without a manifest of its own", version=one.version)
    return plans, flow_book(plans, sounds=sounds, version=one.version)


class VersionsInForce:
    """Takes versions while calls go on; a version that cannot be read leaves the one before in force."""

    def __init__(self, settings: Settings, flows: FlowsInForce, on_taken: Callable[[Taken], None]) -> None:
        self._settings, self._flows, self._on_taken = settings, flows, on_taken

    async def ask(self) -> Outcome:
        """Follow the journal from now on."""
        try:
            # A large county's files take a second to read: calls must not wait for that.
            taken = await asyncio.to_thread(take, self._settings)
        except GuildhallError as error:
            log.exception("the version in force cannot be read: the one before goes on")
            return Outcome(ok=False, code="version_refused", message=error.message)
        self._flows.publish(taken.book, taken.staged)
        self._on_taken(taken)
        version = taken.book.version
        log.info("version taken", version=version, staged=taken.staged.book.version if taken.staged else None)
        return Outcome(ok=True, code="taken", message=f"version {version} is in force", data={"version": version})
