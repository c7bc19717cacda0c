"""What is due when: every state that waits for the outside world has an entry here."""

from __future__ import annotations

import heapq
from enum import StrEnum


class Due(StrEnum):
    """What happens when a deadline passes; the table from these to functions stands in ``step.py``."""

    #: An offer has rung for its time and the dialplan said nothing: withdraw it.
    OFFER = "offer"
    #: A withdrawn offer is still not seen to be over: ask the PBX.
    WITHDRAWAL = "withdrawal"
    #: A caller on the way back to ``[hold]`` was not seen there: ask the PBX.
    HOLD = "hold"
    #: A caller on the way out was not seen to be gone: ask the PBX.
    GOING = "going"
    #: A caller is in the PBX's own queue still: take her back.
    BACK = "back"
    #: An agent may be offered this contact again. The key's second part is the agent.
    EXCLUSION = "exclusion"
    #: An agent's phone that refused a call has rested long enough.
    REST = "rest"
    #: After-call work is over.
    WRAP_UP = "wrap_up"
    #: A waiting contact has waited long enough for its requirement or its priority to change.
    AGE = "age"
    #: A waiting contact has met a limit of its queue. The key's second part is the reason (``LeaveWhy``).
    LIMIT = "limit"
    #: A caller and an agent who stand apart were not heard of for too long.
    PARTING = "parting"
    #: A waiting caller is to be told something.
    SAY = "say"
    #: A waiting caller is to be asked whether less may be required.
    ASK = "ask"
    #: An emergency has waited so long that somebody must be told.
    ALARM = "alarm"
    #: An agent's leg of a finished offer should have been hung up by now.
    LEG = "leg"
    #: A phone has been out of reach for long while its agent is in a contact's call.
    LOST = "lost"


#: Deadlines that wait for the PBX. Cut off from it they mean nothing: the next snapshot sets them anew.
WAITS_FOR_PBX = frozenset({Due.OFFER, Due.WITHDRAWAL, Due.HOLD, Due.GOING, Due.BACK, Due.PARTING, Due.LEG})

#: What comes again and again while somebody waits, and by itself moves nobody.
COMES_AGAIN = frozenset({Due.SAY, Due.ASK, Due.ALARM})

#: What is due, for whom (contact or agent), and with whom where that matters.
Key = tuple[Due, str, str]


class Deadlines:
    """A heap with lazy removal: setting and cancelling cost O(log n) and nothing is ever searched."""

    def __init__(self) -> None:
        self._when: dict[Key, float] = {}
        self._heap: list[tuple[float, Key]] = []

    def set(self, due: Due, who: str, when: float, whom: str = "") -> None:
        """See to ``due`` at ``when`` (Unix seconds); replaces an earlier setting of the same."""
        key = (due, who, whom)
        self._when[key] = when
        heapq.heappush(self._heap, (when, key))

    def cancel(self, due: Due, who: str, whom: str = "") -> None:
        """Forget it; harmless when it was never set."""
        self._when.pop((due, who, whom), None)

    def has(self, due: Due, who: str, whom: str = "") -> bool:
        """Whether this is set."""
        return (due, who, whom) in self._when

    def when(self, due: Due, who: str, whom: str = "") -> float | None:
        """When this is due (Unix seconds), None when it is not set."""
        return self._when.get((due, who, whom))

    def only(self, kinds: frozenset[Due]) -> bool:
        """Whether nothing but these kinds is set."""
        return all(key[0] in kinds for key in self._when)

    def cancel_all(self, kinds: frozenset[Due]) -> None:
        """Forget every deadline of these kinds."""
        for key in [key for key in self._when if key[0] in kinds]:
            del self._when[key]

    def earliest(self) -> float | None:
        """When the next thing is due, None when nothing is."""
        while self._heap and self._when.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: float) -> Key | None:
        """Take out the earliest thing that is due at ``now``."""
        earliest = self.earliest()
        if earliest is None or earliest > now:
            return None
        _, key = heapq.heappop(self._heap)
        del self._when[key]
        return key
