"""``guildhall explain``: why a call waits, or why a past one was offered to whom it was."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from adapters.control.client import ask
from guildhall.settings import Settings
from kernel.commands import Explain
from kernel.errors import GuildhallError
from kernel.ids import ContactId, checked_id


def register(app: typer.Typer) -> None:
    """Put the command onto the command line."""
    app.command()(explain)


def explain(
    call: Annotated[str, typer.Argument(help="The call's id, as the facts and 'guildhall status' show it.")],
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")
    ] = False,
) -> None:
    """Say who may take a waiting call now, who may not and why; of a past call, how it was at its last offer."""
    told = _told(Settings(), ContactId(checked_id(call, "the call's id")))
    typer.echo(json.dumps(told, indent=1) if as_json else in_words(told))


def _told(settings: Settings, contact: ContactId) -> Mapping[str, Any]:
    try:
        outcome = ask(settings.control, Explain(contact=contact))
    except GuildhallError:
        # The engine is away; the facts may know all the same.
        outcome = None
    if outcome is not None and outcome.ok and isinstance(outcome.data, dict):
        return outcome.data
    past = asyncio.run(_from_facts(settings, contact))
    if past is None:
        raise GuildhallError("unknown_call", "no such call waits now, and the facts tell of none that was in a queue")
    return past


async def _from_facts(settings: Settings, contact: ContactId) -> Mapping[str, Any] | None:
    # SQLAlchemy takes half a second to import, and a waiting call needs none of it.
    from guildhall.explain_facts import lines_of  # noqa: PLC0415 - as said

    return await lines_of(settings, contact)


def in_words(told: Mapping[str, Any]) -> str:
    """A few lines for people."""
    names: Sequence[str] = [row["agent"] for row in told["eligible"]]
    required = ", ".join(f"{skill} {level} or more" for skill, level in told["required"].items()) or "no skill"
    lines = [
        f"{told['call']} in {told['queue']} at {_time(told['at'])}: waited {told['waited_s']:.0f} s",
        f"step {told['step']}: requires {required}; rule {told['rule']}",
        f"eligible: {', '.join(names) or 'nobody'}",
    ]
    if "score" in told:
        lines.insert(1, f"priority {told['priority']}, score {told['score']:.0f} s")
    if chosen := told.get("chosen") or told.get("offered_to"):
        lines.append(f"offered to: {chosen}")
    lines += [f"  not {row['agent']}: {_why(row)}" for row in told["not_eligible"]]
    if (asked := told.get("asked")) and asked["next_at"] is not None:
        lines.append(f"asked at {_time(asked['next_at'])} whether step {asked['step']} may begin")
    lines += [f"leaves at {_time(row['at'])} ({row['why']}): {row['to']}" for row in told.get("limits", ())]
    return "\n".join(lines)


_WORDS = {
    "queue": "does not serve this queue",
    "council": "does not serve this council",
    "wrapup": "in wrap-up",
    "excluded": "an offer of this call to her failed",
    "preferred": "the call waits for one agent",
    "floor": "she is held for emergencies",
    "cap": "her council's callers use as many agents as they may",
    "delay": "she serves this queue only after a delay",
    "leg": "her phone is still in another call",
}


def _why(row: Mapping[str, Any]) -> str:
    why = str(row["why"])
    text = _WORDS.get(why, why)
    if why in {"skills", "ask_first"}:
        text = (
            ("the caller has not agreed: " if why == "ask_first" else "")
            + "lacks "
            + ", ".join(f"{skill} {level}" for skill, level in row["lacks"].items())
        )
    if row.get("reason"):
        text += f" ({row['reason']})"
    return text + (f" until {_time(row['until'])}" if row.get("until") is not None else "")


def _time(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%H:%M:%S UTC")
