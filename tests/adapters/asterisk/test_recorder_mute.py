"""What the callers' channels say of their recorders: which are paused, which run, whose calls they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from adapters.asterisk.link_port import Frame
from adapters.asterisk.recorder_mute import AmiRecorders
from kernel.ids import ContactId
from kernel.seen_recording import CallerKnown, PausedRecorder, RunningRecorder

pytestmark = pytest.mark.contract


class Channel:
    """One frame of Status."""

    def __init__(self, name: str, context: str, number: str, **variables: str) -> None:
        self._headers = {"Channel": name, "Context": context, "CallerIDNum": number}
        self._variables = [f"{key}={value}" for key, value in variables.items()]

    def get(self, name: str, default: str = "") -> str:
        return self._headers.get(name, default)

    def all(self, name: str) -> Sequence[str]:
        return self._variables if name == "Variable" else [self._headers[name]]


class Pbx:
    """Answers Status."""

    def __init__(self, *channels: Channel) -> None:
        self._channels = channels

    async def ask_list(self, action: str, headers: Mapping[str, str], *, timeout_s: float = 10.0) -> Sequence[Frame]:
        assert (action, timeout_s) == ("Status", 10.0)
        assert "GH_ROLE" in headers["Variables"]
        return self._channels

    async def ask(self, action: str, headers: Mapping[str, str], *, timeout_s: float = 5.0) -> Frame:
        raise NotImplementedError

    def tell(
        self,
        actions: Sequence[tuple[str, Mapping[str, str]]],
        on_reply: Callable[[int, Frame | None], None] | None = None,
    ) -> None:
        raise NotImplementedError


def caller(number: int, context: str, **variables: str) -> Channel:
    told = {"GH_ROLE": "caller", "GH_CONTACT": f"c1-{number}", "GH_REC": "(null)", "GH_RULE": "(null)"}
    told |= {"GH_PAUSED": "(null)", "GH_INPUT": "(null)", "GH_CALLER_WAS": "(null)"}
    return Channel(f"PJSIP/trunk-{number:08x}", context, f"0163296000{number}", **(told | variables))


async def test_given_callers_channels_when_looked_at_then_the_recorders_that_run_or_will_and_whose_calls_they_are() -> (
    None
):
    pbx = Pbx(
        caller(1, "take", GH_REC="0x7f", GH_RULE="always"),
        caller(2, "take", GH_REC="0x7e", GH_PAUSED="99.000*12.500*northmere-a001", GH_INPUT="now"),
        caller(3, "consult-hold", GH_RULE="always"),
        caller(4, "consult-hold", GH_RULE="declined"),
        caller(5, "take", GH_RULE="never"),
        caller(6, "outside", GH_CALLER_WAS="01632960999"),
        Channel("PJSIP/a001-00000001", "take", "01632960001", GH_ROLE="agent", GH_CONTACT="c1-1", GH_REC="0x7d"),
        Channel("Local/seat@callback-00000001;1", "hold", "", GH_ROLE="caller", GH_CONTACT="c1-7", GH_REC=""),
    )
    recorders, known = await AmiRecorders(pbx).running()
    assert recorders == [
        RunningRecorder(contact=ContactId("c1-1"), muted=False, parted=False),
        RunningRecorder(contact=ContactId("c1-2"), muted=True, parted=False),
        RunningRecorder(contact=ContactId("c1-3"), muted=False, parted=True),
    ]
    assert known == [
        *(CallerKnown(contact=ContactId(f"c1-{number}"), number=f"0163296000{number}") for number in range(1, 6)),
        CallerKnown(contact=ContactId("c1-6"), number="01632960999"),
    ]
    assert await AmiRecorders(pbx).paused() == [
        PausedRecorder(
            contact=ContactId("c1-2"),
            channel="PJSIP/trunk-00000002",
            since=12.5,
            until=99.0,
            by="northmere-a001",
            input=True,
        )
    ]
