"""A caller who waits no longer: what she hears by each way out, and that every failure leads back to the queue."""

from __future__ import annotations

import pytest

from ivr.core.exit_flows import BACK, PROMISED, PROMPTS, TAKEN, exit_flows
from ivr.flows import FlowBook, FlowsInForce
from ivr.ports import CallerLine, Services
from ivr.session import Ivr
from kernel.exits import Exit, ExitKind, Full, LeaveWhy, Limit, Limits
from kernel.ids import QueueId, TenantId
from kernel.number import Dialled
from kernel.queues import Queue
from kernel.tenant import Tenant
from tests.fakes.around_a_call import Facts, Sounds, StoppedClock
from tests.fakes.caller_line import FakeCallerLine

pytestmark = pytest.mark.shell

WASTE = QueueId("northmere.waste")


class Callbacks:
    """Meets ``ivr.ports``' callbacks: promises, or cannot."""

    def __init__(self, *, can: bool) -> None:
        self.can = can
        self.booked: list[QueueId] = []

    async def offer(self, line: CallerLine, typed: str) -> str | None:
        return typed or line.caller

    async def book(self, _line: object, queue: QueueId, _language: str, number: str) -> bool:
        assert number
        self.booked.append(queue)
        return self.can


class Said:
    """Meets ``ivr.ports``' speech: every text has one sound."""

    async def path(self, _tenant: str, _language: str, _text: str) -> str | None:
        return "/said"

    async def instead(self, _tenant: str, _language: str, _prompt: str) -> str | None:
        return None


def _book(way: Exit, why: LeaveWhy = LeaveWhy.TIMEOUT) -> FlowBook:
    limits = Limits(full=Full(at=1, exit=way)) if why is LeaveWhy.FULL else Limits(timeout=Limit(after_s=1.0, exit=way))
    queue = Queue(id=WASTE, tenant=TenantId("northmere"), name="waste", limits=limits)
    tenant = Tenant(
        id=queue.tenant,
        name="Northmere",
        languages=("en", "cy"),
        numbers=(),
        default_queue=WASTE,
        transfer_to={"duty": Dialled("01632960555")},
    )
    queues = {WASTE: queue}
    return FlowBook(tenants={tenant.id: tenant}, queues=queues, flows={}, exits=dict(exit_flows(tenant, queues)))


async def _leave(
    line: FakeCallerLine, book: FlowBook, why: LeaveWhy = LeaveWhy.TIMEOUT, callbacks: Callbacks | None = None
) -> list[str]:
    services = Services() if callbacks is None else Services(speech=Said(), callbacks=callbacks)
    ivr = Ivr(flows=FlowsInForce(book), sounds=Sounds(), facts=Facts(), clock=StoppedClock(), services=services)
    await ivr.leave(line, queue=WASTE, why=why, language="cy")
    return [sound.rpartition("/")[2] for sound in line.heard]


def _end(line: FakeCallerLine) -> tuple[str | None, str | None]:
    """What the dialplan is told to do next, and what the end of the call says."""
    said = [fields["Why"] for name, fields in line.events if name == "GuildhallOutcome"]
    return line.variables.get("GH_NEXT"), said[-1] if said else None


# C21: "each its own exit"; the end of the call says why.
@pytest.mark.parametrize(("why", "word"), [(LeaveWhy.TIMEOUT, "timeout"), (LeaveWhy.FULL, "rejected")])
async def test_c21_given_a_message_when_the_caller_leaves_then_she_hears_it_in_her_language_and_the_call_ends(
    why: LeaveWhy, word: str
) -> None:
    line = FakeCallerLine()
    heard = await _leave(line, _book(Exit(kind=ExitKind.MESSAGE, prompts=("sorry_a", "sorry_b")), why), why)
    assert heard == ["sorry_a", "sorry_b"]
    assert all("/cy/" in sound for sound in line.heard)
    assert _end(line) == ("bye", word)


# C21, C24: offered, never imposed.
@pytest.mark.parametrize(
    ("keys", "can", "heard", "end"),
    [
        ([(1.0, "1"), (2.0, "1")], True, [*PROMPTS[ExitKind.CALLBACK], "said", PROMISED], ("bye", "callback")),
        ([(1.0, "1"), (2.0, "1")], False, [*PROMPTS[ExitKind.CALLBACK], "said", BACK], (None, None)),
        ([], True, [*PROMPTS[ExitKind.CALLBACK], BACK], (None, None)),
        ([(1.0, "5")], True, [*PROMPTS[ExitKind.CALLBACK], BACK], (None, None)),
    ],
    ids=["taken", "cannot-be-promised", "says-nothing", "another-key"],
)
async def test_c21_given_a_callback_when_it_is_offered_then_only_a_key_books_it_and_else_the_caller_waits_on(
    keys: list[tuple[float, str]],
    can: bool,  # noqa: FBT001 - a parametrised flag
    heard: list[str],
    end: tuple[str | None, str | None],
) -> None:
    line, callbacks = FakeCallerLine(keys=keys), Callbacks(can=can)
    assert await _leave(line, _book(Exit(kind=ExitKind.CALLBACK)), callbacks=callbacks) == heard
    assert _end(line) == end
    assert callbacks.booked == ([WASTE] if keys and keys[0][1] == "1" else [])


# Law 5: without anybody to take messages or to dial, with a prompt that cannot be played: back to the queue.
@pytest.mark.parametrize(
    "way",
    [
        Exit(kind=ExitKind.VOICEMAIL, box="waste"),
        Exit(kind=ExitKind.PERSON, number="duty"),
        Exit(kind=ExitKind.OVERFLOW, queue=WASTE),
    ],
    ids=lambda way: way.kind,
)
async def test_given_a_way_out_that_fails_when_walked_then_nothing_is_written_and_the_caller_waits_on(
    way: Exit,
) -> None:
    line = FakeCallerLine()
    heard = await _leave(line, _book(way))
    assert _end(line) == (None, None)
    assert TAKEN not in heard


async def test_given_a_message_that_cannot_be_played_when_walked_then_nobody_is_hung_up_on_in_silence() -> None:
    line = FakeCallerLine(broken=("*",))
    await _leave(line, _book(Exit(kind=ExitKind.MESSAGE, prompts=("sorry_a",))))
    assert line.variables.get("GH_NEXT") == "hold"
    assert line.variables["GH_QUEUE"] == WASTE
