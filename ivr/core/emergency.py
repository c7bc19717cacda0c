"""Whether a caller in danger reaches the emergency queue, whatever is closed or broken, by keys or by waiting alone."""

from __future__ import annotations

from ivr.core.flow import RETURN, Flow, Verb
from ivr.core.verbs.enqueue import Enqueue
from ivr.core.verbs.gather import Gather
from ivr.core.verbs.menu import Menu
from ivr.core.verbs.subflow import Subflow
from kernel.ids import QueueId


def leads_to(flow: Flow, queue: QueueId) -> bool:
    """Whether from the start of the flow ``queue`` can be reached for certain.

    A menu is the caller's choice: one key is enough. What she must know or say to go on (digits, words) does not count:
    silence has to lead there. Everything else is somebody else's choice: every way has to lead there.
    """
    return flow.start in _certain(flow, queue, returns=False)


def _certain(flow: Flow, queue: QueueId, *, returns: bool) -> set[str]:
    """Steps from which it is certain; the least fixed point, so that going round proves nothing."""
    found = {RETURN} if returns else set()
    before: dict[str, set[str]] = {}
    for name, verb in flow.steps.items():
        for target in verb.targets().values():
            before.setdefault(target, set()).add(name)
    ahead = [name for name, verb in flow.steps.items() if isinstance(verb, Enqueue) and verb.queue == queue]
    ahead += sorted(before.get(RETURN, ())) if returns else []
    # A piece can lead there by itself, without ever coming back.
    ahead += [name for name, verb in flow.steps.items() if isinstance(verb, Subflow)]
    while ahead:
        name = ahead.pop()
        if name not in found and _holds(flow, flow.steps[name], queue, found):
            found.add(name)
            ahead.extend(before.get(name, ()))
    return found


def _holds(flow: Flow, verb: Verb, queue: QueueId, found: set[str]) -> bool:
    if isinstance(verb, Enqueue):
        return verb.queue == queue
    if isinstance(verb, Subflow):
        piece = flow.pieces[verb.flow]
        return piece.start in _certain(piece, queue, returns=verb.next in found)
    ways = set(verb.targets().values())
    if isinstance(verb, Menu):
        return bool(ways & found)
    if isinstance(verb, Gather):
        return bool({verb.no_input, verb.no_match} & found)
    silent = set(verb.by_itself().values())
    return bool(silent) and silent <= found
