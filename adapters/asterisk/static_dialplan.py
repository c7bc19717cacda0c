"""The static fallback as dialplan: a context a flow and language, an extension a step; where nobody but Asterisk is.

Keys typed ahead stand in GH_KEYS, the prompts missing in a row in GH_UNHEARD, the steps so far in GH_STEPS: as the
engine's own walk counts them (``ivr/core/step.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from adapters.asterisk.static_hours import CLOCK, clock_lines, hours_lines
from adapters.asterisk.static_steps import Place, step_lines
from kernel.errors import BadInput
from kernel.hours import Hours
from kernel.ids import TenantId
from kernel.static_plan import StaticFlow

#: Council, language, prompt -> path on the PBX without extension; None when it was not made.
Sound = Callable[[str, str, str], str | None]
#: Seconds -> the path of an open line's noise of that length; None when there is none.
Quiet = Callable[[float], str | None]
#: Council, flow.
FlowKey = tuple[TenantId, str]


@dataclass(slots=True)
class _Writer:
    """Numbers stand for names: a context has at most 79 letters, and a `-` in an extension counts as nothing."""

    flows: Mapping[FlowKey, StaticFlow]
    sound: Sound
    spoken: Sound
    quiet: Quiet
    numbers: dict[FlowKey, int] = field(default_factory=dict)
    #: Desks by their rules: what is the same is written once.
    desks: dict[tuple[TenantId, str], str] = field(default_factory=dict)

    def context(self, key: FlowKey, language: str) -> str:
        return f"static-{self.numbers[key]}-{language}"

    def hours(self, tenant: TenantId, name: str) -> str:
        return self.desks[tenant, name]

    def said(self, flow: StaticFlow, name: str, language: str) -> dict[int, str | None]:
        """The words of overrides in a language; in another one where they have none in it, as the engine has it."""
        return {
            number: self.spoken(flow.tenant, language, one.said.get(language) or next(iter(one.said.values())))
            for number, one in enumerate(flow.hours[name].overrides, start=1)
            if one.said
        }


def static_dialplan(
    flows: Sequence[StaticFlow],
    sound: Sound,
    now: datetime,
    spoken: Sound = lambda _council, _language, _text: None,
    quiet: Quiet = lambda _seconds: None,
) -> tuple[str, dict[FlowKey, str]]:
    """Return dialplan text, and for each flow the context (without language) at whose ``s`` it begins.

    ``now`` (aware): from when on holidays and overrides are worked out. ``spoken``: a sound as ``sound``, of a text
    instead of a prompt. ``quiet``: what is heard while a choice is awaited. Raises ``BadInput``.
    """
    writer = _Writer({(flow.tenant, flow.name): flow for flow in flows}, sound, spoken, quiet)
    writer.numbers = {key: number for number, key in enumerate(sorted(writer.flows), 1)}
    lines = clock_lines(now)
    for flow in flows:
        for name, hours in flow.hours.items():
            if (flow.tenant, name) not in writer.desks:
                lines += _desk(writer, flow.tenant, name, hours, now)
    for key in writer.numbers:
        for language in writer.flows[key].languages:
            lines += _flow_lines(writer, key, language)
    return "\n".join(lines) + "\n", {key: f"static-{number}" for key, number in writer.numbers.items()}


def _desk(writer: _Writer, tenant: TenantId, name: str, hours: Hours, now: datetime) -> list[str]:
    same = next((known for (owner, other), known in writer.desks.items() if (owner, other) == (tenant, hours.name)), "")
    context = same or f"static-hours-{len(set(writer.desks.values())) + 1}"
    writer.desks[tenant, name] = context
    return [] if same else hours_lines(context, hours, now)


def _flow_lines(writer: _Writer, key: FlowKey, language: str) -> list[str]:
    flow = writer.flows[key]
    steps = {name: number for number, name in enumerate(flow.steps, 1)}
    place = Place(
        context=writer.context(key, language),
        language=language,
        steps=steps,
        sound=lambda prompt: writer.sound(flow.tenant, language, prompt),
        hours=lambda name: writer.hours(flow.tenant, name),
        said=lambda name: writer.said(flow, name, language),
        piece=lambda name: writer.context((flow.tenant, name), language),
        flow=f"static-{writer.numbers[key]}",
        speak=lambda other: writer.context(key, other if other in flow.languages else language),
        quiet=writer.quiet,
    )
    lines = [f"[{place.context}]", f"; {_comment(flow.tenant)}/{_comment(flow.name)} in {language}"]
    lines.append(f"exten => s,1,Goto({place.to(flow.start)})")
    for name, step in flow.steps.items():
        lines.append(f"; {_comment(name)}")
        lines += step_lines(step, steps[name], place)
    return lines


def _comment(name: str) -> str:
    if not all(letter.isalnum() or letter in "._-" for letter in name):
        raise BadInput("bad_name", "a name in the dialplan holds letters, digits and . _ -")
    return name


__all__ = ["CLOCK", "FlowKey", "Sound", "static_dialplan"]
