"""Silences a call's recorder and lets it go on, over AMI; what is paused stands on the caller's channel (law 1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from kernel.ids import ContactId, LegId
from kernel.seen_recording import PausedRecorder

_NOTE = re.compile(r"([0-9.]{1,20})\*([0-9.]{1,20})\*([A-Za-z0-9_-]{1,64})")

#: What the dialplan says of a caller's secret input.
_INPUT = {"now": True, "over": False}


class Frame(Protocol):
    """One AMI frame."""

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a header."""
        ...

    def all(self, name: str) -> Sequence[str]:
        """Return all values of a header."""
        ...


class Link(Protocol):
    """What this file needs of the AMI link."""

    async def ask(self, action: str, headers: Mapping[str, str], *, timeout_s: float = 5.0) -> Frame:
        """Send one action, return its reply."""
        ...

    async def ask_list(self, action: str, headers: Mapping[str, str], *, timeout_s: float = 10.0) -> Sequence[Frame]:
        """Send an action that answers with a list."""
        ...

    def tell(
        self,
        actions: Sequence[tuple[str, Mapping[str, str]]],
        on_reply: Callable[[int, Frame | None], None] | None = None,
    ) -> None:
        """Send actions in one write, in order."""
        ...


class AmiRecorders:
    """The recorders of the calls' channels. MixMonitorMute writes silence and goes on: the length stays true."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def pause(self, paused: PausedRecorder) -> None:
        """Silence it; the note first, so that an engine that dies in between lets it go on in time.

        Raises ``Refused`` and ``OutcomeUnknown`` as the link does.
        """
        note = f"{paused.until:.3f}*{paused.since:.3f}*{paused.by}"
        await self._link.ask("Setvar", {"Channel": paused.channel, "Variable": "GH_PAUSED", "Value": note})
        await self._link.ask("MixMonitorMute", {"Channel": paused.channel, "Direction": "both", "State": "1"})

    async def resume(self, channel: str) -> None:
        """Let it go on. Raises as ``pause``."""
        await self._link.ask("MixMonitorMute", {"Channel": channel, "Direction": "both", "State": "0"})
        await self._link.ask("Setvar", {"Channel": channel, "Variable": "GH_PAUSED", "Value": ""})
        await self._link.ask("Setvar", {"Channel": channel, "Variable": "GH_INPUT", "Value": ""})

    def answer_key(self, channel: str, word: str) -> None:
        """Tell the agent's leg what became of her key: paused, resumed, refused."""
        self._link.tell([("Setvar", {"Channel": channel, "Variable": "GH_KEY", "Value": word})])

    def press_for(self, leg: LegId, keys: str) -> None:
        """Press keys on an agent's leg as if she had: a feature of features.conf begins."""
        self._link.tell([("PlayDTMF", {"Channel": leg, "Digit": key, "Receive": "true"}) for key in keys])

    async def paused(self) -> list[PausedRecorder]:
        """What the channels say is paused. Raises as ``pause``."""
        frames = await self._link.ask_list("Status", {"Variables": "GH_ROLE,GH_CONTACT,GH_PAUSED,GH_INPUT"})
        found = []
        for frame in frames:
            pairs = (line.partition("=") for line in frame.all("Variable"))
            variables = {name: value for name, _, value in pairs}
            note = _NOTE.fullmatch(variables.get("GH_PAUSED", ""))
            if variables.get("GH_ROLE") == "caller" and note is not None:
                found.append(
                    PausedRecorder(
                        contact=ContactId(variables["GH_CONTACT"]),
                        channel=frame.get("Channel"),
                        until=float(note[1]),
                        since=float(note[2]),
                        by=note[3],
                        input=_INPUT.get(variables.get("GH_INPUT", "")),
                    )
                )
        return found
