"""What happened about recording: told, not recorded, begun on demand, paused, resumed, stalled; and alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kernel.fact import Fact
from kernel.ids import AgentId, ContactId, TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerTold(Fact):
    """What the caller was told of recording (``told``): announced, accepted, declined, unheard. An added kind."""

    ev: ClassVar[str] = "told"
    call: ContactId
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallUnrecorded(Fact):
    """The call is not recorded from here on. ``why``: never, on_demand (the queue's rule), declined. An added kind."""

    ev: ClassVar[str] = "unrecorded"
    call: ContactId
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingDemanded(Fact):
    """An agent began the recording, where the queue's rule leaves that to her. An added kind."""

    ev: ClassVar[str] = "rec_start"
    call: ContactId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPaused(Fact):
    """The recording is silent from now on, at the longest until ``until`` (Unix seconds). An added kind."""

    ev: ClassVar[str] = "rec_pause"
    call: ContactId
    #: An agent's id, ``operator``, or ``secret_input``.
    by: str
    why: str
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingResumed(Fact):
    """The recording goes on after ``seconds``. ``by``: as above, ``timer``, or ``agent_left``. An added kind."""

    ev: ClassVar[str] = "rec_resume"
    call: ContactId
    by: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderStalled(Fact):
    """The recorder wrote nothing while they talked. Told when it goes on, or when the talk is over. An added kind.

    ``why``: late (it had not begun), stalled (it stood still, as on a full disk). What was said then is in no file.
    """

    ev: ClassVar[str] = "rec_stalled"
    call: ContactId
    #: Number of the file's join; 0: there never was a file.
    join: int
    why: str
    #: Unix seconds.
    since: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretTaken(Fact):
    """The caller keyed in what nobody may hear, while the agent heard music. An added kind.

    ``result``: done (the flow was content), refused, timeout, failed. Never what was keyed in.
    """

    ev: ClassVar[str] = "secret_input"
    call: ContactId
    agent: AgentId | None
    result: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRaised(Fact):
    """Somebody must look. ``contact`` instead of ``call``, for it may come behind the call's end. An added kind.

    ``what``: no_recording, recorder_late, recorder_stalled, silent_side, missing_side, disk_low, unreadable, broken,
    unexplained_gap, not_deleted, notice_unheard, outside_refused, callback_refused, prompt_silent, steering_drift.
    """

    ev: ClassVar[str] = "alarm"
    what: str
    contact: ContactId | None = None
    council: TenantId | None = None
    #: Which side, which reason: an id or a word of ours.
    detail: str | None = None
