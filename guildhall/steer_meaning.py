"""What a council's steering makes of words, told to people and to programs."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from adapters.files.dialplans import read_dialplans
from guildhall.settings import Settings
from guildhall.steering_models import Models, taught
from ivr.steering.understand import Understanding
from kernel.errors import BadInput
from kernel.meaning import Explained
from kernel.schema import did_you_mean
from kernel.tenant import Tenant


def councils(settings: Settings, council: str | None) -> list[Tenant]:
    """All, or the one that is named. Raises ``BadInput`` for a name nobody has."""
    tenants = list(read_dialplans(settings.dialplans).tenants)
    if council is None:
        return tenants
    found = [one for one in tenants if one.id == council]
    if not found:
        names = [str(one.id) for one in tenants]
        raise BadInput("unknown_council", f"unknown council '{council[:40]}': {did_you_mean(council, names) or names}")
    return found


def taught_council(settings: Settings, one: Tenant, models: Models) -> Understanding:
    """What it was taught; what is missing or takes a while is said on stderr. Raises ``BadInput``."""
    for missing in models.missing:
        tell(missing)
    return taught(settings, one.id, one.steering, models, tell)


def tell(line: str) -> None:
    """To people who wait, not to programs that read."""
    typer.echo(line, err=True)


def as_dict(found: Explained) -> dict[str, object]:
    """For ``--json``."""
    meaning = found.meaning
    ranked = [{"intent": one.intent, "confidence": round(one.sure, 4)} for one in meaning.guesses]
    top = ranked[0] if ranked else {"intent": None, "confidence": 0.0}
    return {
        **top,
        "runner_up": ranked[1] if len(ranked) > 1 else None,
        "urgency": meaning.urgency.value,
        "because": meaning.because,
        "urgent_probability": round(found.urgent, 4),
        "wants_person": meaning.wants_person,
        "nearest": [
            {"intent": one.intent or None, "phrase": one.phrase, "likeness": round(one.likeness, 3)}
            for one in found.nearest
        ],
    }


def lines(found: Explained) -> Iterator[str]:
    """Intent, confidence, runner-up, urgency and why, a line each."""
    meaning = found.meaning
    if not meaning.guesses:
        yield "nothing that could be understood"
        return
    top, *others = meaning.guesses
    yield f"intent      {top.intent}"
    yield f"confidence  {top.sure:.2f}"
    if others:
        yield f"runner-up   {others[0].intent} {others[0].sure:.2f}"
    urgency = meaning.urgency.value + (f" ({meaning.because})" if meaning.because else "")
    yield f"urgency     {urgency}; urgent intents {found.urgent:.2f}"
    if meaning.wants_person:
        yield "person      she asks for a person"
    for one in found.nearest:
        yield f"why         {one.likeness:5.2f}  {one.intent or 'out of scope'}: {one.phrase}"
