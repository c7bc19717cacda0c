"""The wish on a channel and back: what is written is what is read, and damage never loses the caller."""

from __future__ import annotations

import string
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.asterisk.wish import read_skills, read_wish, write_skills
from kernel.contact import Wish
from kernel.errors import BadInput
from kernel.ids import QueueId, TenantId
from kernel.queues import Queue

pytestmark = pytest.mark.unit

WASTE = QueueId("northmere.waste")
QUEUES = {WASTE: Queue(id=WASTE, tenant=TenantId("northmere"), name="Bins", skills={"waste": 1}, priority=3)}
WRITTEN = {
    "Contact": "c1764000000-12",
    "Tenant": "northmere",
    "Queue": "northmere.waste",
    "Priority": "5",
    "Skills": "waste:2/welsh:3",
    "Language": "cy",
    "Arrived": "1764000000.250000",
}

ids = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=20).filter(
    lambda text: text[0].isalnum()
)


def read(fields: Mapping[str, str]) -> Wish:
    return read_wish(
        lambda name: fields.get(name, ""), channel="PJSIP/trunk-00000001", leg="1764000000.12", now=9.0, queues=QUEUES
    )


# Law 1: what a waiting call wants is written in channel variables, and read back after a restart.
@settings(deadline=None, max_examples=200)
@given(st.dictionaries(ids, st.integers(0, 99), max_size=6))
def test_given_any_skills_when_written_and_read_then_the_same(skills: dict[str, int]) -> None:
    written = write_skills(skills)
    assert read_skills(written) == skills
    # A comma would end an argument of UserEvent().
    assert not set(written) & set(",;\r\n\"'&=")


@settings(deadline=None, max_examples=100)
@given(
    ids,
    ids,
    st.integers(-99999, 99999),
    st.dictionaries(ids, st.integers(1, 5), min_size=1, max_size=4),
    st.integers(0, 10**12 - 1),
)
def test_given_any_wish_when_written_and_read_then_the_same(
    contact: str, queue: str, priority: int, skills: dict[str, int], arrived_us: int
) -> None:
    fields = {
        "Contact": contact,
        "Tenant": "northmere",
        "Queue": queue,
        "Priority": str(priority),
        "Skills": write_skills(skills),
        "Language": "cy",
        "Arrived": f"{arrived_us / 1e6:.6f}",
    }
    wish = read(fields)
    assert (wish.contact, wish.queue, wish.priority, wish.skills) == (contact, queue, priority, skills)
    assert wish.arrived == pytest.approx(arrived_us / 1e6, abs=1e-6)


def test_given_a_full_wish_when_read_then_every_field() -> None:
    wish = read(WRITTEN)
    assert (wish.channel, wish.leg, wish.tenant, wish.language) == (
        "PJSIP/trunk-00000001",
        "1764000000.12",
        "northmere",
        "cy",
    )
    assert (wish.priority, wish.skills, wish.arrived) == (5, {"waste": 2, "welsh": 3}, 1764000000.25)


# extensions.conf leaves priority and skills empty for a direct number: the queue's own count.
def test_given_nothing_but_a_queue_when_read_then_the_queues_own_policy() -> None:
    wish = read({name: WRITTEN[name] for name in ("Contact", "Tenant", "Queue")})
    assert (wish.priority, wish.skills, wish.language, wish.arrived) == (3, {"waste": 1}, "en", 9.0)


def test_given_an_unknown_queue_when_read_then_no_skills_and_priority_0() -> None:
    wish = read({**WRITTEN, "Queue": "northmere.gone", "Skills": "", "Priority": ""})
    assert (wish.priority, wish.skills) == (0, {})


# Law 5, fail towards a person: a damaged wish is served as well as it can be read. (Damaged skills raised once, and the
# caller was never offered to anybody.)
@pytest.mark.parametrize(
    ("field", "damage"),
    [
        ("Priority", "high"),
        ("Priority", "999999"),
        ("Arrived", "soon"),
        ("Arrived", "nan"),
        ("Arrived", "-5"),
        ("Skills", "waste"),
        ("Skills", "waste:many"),
        ("Skills", "../x:1"),
    ],
)
def test_given_one_damaged_field_when_read_then_the_caller_is_still_served(field: str, damage: str) -> None:
    wish = read({**WRITTEN, field: damage})
    assert wish.queue == WASTE
    assert wish.priority == (3 if field == "Priority" else 5)
    assert wish.arrived == (9.0 if field == "Arrived" else 1764000000.25)
    assert wish.skills == ({"waste": 1} if field == "Skills" else {"waste": 2, "welsh": 3})


# Without an id nothing can be addressed, stored or told.
@pytest.mark.parametrize("field", ["Contact", "Tenant", "Queue"])
@pytest.mark.parametrize("damage", ["", "a b", "x,y", "a/b", "..", "(null)", "x" * 65])
def test_given_an_unusable_id_when_read_then_refused(field: str, damage: str) -> None:
    with pytest.raises(BadInput) as caught:
        read({**WRITTEN, field: damage})
    assert damage not in str(caught.value) or not damage


@pytest.mark.parametrize("text", ["waste", "waste:", "waste:x", "waste:100", ":1", "a b:1", "waste:1,housing:2"])
def test_given_damaged_skills_when_read_alone_then_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_skills(text)


def test_given_a_skill_that_is_no_id_when_written_then_refused() -> None:
    with pytest.raises(BadInput):
        write_skills({"waste,Priority: 9": 1})
