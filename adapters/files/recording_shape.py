"""The shape of the recording's rule in a council's files."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from kernel.recording_rule import Announce, Record, RecordingRule
from kernel.schema import Count, Duration, Id, Schema

#: What a recording is kept for; ``*`` in ``retention`` stands for every other purpose.
Purpose = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
PurposeOrAny = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z][a-z0-9_]{0,31})$")]
#: Ten years: longer is a slip of the pen.
Days = Annotated[Count, Field(le=3653)]


class RecordingShape(Schema):
    """``recording`` of a queue in ``queues.yaml``."""

    record: Record = Record.ALWAYS
    announce: Announce = Announce.NEVER
    purpose: Purpose = "service"
    may_pause: bool = True
    longest_pause: Annotated[Duration, Field(ge=5, le=900)] = 120.0
    secure_input: Id | None = None

    @model_validator(mode="after")
    def _pausable(self) -> RecordingShape:
        if self.secure_input is not None and not self.may_pause:
            raise ValueError("'secure_input' pauses the recording, and 'may_pause: false' forbids that")
        return self


def rule_meant(shape: RecordingShape) -> RecordingRule:
    """The shape in the kernel's words."""
    return RecordingRule(
        record=shape.record,
        announce=shape.announce,
        purpose=shape.purpose,
        may_pause=shape.may_pause,
        longest_pause_s=shape.longest_pause,
        secure_input=shape.secure_input or "",
    )
