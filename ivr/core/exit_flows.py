"""The ways out of a queue as flows, made of the language's own verbs: what a caller hears who waits no longer.

Whatever fails on the way leads back to the queue, with the place the caller had.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from ivr.core.effects import HangUp, Play
from ivr.core.flow import Flow, Verb
from ivr.core.verbs.callback import Callback
from ivr.core.verbs.menu import Menu
from ivr.core.verbs.play import Play as PlayVerb
from ivr.core.verbs.transfer import Transfer
from ivr.core.verbs.voicemail import Voicemail
from ivr.core.walk import End, Turn, Walk
from kernel.exits import END_WORDS, Exit, ExitKind, LeaveWhy
from kernel.ids import QueueId
from kernel.queues import Queue
from kernel.tenant import Tenant

#: What is said where the queue names no prompts of its own: `dialplans/_shared/prompts.yaml`.
PROMPTS: Mapping[ExitKind, tuple[str, ...]] = {
    ExitKind.MESSAGE: ("exit_sorry",),
    ExitKind.VOICEMAIL: ("exit_leave_message",),
    ExitKind.CALLBACK: ("exit_offer_callback",),
    ExitKind.PERSON: ("sorry_hold",),
}
PROMISED, TAKEN, BACK = "exit_callback_promised", "exit_message_taken", "sorry_hold"


class Over(Verb):
    """The call ends, and its end says why."""

    verb: Literal["over"] = "over"
    why: str

    def enter(self, walk: Walk) -> Turn:
        """Hang up."""
        return End(walk=walk, effect=HangUp(why=self.why))


class WaitOn(Verb):
    """Back to the queue: the dialplan takes the caller there when the session ends without another word."""

    verb: Literal["wait_on"] = "wait_on"

    def enter(self, walk: Walk) -> Turn:
        """Say so, and leave the wish on the channel as it is."""
        return End(walk=walk, effect=Play(prompts=(BACK,), language=walk.language, interruptible=False))


def exit_flows(tenant: Tenant, queues: Mapping[QueueId, Queue]) -> Iterator[tuple[tuple[QueueId, LeaveWhy], Flow]]:
    """Every way out of this council's queues that the IVR has to walk."""
    for queue in queues.values():
        for why in LeaveWhy if queue.tenant == tenant.id else ():
            way = queue.limits.exit_for(why)
            # With an agent as the person the caller waits on where she is.
            walked = way is not None and way.kind in _STEPS and way.agent is None
            steps = _STEPS[way.kind](queue, way, why) if way is not None and walked else None
            if steps is not None:
                yield (
                    (queue.id, why),
                    Flow(
                        tenant=tenant.id,
                        name=f"exit-{queue.id}-{why}",
                        start="say",
                        steps={**steps, "back": WaitOn()},
                        queues=queues,
                        # Whoever cannot be told anything waits on where she was.
                        default_queue=queue.id,
                        transfer_to=tenant.transfer_to,
                    ),
                )


def _said(way: Exit) -> tuple[str, ...]:
    return way.prompts or PROMPTS[way.kind]


def _message(_queue: Queue, way: Exit, why: LeaveWhy) -> dict[str, Verb]:
    return {"say": _play(_said(way), "over"), "over": Over(why=END_WORDS[why])}


def _voicemail(_queue: Queue, way: Exit, _why: LeaveWhy) -> dict[str, Verb]:
    take = Voicemail(verb="voicemail", box=way.box or "general", prompts=_said(way), next="thanks", failed="back")
    return {"say": take, "thanks": _play((TAKEN,), "over"), "over": Over(why="voicemail")}


def _callback(queue: Queue, way: Exit, _why: LeaveWhy) -> dict[str, Verb]:
    """Offered, never imposed: silence means that the caller would rather wait."""
    offer = Menu(verb="menu", prompts=_said(way), keys={"1": "book"}, no_input="back", no_match="back", tries=1)
    return {
        "say": offer,
        "book": Callback(verb="callback", queue=queue.id, next="promised", failed="back"),
        "promised": _play((PROMISED,), "over"),
        "over": Over(why="callback"),
    }


def _person(_queue: Queue, way: Exit, _why: LeaveWhy) -> dict[str, Verb]:
    return {
        "say": _play(_said(way), "ring"),
        "ring": Transfer(verb="transfer", to=way.number or "", failed="back"),
    }


def _play(prompts: tuple[str, ...], following: str) -> PlayVerb:
    return PlayVerb(verb="play", prompts=prompts, next=following, interruptible=False)


_STEPS = {
    ExitKind.MESSAGE: _message,
    ExitKind.VOICEMAIL: _voicemail,
    ExitKind.CALLBACK: _callback,
    ExitKind.PERSON: _person,
}
