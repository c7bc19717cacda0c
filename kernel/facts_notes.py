"""The fact that somebody noted something on a contact; never what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kernel.fact import Fact
from kernel.ids import ContactId, TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTaken(Fact):
    """Somebody noted something on the contact for whoever has it next; never what. An added kind.

    ``contact`` instead of ``call``, for it may come behind the call's end.
    """

    ev: ClassVar[str] = "note"
    contact: ContactId
    council: TenantId
    #: An agent's id, or a user of the desk.
    by: str
    #: She took her last note back.
    taken_back: bool | None = None
