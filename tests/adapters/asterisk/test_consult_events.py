"""What the dialplan tells of consults, and what a snapshot shows of them."""

from __future__ import annotations

import pytest

from adapters.asterisk.ami_meaning import Meaning
from adapters.asterisk.ami_wire import Frame
from kernel.ids import ConsultId, LegId
from kernel.seen import ConsultAnswered, ConsultLost, ConsultOver

pytestmark = pytest.mark.unit

CONSULT = ConsultId("c1-0-c1795374038123")


def user_event(name: str, **headers: str) -> Frame:
    pairs = {"Event": "UserEvent", "UserEvent": name, "Uniqueid": "1.2", "Consult": CONSULT, **headers}
    return Frame(list(pairs.items()))


def meaning() -> Meaning:
    return Meaning({}, {}, lambda: 1.0)


def test_given_an_answer_or_nobody_left_when_read_then_the_kernels_words() -> None:
    assert meaning().read(user_event("GuildhallConsulted")) == ConsultAnswered(consult=CONSULT, leg=LegId("1.2"))
    assert meaning().read(user_event("GuildhallApart")) == ConsultLost(consult=CONSULT)


# The same words as for an offer; `talked` when she had picked up.
@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"Status": "ANSWER", "Cause": "16"}, "talked"),
        ({"Status": "REFUSED", "Cause": "busy"}, "busy"),
        ({"Status": "REFUSED", "Cause": "unreachable"}, "unreachable"),
        ({"Status": "REFUSED", "Cause": "failed"}, "failed"),
        ({"Status": "NOANSWER", "Cause": "19", "Rang": "100", "Dialled": "15000", "Limit": "15"}, "rona"),
        ({"Status": "BUSY", "Cause": "17", "Rang": "100"}, "reject"),
        ({"Status": "CHANUNAVAIL", "Cause": "20"}, "unreachable"),
    ],
)
def test_given_an_agent_who_stands_alone_when_read_then_why(told: dict[str, str], why: str) -> None:
    assert meaning().read(user_event("GuildhallAlone", **told)) == ConsultOver(consult=CONSULT, why=why)
