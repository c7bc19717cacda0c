"""Why an offer's Dial() ended: from the dialplan's report to the facts' word, in one place."""

from __future__ import annotations

import re

#: Q.850 causes as chan_pjsip maps them from SIP (hangup_sip2cause): 486 and 600 -> 17, 603 -> 21, 480 -> 19,
#: 408 -> 18, 503 -> 34, 404 and 604 -> 1.
_BUSY = 17
_REJECTED = {21}
_DO_NOT_DISTURB = {19}
#: 44: res_pjsip_session ends a leg that has brought no sound for `rtp_timeout`.
_UNREACHABLE = {1, 3, 18, 20, 27, 34, 38, 41, 44}
#: Answered, and no talk came of it (docs/decisions/0057-no-talk-at-all.md): hung up at once, by herself or by her
#: phone, which is a refusal; or its transport was lost.
_NO_TALK = {"GONE": "reject", "LOST": "unreachable"}
#: A ring-out is told from an early 480 by its length: Dial() gives up at its limit, less this clock slack.
_SLACK_MS = 250


_WHOLE = re.compile(r"\d{1,9}")


def _whole(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) else None


def why_ended(*, status: str, cause: str, rang: str, dialled_ms: str, limit_s: str) -> str:
    """Return the facts' word: rona, reject, busy, unreachable, stale_token or failed.

    ``status`` is DIALSTATUS, or REFUSED when ``[take]`` refused (``cause`` is then the word itself), or what became of
    a leg that was answered and ended before anybody talked; ``rang`` is RINGTIME_MS, empty when the phone never said
    180; ``dialled_ms`` and ``limit_s`` tell a ring-out.
    """
    if status == "REFUSED":
        return cause if cause in {"stale_token", "busy", "unreachable"} else "failed"
    if status == "RESIDENT":
        # The agent took a seat, and the resident who was to be rung back did not answer: nobody's failure here.
        return "failed"
    if status in _NO_TALK:
        return _NO_TALK[status]
    if status == "ANSWER":
        # She answered, and the join check found the token taken back.
        return "stale_token"
    if status == "NOANSWER" and _rang_out(dialled_ms, limit_s):
        # A phone that never said 180 is not a person who did not answer: the agent is not charged with it.
        return "rona" if rang else "unreachable"
    return _refused(status, _whole(cause), rang=bool(rang))


def why_leg_ended(*, cause: str, rang: bool) -> str:
    """What one phone among several did, by the cause of its leg's Hangup: reject, busy, unreachable, or empty.

    Empty is what we cannot tell from it: cancelled because another answered, rung out, hung up after a talk.
    """
    q850 = _whole(cause)
    if q850 == _BUSY:
        return "reject" if rang else "busy"
    if q850 in _REJECTED | _DO_NOT_DISTURB:
        return "reject"
    return "unreachable" if q850 in _UNREACHABLE else ""


def _refused(status: str, cause: int | None, *, rang: bool) -> str:
    if cause == _BUSY or status == "BUSY":
        return "reject" if rang else "busy"
    if cause in _REJECTED or status == "NOANSWER":
        # 480: do not disturb is set on the phone.
        return "reject"
    return "unreachable" if cause in _UNREACHABLE or status == "CHANUNAVAIL" else "failed"


def _rang_out(dialled_ms: str, limit_s: str) -> bool:
    dialled, limit = _whole(dialled_ms), _whole(limit_s.partition(".")[0])
    return dialled is None or limit is None or dialled >= limit * 1000 - _SLACK_MS
