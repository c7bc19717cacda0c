"""What a flow is: named steps, each with a verb; and what every verb can be asked."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from kernel.ids import QueueId, TenantId
from kernel.queues import Queue
from kernel.schema import Id, Schema

if TYPE_CHECKING:
    from ivr.core.inputs import Input
    from ivr.core.walk import Turn, Walk

#: Prompt ids, at least one.
Prompts = Annotated[tuple[Id, ...], Field(min_length=1)]


class Verb(Schema):
    """One step of a flow: data from the file, and the two questions the walk asks of it."""

    #: One sentence for the verb table.
    summary: ClassVar[str]

    @abstractmethod
    def enter(self, walk: Walk) -> Turn:
        """The caller came to this step."""

    def react(self, walk: Walk, heard: Input) -> Turn:  # noqa: ARG002 - verbs that wait for something use it
        """Something came back of what this step asked for. Verbs that ask for nothing begin anew."""
        return self.enter(walk)

    def targets(self) -> Mapping[str, str]:
        """Where the caller may go from here: key path in the file (``keys.1``) -> step. Empty: the flow ends here."""
        return {}

    def prompts_used(self) -> Mapping[str, tuple[str, ...]]:
        """Prompts this step plays: key in the file -> prompt ids."""
        return {}

    def queues_used(self) -> Mapping[str, str]:
        """Queues this step leads to: key in the file -> queue id."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A flow that was checked: every target, prompt and queue exists, and every step reaches an end."""

    tenant: TenantId
    name: str
    start: str
    steps: Mapping[str, Verb]
    #: The council's queues, for the policy a caller waits under.
    queues: Mapping[QueueId, Queue]
    #: Where a caller goes when the flow fails.
    default_queue: QueueId
