"""A flow as a graph: which steps can be reached, and from which an end can."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.core.flow import RETURN, Verb

Steps = Mapping[str, Verb]


def reached(steps: Steps, start: str) -> set[str]:
    """Steps that some way leads to."""
    found: set[str] = set()
    ahead = [start]
    while ahead:
        name = ahead.pop()
        if name not in found and name in steps:
            found.add(name)
            ahead.extend(steps[name].targets().values())
    return found


def ending(steps: Steps) -> set[str]:
    """Steps from which some way leads to an end, or back to the flow that called."""
    before: dict[str, set[str]] = {name: set() for name in steps}
    ahead: list[str] = []
    for name, verb in steps.items():
        ways = set(verb.targets().values())
        if not ways or RETURN in ways:
            ahead.append(name)
        for target in ways & steps.keys():
            before[target].add(name)
    found: set[str] = set()
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead.extend(before[name])
    return found


def rings(ways: Mapping[str, set[str]]) -> list[list[str]]:
    """Groups of names that lead to one another, found by two walks (Kosaraju): in order of leaving, then backwards."""
    back: dict[str, set[str]] = {name: set() for name in ways}
    for name, targets in ways.items():
        for target in targets & ways.keys():
            back[target].add(name)
    seen: set[str] = set()
    left = [name for root in ways for name in _leaving(ways, root, seen)]
    grouped: set[str] = set()
    groups = [_leaving(back, root, grouped) for root in reversed(left)]
    return [sorted(group) for group in groups if len(group) > 1 or (group and group[0] in ways[group[0]])]


def _leaving(ways: Mapping[str, set[str]], root: str, seen: set[str]) -> list[str]:
    """Names reached from ``root`` and not ``seen`` before, in the order in which a walk in depth leaves them."""
    if root in seen:
        return []
    seen.add(root)
    order: list[str] = []
    path = [(root, iter(sorted(ways[root] & ways.keys())))]
    while path:
        name, ahead = path[-1]
        target = next((one for one in ahead if one not in seen), None)
        if target is None:
            path.pop()
            order.append(name)
        else:
            seen.add(target)
            path.append((target, iter(sorted(ways[target] & ways.keys()))))
    return order
