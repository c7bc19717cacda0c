"""What the PBX does with a flow when the engine is silent: each verb as far as keys, prompts and a clock go.

A verb that needs more takes the way its flow names for the case that nothing here can do it, which is where the engine
itself would go with all its services out; the loader saw to it that every such way ends at a person or an honest
message. What is lost that way is told, step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ivr.core.fallback_tests import test_of
from ivr.core.flow import Flow, Verb
from ivr.core.spoken import places
from ivr.core.verbs import VERBS
from ivr.core.verbs.announce import Announce
from ivr.core.verbs.branch import Branch
from ivr.core.verbs.callback import Callback
from ivr.core.verbs.enqueue import Enqueue
from ivr.core.verbs.gather import Gather
from ivr.core.verbs.goto import Goto
from ivr.core.verbs.hangup import HangUp
from ivr.core.verbs.hours import Hours
from ivr.core.verbs.language import Language
from ivr.core.verbs.lookup import Lookup
from ivr.core.verbs.menu import SILENT_LISTEN_S, Menu
from ivr.core.verbs.play import Play
from ivr.core.verbs.say import Say
from ivr.core.verbs.set import Set
from ivr.core.verbs.steer import Steer
from ivr.core.verbs.subflow import Subflow
from ivr.core.verbs.survey import Survey
from ivr.core.verbs.transfer import Transfer
from ivr.core.verbs.voicemail import Voicemail
from kernel import static_plan as plan
from kernel.ids import QueueId
from kernel.said import changes, prompt_of
from kernel.skill import Skills

#: Names with a value in every call, without a look at the world.
_ALWAYS_KNOWN = {"number", "council", "language"}

#: A step of the plan, and what is lost, if anything.
Made = tuple[plan.Step, str | None]


def static_flow(flow: Flow, languages: tuple[str, ...]) -> tuple[plan.StaticFlow, tuple[plan.Loss, ...]]:
    """Return the flow as the PBX can do it by itself, and what it then does not do."""
    steps: dict[str, plan.Step] = {}
    losses: list[plan.Loss] = []
    for name, verb in flow.steps.items():
        steps[name], lost = _TABLE[type(verb)](verb, flow)
        if lost is not None:
            told = f"{getattr(verb, 'verb', '')}: {lost}"
            losses.append(plan.Loss(tenant=flow.tenant, flow=flow.name, step=name, what=told))
    made = plan.StaticFlow(
        tenant=flow.tenant, name=flow.name, start=flow.start, steps=steps, languages=languages, hours=flow.hours
    )
    return made, tuple(losses)


def written_skills(skills: Skills) -> str:
    """Skills as they stand on a channel: ``waste:1/welsh:2``."""
    return "/".join(f"{name}:{level}" for name, level in sorted(skills.items()))


def _play(verb: Play, _flow: Flow) -> Made:
    return plan.Say(prompts=verb.prompts, interruptible=verb.interruptible, next=verb.next), None


def _announce(verb: Announce, flow: Flow) -> Made:
    told = flow.incidents[verb.incident]
    say = plan.Say(
        prompts=told.prompts,
        interruptible=verb.interruptible,
        next=verb.next,
        begins=told.begins,
        ends=told.ends,
    )
    return say, None


def _menu(verb: Menu, _flow: Flow) -> Made:
    ask = plan.Ask(
        prompts=verb.prompts,
        interruptible=verb.interruptible,
        keys=verb.keys,
        timeout_s=verb.timeout,
        silent_timeout_s=min(verb.timeout, SILENT_LISTEN_S),
        tries=verb.tries,
        no_input=verb.no_input,
        no_match=verb.no_match,
        no_input_prompt=verb.no_input_prompt,
        no_match_prompt=verb.no_match_prompt,
    )
    return ask, None


def _hours(verb: Hours, _flow: Flow) -> Made:
    return plan.Look(hours=verb.of, open=verb.open, closed=verb.closed, holiday=verb.holiday or verb.closed), None


def _branch(verb: Branch, flow: Flow) -> Made:
    cases = tuple((test_of(condition, str(flow.tenant)), step) for condition, step in verb.cases.items())
    unknown = any(test.op == "no" for test, _ in cases)
    lost = "a condition on what only the engine knows does not hold" if unknown else None
    return plan.Choose(cases=cases, otherwise=verb.otherwise), lost


def _enqueue(verb: Enqueue, flow: Flow) -> Made:
    policy = flow.queues[QueueId(verb.queue)]
    wait = plan.Wait(
        queue=policy.id,
        priority=policy.priority if verb.priority is None else verb.priority,
        skills=written_skills(policy.skills),
        language=verb.language,
    )
    lost = ["whom the call prefers: anybody of the queue takes it"] if verb.preferred else []
    lost += ["what is noted for the agent"] if verb.note else []
    return wait, "; ".join(lost) or None


def _lookup(verb: Lookup, _flow: Flow) -> Made:
    return plan.Go(next=verb.failed or verb.not_found), "nothing is looked up"


def _say(verb: Say, _flow: Flow) -> Made:
    if not changes(verb.text):
        return plan.Say(prompts=(prompt_of(verb.text),), interruptible=verb.interruptible, next=verb.next), None
    lost = "a text with values is not spoken"
    if {name for text in verb.text.values() for name, _ in places(text)} <= _ALWAYS_KNOWN:
        # The engine would have the words and nobody to speak them: to the caller, a prompt that is missing.
        return plan.Say(prompts=(), interruptible=verb.interruptible, next=verb.next), lost
    return plan.Go(next=verb.next), lost


#: Any: each function takes its own kind of verb.
_TABLE: Mapping[type[Verb], Callable[[Any, Flow], Made]] = {
    Play: _play,
    Announce: _announce,
    Menu: _menu,
    Hours: _hours,
    Branch: _branch,
    Enqueue: _enqueue,
    Lookup: _lookup,
    Say: _say,
    Goto: lambda verb, _flow: (plan.Go(next=verb.next), None),
    Language: lambda verb, _flow: (plan.Speak(language=verb.to, next=verb.next), None),
    Subflow: lambda verb, _flow: (plan.Piece(flow=verb.flow, next=verb.next), None),
    HangUp: lambda verb, _flow: (plan.End(why=verb.why), None),
    Steer: lambda verb, _flow: (plan.Go(next=verb.no_input), "speech is not understood: the way of silence"),
    Gather: lambda verb, _flow: (plan.Go(next=verb.no_input), "nothing is asked: the way of silence"),
    Set: lambda verb, _flow: (plan.Go(next=verb.next), "nothing is remembered"),
    Survey: lambda verb, _flow: (plan.Go(next=verb.next), "the question is not asked"),
    Callback: lambda verb, _flow: (plan.Go(next=verb.failed, forgets=True), "no call back is promised"),
    Voicemail: lambda verb, _flow: (plan.Go(next=verb.failed), "no message is taken"),
    Transfer: lambda verb, _flow: (plan.Go(next=verb.failed), "nobody outside is rung"),
}
#: Every verb of the language has its place above: a new one is missed when the house is built, not at night.
if missing := set(VERBS.values()) - _TABLE.keys():
    raise TypeError(f"verbs without a static fallback: {missing}")
