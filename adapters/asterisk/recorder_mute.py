"""Silences a call's recorder and lets it go on, over AMI; what is paused stands on the caller's channel (law 1)."""

from __future__ import annotations

import re

from adapters.asterisk.link_port import Frame, Link
from kernel.ids import ContactId, LegId
from kernel.seen_recording import CallerKnown, PausedRecorder, RunningRecorder

_NOTE = re.compile(r"([0-9.]{1,20})\*([0-9.]{1,20})\*([A-Za-z0-9_-]{1,64})")

#: What the dialplan says of a caller's secret input.
_INPUT = {"now": True, "over": False}
#: What an unset variable reads as in Status.
_UNSET = "(null)"
#: Where a caller is who was with an agent and stands apart from her for now.
_APART = frozenset({"consult-hold", "rejoin"})
#: What ``[recording]`` writes where no recorder runs.
_UNRECORDED = frozenset({"never", "on_demand", "declined"})
#: The channels of callers who came, or were rung back, through the trunk: their number is the resident's.
_FROM_OUTSIDE = "PJSIP/trunk"


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
        found = []
        for frame, variables in await self._callers("GH_PAUSED", "GH_INPUT"):
            note = _NOTE.fullmatch(variables.get("GH_PAUSED", ""))
            if note is not None:
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

    async def running(self) -> tuple[list[RunningRecorder], list[CallerKnown]]:
        """The recorders that run, or will when two meet again; whose call each caller's is. Raises as ``pause``."""
        recorders, known = [], []
        for frame, variables in await self._callers("GH_REC", "GH_RULE", "GH_PAUSED", "GH_CALLER_WAS"):
            contact = ContactId(variables["GH_CONTACT"])
            if frame.get("Channel").startswith(_FROM_OUTSIDE):
                # While she talks to somebody outside, her channel shows the council's number.
                number = variables.get("GH_CALLER_WAS") or frame.get("CallerIDNum")
                known.append(CallerKnown(contact=contact, number=number))
            # One who stands apart has no recorder, and a new one, by the same rule, when she is back.
            parted = frame.get("Context") in _APART
            if variables.get("GH_REC") or (parted and variables.get("GH_RULE") not in _UNRECORDED):
                muted = bool(variables.get("GH_PAUSED"))
                recorders.append(RunningRecorder(contact=contact, muted=muted, parted=parted))
        return recorders, known

    async def _callers(self, *names: str) -> list[tuple[Frame, dict[str, str]]]:
        """The callers' channels with these variables; what is not set is empty."""
        frames = await self._link.ask_list("Status", {"Variables": ",".join(("GH_ROLE", "GH_CONTACT", *names))})
        found = []
        for frame in frames:
            pairs = (line.partition("=") for line in frame.all("Variable"))
            variables = {name: "" if value == _UNSET else value for name, _, value in pairs}
            if variables.get("GH_ROLE") == "caller" and variables.get("GH_CONTACT"):
                found.append((frame, variables))
        return found
