"""Which flow answers a number in the files, and the call through it: for `guildhall dial` and `guildhall test`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from adapters.files.dialplans import SHARED, Dialplans
from guildhall.flow_tools.reading import Folder, read_book
from guildhall.flow_tools.text_call import OUTAGES, Script, Steering, Story, Words, run_call, run_survey
from guildhall.settings import Settings
from ivr.core.flow import Flow
from ivr.flows import FlowBook
from kernel.errors import BadInput
from kernel.hours import LONDON
from kernel.ids import QueueId, TenantId
from kernel.needs import Need, first_language
from kernel.schema import did_you_mean
from kernel.tenant import Tenant

if TYPE_CHECKING:
    from ivr.steering.understand import Understanding


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """The files, as a place that can be called."""

    plans: Dialplans
    book: FlowBook
    #: A council's steering; learned when a caller first speaks.
    steering: Steering = lambda _: None

    @classmethod
    def of(cls, folder: Folder) -> Exchange:
        """Everything of a councils' folder. Raises ``ConfigErrors``."""
        plans, book = read_book(folder)
        return cls(plans=plans, book=book, steering=_taught(plans))

    def flow_in(self, file: str) -> tuple[str, Flow]:
        """Return the council and the flow whose file, as errors name it, this is. Raises ``BadInput``."""
        for (tenant, name), flow in self.book.flows.items():
            if self.plans.flows[tenant][name].place.file == file:
                return tenant, flow
        raise BadInput("no_flow", f"{file} is no flow: name a file such as dialplans/northmere/flows/main.yaml")

    def call(self, script: Script) -> tuple[Tenant, Story]:
        """Place the call. Raises ``BadInput`` when nobody has that number."""
        tenant = self._tenant(script.number)
        target = self.book.answering(tenant, script.number)
        if isinstance(target, Flow):
            language = first_language(tenant.languages, script.needs)
            story = run_call(target, self._words(tenant), language, script, self.steering)
            self._after(tenant, script, story)
            return tenant, story
        story = Story(outcome="queue", language=tenant.languages[0])
        if target is not None:
            story.queue, story.priority = target.id, target.priority
            story.lines.append(f"=> straight to {target.id}, priority {target.priority}")
        return tenant, story

    def _after(self, tenant: Tenant, script: Script, story: Story) -> None:
        """After the talk. Raises ``BadInput`` when keys are given for it and nobody asks."""
        if script.after is None:
            return
        if story.survey is None:
            where = f"waits in {story.queue}" if story.queue else f"ends: {story.outcome}"
            raise BadInput("no_survey", f"nobody asks this caller after the talk: the call {where}, without 'survey:'")
        run_survey(self.book.flows[tenant.id, story.survey], self._words(tenant), script, story)

    def queues(self, tenant: Tenant, counts: Mapping[str, int]) -> dict[QueueId, int]:
        """Counts by short or full name of a queue. Raises ``BadInput`` for a queue the council has not."""
        own = {str(queue.id): queue.id for queue in self.plans.queues if queue.tenant == tenant.id}
        known = {**own, **{name.partition(".")[2]: queue for name, queue in own.items()}}
        for name in counts:
            if name not in known:
                raise BadInput("unknown_queue", f"unknown queue '{name}': {did_you_mean(name, known) or tenant.id}")
        return {known[name]: count for name, count in counts.items()}

    def tenant_of(self, number: str) -> Tenant:
        """Return the council that has the number. Raises ``BadInput``."""
        return self._tenant(number)

    def _tenant(self, number: str) -> Tenant:
        for tenant in self.plans.tenants:
            if any(one.number == number for one in tenant.numbers):
                return tenant
        known = [str(one.number) for tenant in self.plans.tenants for one in tenant.numbers]
        raise BadInput(
            "unknown_number", f"no council has this number: {did_you_mean(number, known) or 'see tenant.yaml'}"
        )

    def _words(self, tenant: Tenant) -> Words:
        return {**self.plans.prompts[SHARED], **self.plans.prompts[tenant.id]}


def _taught(plans: Dialplans) -> Steering:
    """Each council's steering, from when a caller first speaks; a check has no use for its arithmetic."""

    @cache
    def all_of_them() -> Steering:
        from guildhall.steering_models import lazy_steering  # noqa: PLC0415 - a fifth of a second to import

        return lazy_steering(Settings(), plans.tenants)

    def steering(tenant: TenantId) -> Understanding | None:
        return all_of_them()(tenant)

    return steering


def moment(text: str) -> datetime:
    """Return a time as an engineer writes it, in the council's zone. Raises ``BadInput``."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput("bad_time", "a time is written '2026-12-28 02:00'") from None
    return found if found.tzinfo else found.replace(tzinfo=LONDON)


def counts(pairs: Iterable[str]) -> dict[str, int]:
    """Read ``housing=0`` and its like. Raises ``BadInput``."""
    found: dict[str, int] = {}
    for pair in pairs:
        name, _, count = pair.partition("=")
        if not count.isascii() or not count.isdigit():
            raise BadInput("bad_count", "write a queue and a number: housing=0")
        found[name] = int(count)
    return found


def keys(pressed: Iterable[str]) -> str:
    """Keys in order, a dot for a silence. Raises ``BadInput``."""
    found = "".join(pressed)
    if set(found) - set("0123456789*#."):
        raise BadInput("bad_keys", "keys are 0 to 9, * and #; a dot is a silence")
    return found


def outages(names: Iterable[str]) -> frozenset[str]:
    """What is out, by names that are known. Raises ``BadInput``."""
    return frozenset(_one_of(name, OUTAGES, "outage") for name in names)


def needs(names: Iterable[str]) -> frozenset[Need]:
    """What is known of the caller. Raises ``BadInput``."""
    return frozenset(Need(_one_of(name, list(Need), "need")) for name in names)


def _one_of(name: str, known: Sequence[str], what: str) -> str:
    if name not in known:
        hint = did_you_mean(name, known) or f"known: {', '.join(known)}"
        raise BadInput(f"unknown_{what}", f"unknown {what} '{name}': {hint}")
    return name
