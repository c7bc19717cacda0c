"""Which words an agent hears when her star code is refused: the commonest reasons have their own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.commands import Outcome

#: Nothing was asked: the code, or the colleague's digits behind it, is none of ours.
UNKNOWN_CODE = "agent_unknown_code"
#: Every other reason. `guildhall agent` and the desk's page say each one in a sentence.
REFUSED = "agent_refused"

#: Outcome's code -> prompt of `dialplans/_shared/prompts.yaml`.
PROMPTS: Mapping[str, str] = MappingProxyType(
    {
        "not_logged_in": "agent_log_in_first",
        "no_call": "agent_no_call",
        "no_wrap_up": "agent_no_call",
        "not_free": "agent_not_free",
        "unknown_reason": UNKNOWN_CODE,
        "not_supervisor": "agent_not_allowed",
        "not_her_council": "agent_not_allowed",
    }
)


def refusal_of(outcome: Outcome) -> str:
    """The prompt that says why it was refused, as far as we have words for it."""
    return PROMPTS.get(outcome.code, REFUSED)
