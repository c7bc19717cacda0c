"""What the direct path is measured against: the same Asterisk, the same phones, and a dialplan that only dials."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.ids import checked_id

#: As in [take] of asterisk_conf/extensions.conf: one file a side and one with both, audio only while joined.
_RECORDER = (
    "MixMonitor(/srv/guildhall/recordings/bench-${UNIQUEID}.wav,"
    "br(/srv/guildhall/recordings/bench-${UNIQUEID}-caller.wav)t(/srv/guildhall/recordings/bench-${UNIQUEID}-agent.wav))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BarePath:
    """One dialplan of a few lines, and the number that leads to it."""

    name: str
    #: Of the range Ofcom keeps for drama, and no council's.
    number: str
    applications: tuple[str, ...]


#: Plain Answer() waits up to 0.5 s for the caller's first packet of sound; the lab's phone sends it at once.
ANSWER_DIAL = BarePath(name="Answer() + Dial()", number="03069990091", applications=("Answer()",))
#: `i`: waits for no sound, as our own dialplan does.
ANSWER_I_DIAL = BarePath(name="Answer(,i) + Dial()", number="03069990092", applications=("Answer(,i)",))
RECORDED = BarePath(
    name="Answer(,i) + MixMonitor() + Dial()", number="03069990093", applications=("Answer(,i)", _RECORDER)
)
BARE_PATHS = (ANSWER_DIAL, ANSWER_I_DIAL, RECORDED)


def bare_dialplan(sip_user: str) -> str:
    """Dialplan text: each path's number, reachable from the trunk, rings this endpoint."""
    endpoint = checked_id(sip_user, "a SIP user")
    lines = ["[council-numbers](+)"]
    for path in BARE_PATHS:
        first, *more = [*path.applications, f"Dial(PJSIP/{endpoint},15)", "Hangup(16)"]
        lines += [f"exten => {path.number},1,{first}", *[f" same => n,{application}" for application in more]]
    return "\n".join(lines) + "\n"
