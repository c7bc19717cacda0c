"""Who may do what: every role with every right on every kind of recording is either in this table or refused."""

from __future__ import annotations

import itertools

import pytest

from kernel.ids import AgentId, ContactId, TenantId
from kernel.recording import Recording, RecordingId
from recordings.core.policy import RIGHTS, Person, Right, Role, may, reach

pytestmark = pytest.mark.unit

NORTHMERE, HARBOURSIDE = TenantId("northmere"), TenantId("harbourside")
SHE, COLLEAGUE = AgentId("northmere-a001"), AgentId("northmere-a002")
L, H, X, D, A, V, E, P = (
    Right.LIST,
    Right.LISTEN,
    Right.EXPORT,
    Right.HOLD,
    Right.AUDIT,
    Right.VERIFY,
    Right.ERASE,
    Right.PAUSE,
)

#: Written a second time, by hand: role -> (on her own calls, on colleagues' calls of her council).
ALLOWED: dict[Role, tuple[set[Right], set[Right]]] = {
    Role.AGENT: ({L, H, P}, set()),
    Role.SUPERVISOR: ({L, H, P}, {L, H, P}),
    Role.EVALUATOR: ({L, H}, {L, H}),
    Role.RECORDS_OFFICER: ({L, H, X, D, E, V, A}, {L, H, X, D, E, V, A}),
    Role.AUDITOR: ({L, V, A}, {L, V, A}),
    Role.ENGINEER: ({V}, {V}),
    Role.OPERATOR: ({L, H, X, D, E, V, A, P}, {L, H, X, D, E, V, A, P}),
}
COUNCILS: list[frozenset[TenantId] | None] = [
    None,
    frozenset(),
    frozenset({NORTHMERE}),
    frozenset({HARBOURSIDE}),
    frozenset({NORTHMERE, HARBOURSIDE}),
]


def recording(council: TenantId, agent: AgentId | None) -> Recording:
    return Recording(
        id=RecordingId("0" * 32),
        call=ContactId("c1-1"),
        join=1,
        council=council,
        agent=agent,
        began=0.0,
        ended=1.0,
        seconds=1.0,
        keep_until="2027-01-01",
    )


# P20: "complete role x endpoint matrix tested"; "deny by default".
@pytest.mark.parametrize("role", Role)
def test_given_a_role_when_every_right_is_tried_everywhere_then_as_the_table_says(role: Role) -> None:
    own, others = ALLOWED[role]
    for right, councils, council, agent, identity in itertools.product(
        Right, COUNCILS, (NORTHMERE, HARBOURSIDE), (SHE, COLLEAGUE, None), (SHE, None)
    ):
        person = Person(user="u", role=role, councils=councils, agent=identity)
        in_council = councils is None or council in councils
        hers = agent is not None and agent == identity
        allowed = in_council and right in (own if hers else others)
        assert may(person, right, recording(council, agent)) is allowed, (right, councils, council, agent, identity)
        if allowed:
            assert reach(person, right) is not None


def test_given_every_role_when_looked_for_then_it_has_its_line_and_no_line_is_for_nobody() -> None:
    assert set(RIGHTS) == set(Role) == set(ALLOWED)


def test_given_nobody_in_particular_when_she_asks_then_nothing_is_allowed() -> None:
    person = Person(user="u", role=Role.OPERATOR)
    assert not any(may(person, right, recording(NORTHMERE, SHE)) or reach(person, right) for right in Right)


# An agent without an id of her own has no own calls: `None` is not "the same agent" as an unknown one.
def test_given_an_agent_without_an_id_when_a_recording_has_no_agent_either_then_refused() -> None:
    person = Person(user="u", role=Role.AGENT, councils=None)
    assert not may(person, Right.LISTEN, recording(NORTHMERE, None))
