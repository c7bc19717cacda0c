"""The ten invariants of the facts export: each with a story that keeps it and one that breaks it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

import pytest

from acd.core.invariants import Breach, check
from kernel.errors import BadInput

pytestmark = pytest.mark.unit

Line = dict[str, object]

POLICY: Line = {
    "t": 0.0,
    "ev": "config",
    "max_parallel_offers": 1,
    "wrapup_ms": 10_000,
    "rona_exclude_ms": 60_000,
    "sl_s": 20,
}


def fact(t: float, ev: str, **fields: object) -> Line:
    return {"t": t, "ev": ev} | {name.rstrip("_"): value for name, value in fields.items()}


def agent(t: float, name: str, state: str = "available", **fields: object) -> Line:
    profile: Line = {"skills": {"waste": 3}, "queues": ["n.waste"], "council": "n", "councils": ["n"]}
    return fact(t, "agent", agent=name, state=state, **(profile | fields))


def arrive(t: float, call: str, **fields: object) -> Line:
    wish: Line = {"queue": "n.waste", "priority": 0, "skills": {"waste": 1}, "council": "n"}
    return fact(t, "arrive", call=call, **(wish | fields))


def offer(t: float, call: str, name: str, **fields: object) -> Line:
    return fact(t, "offer", call=call, agent=name, **fields)


def offer_end(t: float, call: str, name: str, why: str = "rona") -> Line:
    return fact(t, "offer_end", call=call, agent=name, why=why)


def answer(t: float, call: str, name: str, **fields: object) -> Line:
    return fact(t, "answer", call=call, agent=name, **fields)


def leave(t: float, call: str, name: str) -> Line:
    return fact(t, "leave", call=call, agent=name, why="caller_hung_up")


def end(t: float, call: str, why: str = "completed") -> Line:
    return fact(t, "end", call=call, why=why)


def state(t: float, name: str, word: str) -> Line:
    return fact(t, "agent", agent=name, state=word)


def export(t: float = 0.0, **fields: object) -> Line:
    return fact(t, "export", **({"from": t, "to": t, "open": [], "agents": []} | fields))


def broken(*lines: Line) -> set[str]:
    return {breach.invariant for breach in check([POLICY, *lines])}


# A full, right life of a call; many stories below vary it.
def served(call: str, name: str, at: float = 10.0) -> list[Line]:
    return [
        arrive(at, call),
        offer(at, call, name),
        state(at, name, "ringing"),
        answer(at + 3, call, name),
        state(at + 3, name, "talking"),
        leave(at + 63, call, name),
        state(at + 63, name, "wrapup"),
        end(at + 63, call),
        state(at + 73, name, "available"),
    ]


def test_given_a_call_served_as_it_should_be_when_checked_then_nothing_is_broken() -> None:
    assert broken(agent(0, "a1"), *served("k1", "a1"), *served("k2", "a1", 100)) == set()


# I1: a call is offered to at most its queue's max_parallel_offers agents at once.
@pytest.mark.parametrize(("allowed", "expected"), [(1, {"I1"}), (2, set())])
def test_given_two_agents_rung_at_once_when_checked_then_the_policy_decides(allowed: int, expected: set[str]) -> None:
    lines = [
        fact(0, "config", queue="n.waste", max_parallel_offers=allowed),
        agent(0, "a1"),
        agent(0, "a2"),
        arrive(10, "k1"),
        offer(10, "k1", "a1"),
        offer(10, "k1", "a2"),
        answer(12, "k1", "a1"),
        offer_end(12, "k1", "a2", "answered_elsewhere"),
        end(20, "k1"),
    ]
    assert broken(*lines) == expected


# I2: an agent never has two offers, nor an offer while talking, paused, in wrap-up or offline.
def test_given_an_agent_with_an_offer_when_offered_another_then_i2() -> None:
    lines = [agent(0, "a1"), arrive(10, "k1"), arrive(10, "k2"), offer(10, "k1", "a1"), offer(11, "k2", "a1")]
    assert broken(*lines) == {"I2"}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("talking", {"I2"}),
        ("paused", {"I2"}),
        ("offline", {"I2"}),
        ("wrapup", {"I2", "I9"}),
        ("available", set()),
        # The engine may say "ringing" just before or just after the offer.
        ("ringing", set()),
    ],
)
def test_given_an_agent_in_a_state_when_offered_then_only_the_free_one_is_right(word: str, expected: set[str]) -> None:
    assert broken(agent(0, "a1", word), arrive(10, "k1"), offer(10, "k1", "a1")) == expected


def test_given_an_agent_who_answered_when_offered_before_her_state_line_then_i2() -> None:
    lines = [agent(0, "a1"), arrive(10, "k1"), arrive(10, "k2"), offer(10, "k1", "a1"), answer(12, "k1", "a1")]
    assert broken(*lines, offer(12.5, "k2", "a1")) == {"I2"}


# I3: no other un-offered call of that queue has higher priority, or equal priority and earlier arrival.
def test_given_an_earlier_caller_when_a_later_one_is_offered_then_i3() -> None:
    assert broken(agent(9.9, "a1"), arrive(10, "k1"), arrive(10, "k2"), offer(10.5, "k2", "a1")) == {"I3"}


def test_given_an_urgent_later_caller_when_offered_first_then_right() -> None:
    lines = [agent(0, "a1", "talking"), arrive(10, "k1"), arrive(11, "k2", priority=5), state(12, "a1", "available")]
    assert broken(*lines, offer(12, "k2", "a1")) == set()
    assert broken(*lines, offer(12, "k1", "a1")) == {"I3"}


def test_given_a_priority_raised_while_waiting_when_the_older_is_offered_then_i3() -> None:
    lines = [agent(0, "a1", "talking"), arrive(10, "k1"), arrive(11, "k2"), fact(12, "priority", call="k2", priority=3)]
    lines.append(state(13, "a1", "available"))
    assert broken(*lines, offer(13, "k1", "a1")) == {"I3"}
    assert broken(*lines, offer(13, "k2", "a1")) == set()


@pytest.mark.parametrize(
    "obstacle",
    [
        fact(10, "may", call="k1", not_=["a1"], until=30, why="excluded"),
        fact(10, "may", call="k1", agents=["a2"], until=30, why="preferred"),
        fact(10, "callback", call="k1", due=600),
        fact(10, "relax", call="k1", skills={"waste": 5}),
        fact(10, "transfer", call="k1", queue="n.other"),
        fact(10, "transfer", call="k1", agent="a2"),
    ],
    ids=lambda line: str(line["ev"]) + str(line.get("why", "")),
)
def test_given_an_earlier_caller_who_may_not_be_offered_when_the_next_is_then_right(obstacle: Line) -> None:
    lines = [agent(0, "a1", "talking"), arrive(10, "k1"), arrive(10, "k2"), obstacle, state(12, "a1", "available")]
    assert broken(*lines, offer(12, "k2", "a1")) == set()


def test_given_a_supervisor_pulls_a_later_call_when_checked_then_exempt_from_i3() -> None:
    assert broken(agent(9.9, "a1"), arrive(10, "k1"), arrive(10, "k2"), offer(10.5, "k2", "a1", by="s1")) == set()


def test_given_a_transfer_back_when_the_others_came_later_then_the_old_arrival_counts() -> None:
    lines = [
        agent(0, "a1"),
        *served("k1", "a1")[:5],
        arrive(20, "k2"),
        leave(30, "k1", "a1"),
        fact(30, "transfer", call="k1", queue="n.waste"),
        state(30, "a1", "wrapup"),
        state(40, "a1", "available"),
    ]
    assert broken(*lines, offer(40, "k2", "a1")) == {"I3"}
    assert broken(*lines, offer(40, "k1", "a1")) == set()


# I4: no agent is available for more than 1 s while a call that he may take waits un-offered.
@pytest.mark.parametrize(("wait", "expected"), [(0.9, set()), (1.1, {"I4"})])
def test_given_an_idle_agent_when_the_offer_is_late_then_i4(wait: float, expected: set[str]) -> None:
    assert broken(agent(0, "a1"), arrive(10, "k1"), offer(10 + wait, "k1", "a1")) == expected


def test_given_a_caller_who_leaves_unserved_when_somebody_was_free_then_i4_names_both() -> None:
    found = check([POLICY, agent(0, "a1"), arrive(10, "k1"), end(15, "k1", "abandoned")])
    assert [(one.invariant, one.t, one.call, one.agent) for one in found] == [("I4", 10.0, "k1", "a1")]


def test_given_lines_that_just_stop_when_a_pair_stands_there_then_i4() -> None:
    assert broken(agent(0, "a1"), arrive(10, "k1"), arrive(20, "k2", queue="n.other")) == {"I4"}


@pytest.mark.parametrize("word", ["paused", "talking", "wrapup", "offline"])
def test_given_nobody_free_when_a_call_waits_then_right(word: str) -> None:
    assert broken(agent(0, "a1", word), arrive(10, "k1"), end(100, "k1", "abandoned")) == set()


@pytest.mark.parametrize(
    "unfit",
    [
        {"queues": ["n.other"]},
        {"skills": {"housing": 5}},
        {"skills": {"waste": 0}},
        {"councils": ["s"], "council": "s"},
    ],
    ids=["queue", "skill", "level", "council"],
)
def test_given_an_idle_agent_who_may_not_take_it_when_a_call_waits_then_right(unfit: Mapping[str, object]) -> None:
    assert broken(agent(0, "a1", "available", **unfit), arrive(10, "k1"), end(100, "k1", "abandoned")) == set()


def test_given_an_agent_of_all_councils_when_a_call_waits_then_i4() -> None:
    lines = [agent(0, "a1", council="*", councils=[]), arrive(10, "k1"), end(100, "k1", "abandoned")]
    assert broken(*lines) == {"I4"}


def test_given_a_bar_that_ends_when_the_offer_comes_at_once_then_right_else_i4() -> None:
    lines = [agent(0, "a1"), arrive(10, "k1"), fact(10, "may", call="k1", not_=["a1"], until=40, why="delay")]
    assert broken(*lines, offer(40.2, "k1", "a1")) == set()
    assert broken(*lines, offer(41.5, "k1", "a1")) == {"I4"}


def test_given_a_bar_that_is_lifted_early_when_the_offer_is_late_then_i4() -> None:
    lines = [agent(0, "a1"), arrive(10, "k1"), fact(10, "may", call="k1", not_=["a1"], until=99, why="cap")]
    lines.append(fact(20, "may", call="k1", not_=["a1"], until=20, why="cap"))
    assert broken(*lines, offer(20.5, "k1", "a1")) == set()
    assert broken(*lines, offer(25, "k1", "a1")) == {"I4"}


def test_given_two_bars_with_a_gap_when_the_gap_is_longer_than_a_second_then_i4() -> None:
    first = fact(10, "may", call="k1", not_=["a1"], until=20, why="excluded")
    late, soon = (fact(at, "may", call="k1", not_=["a1"], until=50, why="cap") for at in (22, 20.5))
    assert broken(agent(0, "a1"), arrive(10, "k1"), first, late, offer(50, "k1", "a1")) == {"I4"}
    assert broken(agent(0, "a1"), arrive(10, "k1"), first, soon, offer(50, "k1", "a1")) == set()


def test_given_relaxing_in_small_steps_when_never_offered_then_i4() -> None:
    steps = [fact(10 + i * 0.9, "relax", call="k1", skills={"waste": 2 - i % 2}) for i in range(5)]
    assert broken(agent(0, "a1"), arrive(10, "k1"), *steps, end(14.5, "k1", "abandoned")) == {"I4"}


def test_given_relaxing_that_makes_an_idle_agent_fit_when_offered_at_once_then_right() -> None:
    lines = [agent(0, "a1"), arrive(10, "k1", skills={"waste": 5}), fact(40, "relax", call="k1", skills={"waste": 2})]
    assert broken(*lines, offer(40.3, "k1", "a1")) == set()
    assert broken(*lines, offer(42, "k1", "a1")) == {"I4"}


# ... outside `engine` reconciling or down.
@pytest.mark.parametrize("word", ["down", "reconciling"])
def test_given_the_engine_away_when_a_call_waits_then_exempt_until_it_is_up(word: str) -> None:
    lines = [agent(0, "a1"), fact(9, "engine", state=word), arrive(10, "k1"), fact(30, "engine", state="up")]
    assert broken(*lines, offer(30.4, "k1", "a1")) == set()
    assert broken(*lines, offer(31.4, "k1", "a1")) == {"I4"}


# A process that stood still knows it afterwards, and says since when; what stood side by side before that is a breach.
@pytest.mark.parametrize(
    ("since", "offered", "found"), [(10.3, 12.0, set()), (11.2, 12.0, {"I4"}), (10.3, 13.2, {"I4"})]
)
@pytest.mark.parametrize("word", ["up", "reconciling"])
def test_given_an_engine_that_stood_still_when_it_says_since_when_then_only_that_time_is_exempt(
    word: str, since: float, offered: float, found: set[str]
) -> None:
    stood = [fact(12, "engine", state=word, since=since)]
    stood += [fact(12.1, "engine", state="up")] if word != "up" else []
    lines = [agent(0, "a1"), arrive(10, "k1"), *stood, offer(max(offered, 12.1), "k1", "a1"), end(20, "k1")]
    assert broken(*lines) == found


def test_given_a_pair_older_than_a_second_when_the_engine_goes_down_then_i4_all_the_same() -> None:
    assert broken(agent(0, "a1"), arrive(10, "k1"), fact(15, "engine", state="down")) == {"I4"}


def test_given_a_callback_when_due_then_the_second_counts_from_there() -> None:
    lines = [agent(0, "a1", "talking"), arrive(10, "k1"), fact(20, "callback", call="k1", due=600)]
    lines.append(state(100, "a1", "available"))
    assert broken(*lines, offer(600.5, "k1", "a1")) == set()
    assert broken(*lines, offer(603, "k1", "a1")) == {"I4"}


def test_given_a_profile_that_changes_when_she_fits_from_then_on_then_the_second_counts_from_there() -> None:
    lines = [agent(0, "a1", queues=["n.other"]), arrive(10, "k1"), agent(50, "a1")]
    assert broken(*lines, offer(50.5, "k1", "a1")) == set()
    assert broken(*lines, offer(52, "k1", "a1")) == {"I4"}


# I5: exactly one `end` for every call closed inside the export; only `recording` may follow it.
@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (end(99, "k1", "abandoned"), {"I5"}),
        (leave(99, "k1", "a1"), {"I5"}),
        (offer(99, "k1", "a1"), {"I5"}),
        (fact(99, "recording", call="k1", seconds=60.0, kind="call"), set()),
    ],
    ids=["end", "leave", "offer", "recording"],
)
def test_given_a_call_that_ended_when_something_follows_then_only_a_recording_may(
    after: Line, expected: set[str]
) -> None:
    assert broken(agent(0, "a1"), *served("k1", "a1"), after) == expected


# I6: after a ring-out or refusal the old place, offered again within 1 s, not to the same agent for a while.
@pytest.mark.parametrize("why", ["rona", "reject"])
def test_given_a_failed_offer_when_the_same_agent_is_rung_too_soon_then_i6(why: str) -> None:
    lines = [agent(0, "a1"), arrive(10, "k1"), offer(10, "k1", "a1"), offer_end(25, "k1", "a1", why)]
    lines += [state(25, "a1", "paused"), state(30, "a1", "paused")]
    excluded = fact(25, "may", call="k1", not_=["a1"], until=85, why="excluded")
    soon, late = ([excluded, state(at, "a1", "available"), offer(at, "k1", "a1")] for at in (40, 85))
    assert broken(*lines, *soon) == {"I6"}
    assert broken(*lines, *late) == set()


def test_given_a_failed_offer_when_another_is_free_then_a_second_at_most() -> None:
    lines = [agent(0, "a1"), agent(0, "a2"), arrive(10, "k1"), offer(10, "k1", "a1"), offer_end(25, "k1", "a1")]
    lines.append(state(25, "a1", "paused"))
    assert broken(*lines, offer(25.2, "k1", "a2")) == set()
    assert broken(*lines, offer(28, "k1", "a2")) == {"I4", "I6"}


def test_given_a_failed_offer_when_the_call_arrives_anew_then_the_place_is_lost() -> None:
    lines = [agent(0, "a1"), arrive(10, "k1"), offer(10, "k1", "a1"), offer_end(25, "k1", "a1")]
    assert broken(*lines, state(25, "a1", "paused"), arrive(25.1, "k1")) == {"I6"}


def test_given_a_failed_offer_when_the_next_caller_is_served_first_then_i3() -> None:
    lines = [agent(0, "a1"), agent(0, "a2", "talking"), arrive(10, "k1"), offer(10, "k1", "a1"), arrive(11, "k2")]
    lines += [offer_end(25, "k1", "a1"), state(25, "a1", "paused"), state(25.5, "a2", "available")]
    assert broken(*lines, offer(25.5, "k2", "a2")) == {"I3"}
    assert broken(*lines, offer(25.5, "k1", "a2")) == set()


# I7: a recording within 2 s or 2 % of the talk time; muted time counts.
@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ([{"seconds": 60.0}], set()),
        ([{"seconds": 58.5}], set()),
        ([{"seconds": 57.0}], {"I7"}),
        ([], {"I7"}),
        ([{"seconds": 50.0, "muted": 10.0}], set()),
        ([{"seconds": 60.0, "muted": 10.0}], set()),
        ([{"seconds": 30.0}, {"seconds": 30.0}], set()),
        ([{"seconds": 60.0, "kind": "consult"}], {"I7"}),
    ],
)
def test_given_a_minute_of_talk_when_recorded_so_then_i7_says(segments: list[Line], expected: set[str]) -> None:
    filed = [fact(74, "recording", call="k1", **segment) for segment in segments]
    lines = [export(), agent(0, "a1"), *served("k1", "a1"), *filed, state(200, "a1", "offline")]
    assert broken(*lines) == expected


# P5: "… or an alarm; never silently missing": only an alarm that tells of missing audio, of that very call.
@pytest.mark.parametrize(
    ("what", "contact", "expected"),
    [
        ("recorder_stalled", "k1", set()),
        ("no_recording", "k1", set()),
        ("silent_side", "k1", {"I7"}),
        ("no_recording", "k2", {"I7"}),
    ],
)
def test_given_a_talk_without_its_recording_when_an_alarm_was_raised_then_i7_holds(
    what: str, contact: str, expected: set[str]
) -> None:
    alarm = fact(74, "alarm", what=what, contact=contact)
    lines = [export(), agent(0, "a1"), *served("k1", "a1"), alarm, state(200, "a1", "offline")]
    assert broken(*lines) == expected


def test_given_a_long_talk_when_recorded_within_two_per_cent_then_right() -> None:
    lines = [export(), agent(0, "a1"), arrive(10, "k1"), offer(10, "k1", "a1"), answer(10, "k1", "a1")]
    lines += [leave(1010, "k1", "a1"), end(1010, "k1"), state(1010, "a1", "offline"), state(2000, "a1", "offline")]
    assert broken(*lines, fact(2001, "recording", call="k1", seconds=981)) == set()
    assert broken(*lines, fact(2001, "recording", call="k1", seconds=979)) == {"I7"}


def test_given_a_talk_that_just_ended_when_its_recording_is_on_its_way_then_not_judged_yet() -> None:
    assert broken(export(), agent(0, "a1"), *served("k1", "a1")[:-1]) == set()


def test_given_a_queue_whose_rule_is_not_to_record_when_checked_then_right() -> None:
    lines = [POLICY, export(), agent(0, "a1"), *served("k1", "a1"), state(200, "a1", "offline")]
    assert check(lines, recorded=lambda queue: queue != "n.waste") == []


# I8: a call answered `via` offer was offered to that agent, who has every required skill, queue and council.
def test_given_an_answer_without_an_offer_when_checked_then_i8_unless_it_came_another_way() -> None:
    lines = [agent(0, "a1", "paused"), arrive(10, "k1")]
    assert broken(*lines, answer(12, "k1", "a1")) == {"I8"}
    assert broken(*lines, answer(12, "k1", "a1", via="pull")) == set()
    assert broken(*lines, answer(12, "k1", "a1", via="fallback")) == set()


@pytest.mark.parametrize("unfit", [{"queues": ["n.other"]}, {"skills": {"waste": 0}}, {"councils": ["s"]}])
def test_given_an_unfit_agent_when_she_answers_then_i8(unfit: Mapping[str, object]) -> None:
    lines = [agent(0, "a1", "available", **unfit), arrive(10, "k1"), offer(10, "k1", "a1"), answer(12, "k1", "a1")]
    assert broken(*lines) == {"I8"}


# I9: no offer during wrap-up.
def test_given_a_call_just_left_when_offered_before_wrap_up_is_even_told_then_i9() -> None:
    lines = [agent(0, "a1"), *served("k1", "a1")[:6], arrive(73, "k2"), offer(73.1, "k2", "a1")]
    assert broken(*lines) == {"I2", "I9"}


def test_given_wrap_up_ended_early_when_offered_then_right() -> None:
    lines = [agent(0, "a1"), *served("k1", "a1")[:-1], state(75, "a1", "available"), arrive(76, "k2")]
    assert broken(*lines, offer(76, "k2", "a1")) == set()


# I10: within an episode (arrive or transfer -> offer -> answer -> leave) time never runs backwards.
def test_given_an_answer_before_its_offer_when_checked_then_i10() -> None:
    lines = [agent(0, "a1"), arrive(10, "k1"), offer(10.5, "k1", "a1"), answer(10.4, "k1", "a1")]
    assert broken(*lines) == {"I10"}


def test_given_facts_of_two_calls_out_of_order_when_checked_then_right() -> None:
    lines = [agent(0, "a1", "paused"), arrive(10.5, "k1"), arrive(10.4, "k2"), end(11, "k1"), end(10.9, "k2")]
    assert broken(*lines) == set()


# `export`: the first line of a live export tells what was there already.
@pytest.mark.parametrize("as_list", [True, False])
def test_given_an_export_in_the_middle_of_the_day_when_checked_then_its_snapshot_counts(*, as_list: bool) -> None:
    told: Line = {"state": "available", "skills": {"waste": 3}, "queues": ["n.waste"], "council": "n"}
    agents = [{"agent": "a1", **told}] if as_list else {"a1": told}
    head = export(100, open=["k0"], agents=agents)
    lines = [head, POLICY | {"t": 100}, answer(101, "k0", "a7"), end(102, "k0"), arrive(110, "k1")]
    assert check([*lines, offer(110, "k1", "a1")]) == []
    assert {one.invariant for one in check([*lines, offer(115, "k1", "a1")])} == {"I4"}


def test_given_a_live_export_that_ends_quietly_when_a_pair_stands_there_then_i4() -> None:
    assert broken(export(0, to=60), agent(1, "a1"), arrive(10, "k1")) == {"I4"}


def test_given_kinds_of_facts_nobody_knows_when_checked_then_passed_over() -> None:
    assert broken(fact(1, "step", call="k1", flow="f", step="s"), fact(2, "weather", sun=True)) == set()


@pytest.mark.parametrize(
    "line",
    [{"t": 1.0}, fact(1, "offer", call="k1"), {"ev": "end", "call": "k1"}, fact(1, "agent", agent="a1", state="happy")],
)
def test_given_a_line_that_is_no_fact_when_checked_then_refused_with_its_number(line: Line) -> None:
    with pytest.raises(BadInput, match="line 2"):
        check([POLICY, line])


def test_given_a_breach_when_shown_then_it_says_what_went_wrong() -> None:
    (found,) = check([POLICY, agent(0, "a1", "paused"), arrive(1, "k1"), offer(2, "k1", "a1")])
    assert found == Breach(invariant="I2", t=2.0, call="k1", agent="a1", message="the agent is paused")


class Shift:
    """A right engine in small: one queue, longest idle first, time in whole steps; some offers ring out."""

    def __init__(self, agents: int) -> None:
        self.lines: list[Line] = [POLICY]
        self.due: list[tuple[float, int, Line]] = []
        self.waiting: list[str] = []
        self.idle = [f"a{number}" for number in range(agents)]
        self.excluded: set[tuple[str, str]] = set()
        self.number = count()
        for name in self.idle:
            self.lines.append(agent(0, name))

    def later(self, t: float, line: Line) -> None:
        self.due.append((t, next(self.number), line))

    def run(self) -> list[Line]:
        while self.due:
            self.due.sort()
            t, _, line = self.due.pop(0)
            self.lines.append(line | {"t": t})
            self.react(t, line)
            self.offer(t)
        return self.lines

    def react(self, t: float, line: Line) -> None:
        call, name = str(line.get("call")), str(line.get("agent"))
        if line["ev"] == "arrive":
            self.waiting.append(call)
            self.waiting.sort(key=lambda one: int(one[1:]))
        elif line["ev"] == "offer_end":
            self.excluded.add((call, name))
            self.waiting.append(call)
            self.waiting.sort(key=lambda one: int(one[1:]))
            self.lines.append(fact(t, "may", call=call, not_=[name], until=t + 60, why="excluded"))
            self.lines.append(state(t, name, "paused"))
            self.later(t + 100, state(0, name, "available"))
        elif line["ev"] == "leave":
            self.lines += [state(t, name, "wrapup"), end(t, call)]
            self.later(t + 10, state(0, name, "available"))
        elif line["ev"] == "agent":
            self.idle.append(name)

    def offer(self, t: float) -> None:
        while pair := next(
            ((call, name) for call in self.waiting for name in self.idle if (call, name) not in self.excluded), None
        ):
            call, name = pair
            self.waiting.remove(call)
            self.idle.remove(name)
            self.lines += [offer(t, call, name), state(t, name, "ringing")]
            if int(call[1:]) % 7 == 0 and not any(call == failed for failed, _ in self.excluded):
                self.later(t + 15, offer_end(0, call, name))
            else:
                self.later(t + 3, answer(0, call, name))
                self.later(t + 63, leave(0, call, name))


# "The ten invariants hold on every run": a longer story with queueing, ring-outs and wrap-up.
def test_given_a_busy_shift_of_a_right_engine_when_checked_then_nothing_is_broken() -> None:
    shift = Shift(agents=8)
    for number in range(400):
        shift.later(10 + number * 9.3, arrive(0, f"k{number}"))
    lines = shift.run()
    assert check(lines) == []
    # ... and the checker is not blind: leave out one offer, and it is noticed.
    spoilt = list(lines)
    spoilt.remove(next(line for line in lines if line["ev"] == "offer" and line["call"] == "k200"))
    assert check(spoilt) != []
