"""I7: what was joined is recorded, over its whole length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from acd.core.invariants_state import Breach, Call

#: The invariant's margins: seconds, and share of the talk time; the wider one counts.
_MARGIN_S = 2.0
_MARGIN_SHARE = 0.02


def recording_breaches(
    call: Call, found: Sequence[tuple[float, float]], *, wanted: bool, closed_by: float
) -> Iterator[Breach]:
    """Compare the talk of a closed call with its recordings: ``found`` holds (seconds, muted seconds) of each.

    A call that was open before the export has talk that the lines do not show: it is left out. ``closed_by``: of calls
    whose talk ended later (seconds, clock of the facts) a recording may still be on its way.
    """
    if not call.ended or not call.known or call.talked <= 0 or not (wanted or found):
        return
    if call.unrecorded or call.left_at > closed_by:
        return
    seconds = sum(length for length, _muted in found)
    muted = sum(silent for _length, silent in found)
    margin = max(_MARGIN_S * max(1, len(found)), _MARGIN_SHARE * call.talked)
    # Muted time counts, whether the recorder went on in silence or stopped meanwhile.
    if min(abs(seconds - call.talked), abs(seconds + muted - call.talked)) > margin:
        message = f"talked {call.talked:.2f} s, recorded {seconds:.2f} s in {len(found)} segments, muted {muted:.2f} s"
        yield Breach(invariant="I7", t=call.left_at, call=call.id, agent=None, message=message)
