"""Three queues and three agents with every policy there is, for whatever may happen in whatever order."""

from __future__ import annotations

from kernel.agent import AgentProfile
from kernel.exits import Exit, ExitKind, Full, Limit, Limits
from kernel.ids import AgentId, QueueId
from kernel.queues import AgeStep, Announcements, LastResort, Queue, RelaxStep, Strategy
from tests.fakes.small_pbx_view import COUNCIL

MESSAGE = Exit(kind=ExitKind.MESSAGE, prompts=("sorry",))
QUEUES = (
    Queue(
        id=QueueId("northmere.waste"),
        tenant=COUNCIL,
        name="waste",
        wrap_up_s=5.0,
        rona_exclude_s=30.0,
        relaxing=(RelaxStep(after_s=10.0, skills={"waste": 1}),),
        last_resort=LastResort.ANY,
        last_resort_after_s=20.0,
        ageing=(AgeStep(after_s=15.0, priority=1), AgeStep(after_s=25.0, priority=3)),
        limits=Limits(
            timeout=Limit(after_s=45.0, exit=Exit(kind=ExitKind.OVERFLOW, queue=QueueId("northmere.rent"))),
            full=Full(at=4, exit=MESSAGE),
            nobody=Limit(after_s=2.0, exit=MESSAGE),
            on_break=Limit(after_s=20.0, exit=Exit(kind=ExitKind.VOICEMAIL, box="waste")),
        ),
        council_share=0.5,
        council_cap=0.67,
    ),
    Queue(
        id=QueueId("northmere.rent"),
        tenant=COUNCIL,
        name="rent",
        wrap_up_s=0.0,
        rona_exclude_s=30.0,
        strategy=Strategy.ROUND_ROBIN,
        announce=Announcements(first_after_s=5.0, every_s=15.0, position=True, expected_wait=True),
        ring_at_once=2,
        preferred_s=20.0,
        limits=Limits(
            timeout=Limit(after_s=30.0, exit=Exit(kind=ExitKind.PERSON, agent=AgentId("northmere-a3"), wait_s=20.0)),
            steps_over=Limit(after_s=60.0, exit=MESSAGE),
        ),
        council_share=0.5,
        council_cap=0.67,
    ),
    Queue(
        id=QueueId("northmere.danger"),
        tenant=COUNCIL,
        name="danger",
        wrap_up_s=5.0,
        emergency=True,
        floor=1,
        alarm_after_s=30.0,
        council_share=0.5,
        council_cap=0.67,
    ),
)
AGENTS = tuple(
    AgentProfile(
        id=AgentId(f"northmere-a{number}"),
        tenant=COUNCIL,
        name=f"Agent {number}",
        sip_user=f"a{number}",
        queues=queues,
        skills=skills,
        councils=(COUNCIL,),
        order={QUEUES[0].id: 2} if number == 1 else {},
        delay_s={QUEUES[0].id: 8.0} if number == 2 else {},
        supervisor=number == 1,
    )
    for number, queues, skills in (
        (1, (QUEUES[0].id, QUEUES[1].id), {"waste": 3, "welsh": 2}),
        (2, (QUEUES[0].id, QUEUES[2].id), {"waste": 1}),
        (3, (QUEUES[1].id, QUEUES[2].id), {}),
    )
)
