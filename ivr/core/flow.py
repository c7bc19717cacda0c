"""What a flow is: named steps, each with a verb; and what every verb can be asked."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from ivr.core.expression import Expression, Type
from kernel.hours import Hours
from kernel.ids import QueueId, TenantId
from kernel.number import Dialled
from kernel.queues import Queue
from kernel.schema import Id, Schema
from kernel.steering import SteeringBook
from kernel.tenant import Incident, Table

if TYPE_CHECKING:
    from ivr.core.inputs import Input
    from ivr.core.walk import Turn, Walk

#: The target that leads out of a piece, to where the flow that called it goes on.
RETURN = "return"

#: Where something stands under a step: keys and list positions.
Path = tuple[str | int, ...]

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

    def names_used(self) -> Iterator[tuple[str, Path, str]]:
        """Other things of the council this step names: what it is (``hours``, ``table`` …), where, which."""
        return iter(())

    def expressions(self) -> Iterator[tuple[Path, Expression, Type | None]]:
        """Expressions of this step: where, which, and the type it must have, if any."""
        return iter(())

    def variables_set(self) -> Iterator[tuple[Path, str, Type | Expression]]:
        """Variables this step sets: where, the name, its type or the expression that gives it."""
        return iter(())

    def secrets_set(self) -> Iterator[str]:
        """Variables of ``variables_set`` that no step may say aloud, copy or send anywhere."""
        return iter(())

    def keeps_secrets(self) -> bool:
        """Whether the values of its expressions stay inside the call."""
        return False

    def by_itself(self) -> Mapping[str, str]:
        """Those of ``targets`` that are reached when the caller does nothing: no key, no word."""
        return self.targets()


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
    #: The flows its steps call by `subflow`.
    pieces: Mapping[str, Flow] = field(default_factory=dict)
    #: By the name of the hours, by queue and by number.
    hours: Mapping[str, Hours] = field(default_factory=dict)
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    transfer_to: Mapping[str, Dialled] = field(default_factory=dict)
    #: What `steer` understands here; None: nothing was taught.
    steering: SteeringBook | None = None
    #: Variables its steps set, with their types.
    types: Mapping[str, Type] = field(default_factory=dict)
