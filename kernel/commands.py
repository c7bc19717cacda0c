"""Commands: what people ask of the engine, imperative; answered once with an outcome."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.agent import Presence
from kernel.ids import AgentId, ContactId


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPresence:
    """Log an agent in or out, make her ready or not ready. ``aux_code`` says why not ready."""

    agent: AgentId
    presence: Presence
    aux_code: str | None = None
    #: Who asked: ``agent`` (star code), ``operator`` (command line).
    by: str = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowState:
    """Ask for the engine's view of agents and waiting contacts, as plain data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """Ask why a waiting contact is offered to whom it is, or to nobody, as plain data."""

    contact: ContactId


Command = SetPresence | ShowState | Explain


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a command. ``code`` is stable; ``message`` is for people; ``data`` is JSON-like."""

    ok: bool
    code: str
    message: str
    data: object = None
