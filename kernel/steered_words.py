"""What a caller said to steering, where her council's rule keeps it; long numbers are hidden before it gets here."""

from __future__ import annotations

from dataclasses import dataclass, field

from kernel.ids import ContactId, TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptWords:
    """One utterance. Personal data: sealed in the store, never logged."""

    call: ContactId
    council: TenantId
    #: Keyed digest of the caller's number; None when it was withheld.
    subject: str | None = field(repr=False)
    #: Unix seconds: when it was said, and from when on it is deleted.
    t: float
    keep_until: float
    purpose: str
    text: str = field(repr=False)
    #: What was made of it: the likeliest intent and its probability.
    intent: str | None
    sure: float
    #: The store's own number, once it is there.
    id: int = 0
