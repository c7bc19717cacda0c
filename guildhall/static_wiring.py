"""The static fallback put together: every council's flows, compiled and written down for Asterisk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

from adapters.asterisk.pbx_conf import StaticPart
from adapters.asterisk.static_dialplan import Sound, static_dialplan
from adapters.files.dialplans import Dialplans
from adapters.speech import quiet
from adapters.speech.prompt_files import Manifest
from guildhall.flow_book import flow_book
from guildhall.settings import PBX_SOUNDS
from ivr.core.fallback import static_flow
from kernel.hours import Override
from kernel.notices import Notice, overrides_of
from kernel.static_plan import Ask, Loss, StaticFlow

#: What an agent hears whose star code nobody decides on.
_STAR_WORDS = {
    "GH_STAR_NOTED": "agent_noted",
    "GH_STAR_READY": "agent_ready",
    "GH_STAR_REST": "agent_not_ready",
    "GH_STAR_REFUSED": "agent_refused",
}


def static_part(
    dialplans: Dialplans,
    prompts: Manifest,
    now: datetime | None = None,
    *,
    notices: Sequence[Notice] = (),
    spoken: Sound = lambda _council, _language, _text: None,
) -> tuple[StaticPart, list[Loss]]:
    """Return what the PBX is given to do by itself, and what it then does not do as the flows say.

    ``now``: from when on holidays are worked out. ``notices``: changes of hours at short notice; ``spoken``: the sound
    of their words. Raises ``ConfigErrors`` for flows that are wrong.
    """
    now = now or datetime.now(UTC)
    book = flow_book(dialplans)
    made = [static_flow(flow, book.tenants[flow.tenant].languages) for flow in book.flows.values()]
    noticed = [with_notices(flow, overrides_of(notices, flow.tenant, now)) for flow, _ in made]
    dialplan, flows = static_dialplan(noticed, prompts.path, now, spoken, _quiet)
    asks = [step for flow in noticed for step in flow.steps.values() if isinstance(step, Ask)]
    part = StaticPart(
        dialplan=dialplan,
        flows={(str(tenant), flow): context for (tenant, flow), context in flows.items()},
        queues=dialplans.queues,
        listens_s=sorted({seconds for ask in asks for seconds in (ask.timeout_s, ask.silent_timeout_s)}),
        # The same all through a year: a publish must not move who waits already.
        origin=int(datetime(now.year - 1, 1, 1, tzinfo=UTC).timestamp()),
        star_words={name: prompts.path("_shared", "en", prompt) or "" for name, prompt in _STAR_WORDS.items()},
    )
    return part, [loss for _, losses in made for loss in losses]


def _quiet(seconds: float) -> str:
    return str(PurePosixPath(PBX_SOUNDS) / quiet.FOLDER / quiet.quiet_for(seconds))


def with_notices(flow: StaticFlow, overrides: Mapping[str, tuple[Override, ...]]) -> StaticFlow:
    """The flow with hours changed at short notice: they win over what the files say, as for the engine."""
    changed = {
        name: replace(hours, overrides=(*hours.overrides, *overrides.get(hours.name, ())))
        for name, hours in flow.hours.items()
    }
    return replace(flow, hours=changed)
