"""`hangup`: end the call, and say why it ended."""

from __future__ import annotations

from typing import ClassVar, Literal

from ivr.core.effects import HangUp as HangUpEffect
from ivr.core.flow import Verb
from ivr.core.walk import End, Turn, Walk


class HangUp(Verb):
    """Ends the call. `informed`: the caller has what she rang for; `rejected`: we do not serve this call."""

    summary: ClassVar[str] = "end the call, and say why it ended"

    verb: Literal["hangup"]
    why: Literal["informed", "rejected"] = "informed"

    def enter(self, walk: Walk) -> Turn:
        """Hang up."""
        return End(walk=walk, effect=HangUpEffect(why=self.why))
