"""What the shapes of a council's files mean in the house's own words."""

from __future__ import annotations

from typing import Protocol

from adapters.files.announce_shape import announce_meant
from adapters.files.cross_checks import Council
from adapters.files.hours_shape import hours_meant
from adapters.files.intents_shape import IntentsFile, steering_meant
from adapters.files.limits_shape import limits_meant
from adapters.files.recording_shape import rule_meant
from adapters.files.shapes import AgentShape, AskShape, QueueShape, RelaxShape
from kernel.agent import AgentProfile
from kernel.figures import Definition
from kernel.hours import Hours
from kernel.ids import AgentId, QueueId, TenantId
from kernel.number import Dialled
from kernel.number_kind import NumberKind
from kernel.outbound import OutsidePolicy
from kernel.queues import RESTS_S, AgeStep, Question, Queue, RelaxStep
from kernel.tenant import CouncilNumber, Incident, Tenant


def tenant_meant(council: Council, shared_intents: IntentsFile) -> Tenant:
    """A council with all that its flows may name."""
    shape, tenant = council.tenant[1], TenantId(council.id)
    steering = steering_meant(shared_intents, council.intents or IntentsFile())
    numbers = (
        CouncilNumber(
            number=Dialled(one.number),
            tenant=tenant,
            flow=one.flow,
            queue=None if one.queue is None else QueueId(one.queue),
        )
        for one in shape.numbers
    )
    return Tenant(
        id=tenant,
        name=shape.name,
        languages=shape.languages,
        numbers=tuple(numbers),
        default_queue=QueueId(shape.default_queue),
        emergency_queue=None if shape.emergency_queue is None else QueueId(shape.emergency_queue),
        hours=_hours(council),
        hours_line=None if shape.hours_line is None else Dialled(shape.hours_line),
        transfer_to={name: Dialled(number) for name, number in shape.transfer_to.items()},
        outside=OutsidePolicy(
            kinds=frozenset(NumberKind[kind.upper()] for kind in shape.outside.may_reach),
            per_hour=shape.outside.per_hour,
        ),
        definitions=tuple(
            Definition(begins=one.begins, short_abandon_s=one.short_abandon, service_level_s=one.service_level)
            for one in shape.figures
        ),
        tables=council.tables[1].tables if council.tables is not None else {},
        services=frozenset(shape.services),
        incidents=_incidents(council),
        retention_days=shape.retention,
        steering=steering if steering.intents else None,
    )


def _hours(council: Council) -> dict[str, Hours]:
    found: dict[str, Hours] = {}
    for name, shape in council.tenant[1].hours.items():
        hours = hours_meant(name, shape)
        # A name has no dot, a queue's full name has one, a number is digits: they never meet.
        found.update(dict.fromkeys((name, *shape.queues, *shape.numbers), hours))
    return found


def _incidents(council: Council) -> dict[str, Incident]:
    if council.incidents is None:
        return {}
    return {
        name: Incident(prompts=one.prompts, begins=one.begins, ends=one.ends)
        for name, one in council.incidents[1].incidents.items()
    }


class Agreed(Protocol):
    """What ``tenant.yaml`` says of all queues of a council."""

    @property
    def default_queue(self) -> str | None: ...  # noqa: D102 - the fields speak for themselves
    @property
    def emergency_queue(self) -> str | None: ...  # noqa: D102 - as above
    @property
    def share(self) -> int | None: ...  # noqa: D102 - as above
    @property
    def cap(self) -> int | None: ...  # noqa: D102 - as above


def queue_meant(council: Council, shape: QueueShape) -> Queue:
    """A queue's policy."""
    return policy_meant(QueueId(f"{council.id}.{shape.id}"), TenantId(council.id), shape, council.tenant[1])


def policy_meant(name: QueueId, tenant: TenantId, shape: QueueShape, agreed: Agreed) -> Queue:
    """The policy of the queue of this full name."""
    return Queue(
        id=name,
        tenant=tenant,
        name=shape.name,
        skills=shape.skills,
        priority=shape.priority,
        weight=shape.weight,
        default=name == agreed.default_queue,
        emergency=name == agreed.emergency_queue,
        languages=shape.languages,
        preferred_s=shape.preferred_wait,
        ring_at_once=shape.ring_at_once,
        floor=shape.floor,
        alarm_after_s=_alarm_after(shape, emergency=name == agreed.emergency_queue),
        council_share=_part(agreed.share),
        council_cap=_part(agreed.cap),
        ring_time_s=shape.ring_time,
        wrap_up_s=shape.wrap_up,
        wrap_up_mode=shape.wrap_up_mode,
        wrap_up_longest_s=shape.wrap_up_longest,
        rona_exclude_s=shape.rona_exclude,
        service_level_s=shape.service_level,
        recording=rule_meant(shape.recording),
        failures_in_row=shape.failures_in_row,
        ronas_in_row=shape.ronas_in_row,
        rests_s={**RESTS_S, **{str(why): rest for why, rest in shape.rests.items()}},
        strategy=shape.strategy,
        idle_after_lost=shape.idle_after_lost,
        relaxing=tuple(map(_step, shape.relaxing)),
        skip_empty=shape.skip_empty,
        last_resort=shape.last_resort,
        last_resort_after_s=shape.last_resort_after,
        last_resort_ask=_question(shape.last_resort_ask),
        limits=limits_meant(shape.limits),
        announce=announce_meant(shape.announce),
        ageing=tuple(AgeStep(after_s=one.after, priority=one.priority) for one in shape.ageing),
    )


#: An emergency nobody answered within this raises an alarm where its queue says nothing else. Seconds.
ALARM_AFTER_S = 30.0


def _step(shape: RelaxShape) -> RelaxStep:
    return RelaxStep(after_s=shape.after, skills=shape.skills, ask=_question(shape.ask))


def _question(shape: AskShape | None) -> Question | None:
    return None if shape is None else Question(prompts=shape.prompts, key=shape.key, again_s=shape.again)


def _alarm_after(shape: QueueShape, *, emergency: bool) -> float | None:
    if shape.alarm_after is None:
        return ALARM_AFTER_S if emergency else None
    return shape.alarm_after or None


def _part(percent: int | None) -> float | None:
    return None if percent is None else percent / 100


def agent_meant(council: str, shape: AgentShape) -> AgentProfile:
    """An agent."""
    return AgentProfile(
        id=AgentId(shape.id),
        tenant=TenantId(council),
        name=shape.name,
        sip_user=shape.sip_user,
        queues=tuple(QueueId(one.queue) for one in shape.queues),
        skills=shape.skills,
        councils=tuple(map(TenantId, shape.councils)),
        wrap_up_s=shape.wrap_up,
        order={QueueId(one.queue): one.order for one in shape.queues if one.order != 1},
        delay_s={QueueId(one.queue): one.delay for one in shape.queues if one.delay > 0},
        supervisor=shape.supervisor,
    )
