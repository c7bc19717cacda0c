"""Where each intent leads in a council's flows: the one queue its step reaches, where it is one."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.core.flow import Flow
from ivr.core.verbs.enqueue import Enqueue
from ivr.core.verbs.steer import Steer
from kernel.ids import QueueId


def leads_of(flows: Iterable[Flow]) -> dict[str, QueueId]:
    """Intent -> queue. An intent that leads to several, or outside, is left out: of its calls nothing can be told."""
    reached: dict[str, set[QueueId]] = {}
    for flow in flows:
        for verb in flow.steps.values():
            if isinstance(verb, Steer):
                for intent, step in verb.intents.items():
                    reached.setdefault(intent, set()).update(_queues(flow, step))
    return {intent: next(iter(queues)) for intent, queues in reached.items() if len(queues) == 1}


def _queues(flow: Flow, start: str) -> set[QueueId]:
    found: set[QueueId] = set()
    seen, open_ = set[str](), [start]
    while open_:
        name = open_.pop()
        if name in seen or name not in flow.steps:
            continue
        seen.add(name)
        verb = flow.steps[name]
        if isinstance(verb, Enqueue):
            found.update(map(QueueId, verb.queues_used().values()))
        open_ += verb.targets().values()
    return found
