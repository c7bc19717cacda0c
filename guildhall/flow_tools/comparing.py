"""What two versions of the councils' files do differently, in words: for callers first, then for queues and people."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import date

from guildhall.flow_tools.dialling import Exchange
from guildhall.flow_tools.moments import Moment, moments, told
from guildhall.flow_tools.text_call import Script, Story
from ivr.core.verbs.menu import Menu
from kernel.hours import Hours
from kernel.number import Dialled
from kernel.tenant import Tenant

#: Menus deeper than this are compared as far as here; so are councils with more ways through them.
_DEEPEST, _MOST_WAYS = 4, 400


def differences(old: Exchange, new: Exchange, today: date) -> Iterator[str]:
    """Every difference, a line each: calls by number, then numbers, queues, people and prompts."""
    before = {tenant.id: tenant for tenant in old.plans.tenants}
    after = {tenant.id: tenant for tenant in new.plans.tenants}
    for gone in before.keys() - after.keys():
        yield f"{gone}: the council is gone"
    for tenant in after.values():
        if tenant.id not in before:
            yield f"{tenant.id}: a new council"
        else:
            yield from _numbers(old, new, before[tenant.id], tenant, today)
    yield from _named("queue", {one.id: one for one in old.plans.queues}, {one.id: one for one in new.plans.queues})
    yield from _named("agent", {one.id: one for one in old.plans.agents}, {one.id: one for one in new.plans.agents})
    yield from _prompts(old, new)


def _numbers(old: Exchange, new: Exchange, before: Tenant, after: Tenant, today: date) -> Iterator[str]:
    had, has = ({one.number for one in tenant.numbers} for tenant in (before, after))
    for number in sorted(had - has):
        yield f"{number}: no number of {after.id} any more"
    for number in sorted(has - had):
        yield f"{number}: a new number of {after.id}"
    hours: list[Hours] = list({id(one): one for tenant in (before, after) for one in tenant.hours.values()}.values())
    when = moments(hours, today)
    for number in sorted(had & has):
        yield from _calls(old, new, number, when)


def _calls(old: Exchange, new: Exchange, number: Dialled, when: tuple[Moment, ...]) -> Iterator[str]:
    """One line for each way through the menus and each change of its end."""
    found: dict[tuple[str, str, str], list[Moment]] = {}
    for moment in when:
        for change in _changes(old, new, number, moment):
            found.setdefault(change, []).append(moment)
    for (keys, was, now), these in sorted(found.items(), key=lambda one: (len(one[0][0]), one[0])):
        # A change that a way has whatever is pressed next is told once, for the shorter way.
        if keys in {"", "*"} or found.get((keys[:-1], was, now)) != these:
            yield f"{number}{_pressed(keys)}: {told(these, when)} calls now {now} (before: {was})"


def _changes(old: Exchange, new: Exchange, number: Dialled, moment: Moment) -> Iterator[tuple[str, str, str]]:
    """(keys, before, now) of every way that ends elsewhere; ``*``: nothing is asked of the caller now."""
    if _menu(new, number, moment, "")[1] is None:
        was = sorted({_menu(old, number, moment, keys)[0] for keys in _ways(old, number, moment)})
        now = _menu(new, number, moment, "")[0]
        if was != [now]:
            yield "*", "; or ".join(was), now
        return
    front, met = [""], set[tuple[str | None, ...]]()
    while front and len(met) < _MOST_WAYS:
        keys = front.pop(0)
        (was_, had), (now, has) = (_menu(one, number, moment, keys) for one in (old, new))
        here = tuple(None if one is None else one[0] for one in (had, has))
        apart = was_ != now and here[0] != here[1]
        if was_ != now:
            yield keys, *((_where(was_, had), _where(now, has)) if apart else (was_, now))
        # From one menu all ways are compared once. Where the caller is somewhere else now, that is the difference.
        if here not in met and not apart and len(keys) < _DEEPEST:
            met.add(here)
            front.extend(keys + key for key in sorted({key for one in (had, has) if one is not None for key in one[1]}))


#: The menu at which a caller is listened to, by flow and step, and the keys that lead away from it.
_Menu = tuple[str, tuple[str, ...]]


def _menu(exchange: Exchange, number: Dialled, moment: Moment, keys: str) -> tuple[str, _Menu | None]:
    """How a call with these keys ends, and the menu it came to with no key left; None when it came to none."""
    tenant, story = exchange.call(_script(number, moment, keys))
    if story.silent_at is None:
        return _end(story), None
    flow = exchange.book.flows.get((tenant.id, story.silent_at[0]))
    verb = flow.steps.get(story.silent_at[1]) if flow is not None else None
    if not isinstance(verb, Menu):
        return _end(story), None
    away = tuple(key for key, target in verb.keys.items() if target != story.silent_at[1])
    return _end(story), (f"{story.silent_at[0]}/{story.silent_at[1]}", away)


def _where(end: str, menu: _Menu | None) -> str:
    return end if menu is None else f"come to {menu[0]} and, without a key, {end}"


def _pressed(keys: str) -> str:
    return "" if keys == "*" else f", {' '.join(keys) or 'nothing'} pressed"


def _ways(exchange: Exchange, number: Dialled, moment: Moment) -> set[str]:
    """Every row of keys that leads somewhere, and silence."""
    found, front = set[str](), [""]
    while front and len(found) < _MOST_WAYS:
        keys = front.pop(0)
        found.add(keys)
        menu = _menu(exchange, number, moment, keys)[1]
        if menu is not None and len(keys) < _DEEPEST:
            front.extend(keys + key for key in menu[1])
    return found


def _script(number: Dialled, moment: Moment, keys: str) -> Script:
    return Script(number=number, at=moment.at, keys=keys)


def _end(story: Story) -> str:
    """Where a call ends, in words; with what is heard last, for calls that nobody takes."""
    match story.outcome:
        case "queue":
            alone = f" for {story.preferred} alone" if story.preferred else ""
            noted = f", noted: '{story.note}'" if story.note else ""
            first = f" with priority {story.priority}" if story.priority else ""
            return f"wait in {story.queue}{alone}{first}{noted}"
        case "transfer":
            return "are transferred" + (f" ({story.lines[-1].removeprefix('=> transfer to ')})" if story.lines else "")
        case _:
            heard = f" after '{story.heard[-1]}'" if story.heard else ""
            return f"end{heard}"


def _named(kind: str, before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[str]:
    for gone in sorted(before.keys() - after.keys()):
        yield f"{kind} {gone}: gone"
    for name, one in after.items():
        if name not in before:
            yield f"{kind} {name}: new"
        elif before[name] != one:
            yield from (f"{kind} {name}: {line}" for line in _fields(before[name], one))


def _fields(before: object, after: object) -> Iterator[str]:
    for field in dataclasses.fields(after):  # type: ignore[arg-type]  # queues and agents are dataclasses
        was, now = getattr(before, field.name), getattr(after, field.name)
        if was != now:
            yield f"{field.name.removesuffix('_s')} {_plain(field.name, was)} -> {_plain(field.name, now)}"


def _plain(name: str, value: object) -> str:
    if name.endswith("_s") and isinstance(value, int | float):
        return f"{value:g} s"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {one}" for key, one in value.items()) or "none"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _prompts(old: Exchange, new: Exchange) -> Iterator[str]:
    before, after = (_texts(one) for one in (old, new))
    for gone in sorted(before.keys() - after.keys()):
        yield f"prompt {' '.join(gone)}: gone"
    for key, text in after.items():
        if key not in before:
            yield f"prompt {' '.join(key)}: new: '{text}'"
        elif before[key] != text:
            yield f"prompt {' '.join(key)}: '{before[key]}' -> '{text}'"


def _texts(exchange: Exchange) -> dict[tuple[str, str, str], str]:
    return {
        (owner, prompt, language): " ".join(text.split())
        for owner, prompts in exchange.plans.prompts.items()
        for prompt, languages in prompts.items()
        for language, text in languages.items()
    }
