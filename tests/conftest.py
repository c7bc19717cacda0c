"""The rules for every test module: it declares its tier, or nothing is collected; no clock fails a property."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, settings

# No test fails by the clock of a busy machine: speed is the bench's.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

TIERS = ("unit", "shell", "contract", "wire", "integration", "acceptance", "house")


def complaint(module: str, marks: Iterable[str]) -> str | None:
    """What is wrong with the marks of a module, None when exactly one of them is a tier."""
    tiers = sorted(set(marks) & set(TIERS))
    if len(tiers) == 1:
        return None
    found = f"it declares {' and '.join(tiers)}" if tiers else "it declares none"
    return (
        f"{module} must declare exactly one tier, and {found}.\n"
        "Write below its imports, for instance:   pytestmark = pytest.mark.unit\n"
        f"The tiers: {', '.join(TIERS)}. What each is for: docs/tests.md."
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse modules without exactly one tier marker."""
    modules = {item.nodeid.partition("::")[0]: item.getparent(pytest.Module) for item in items}
    found = (
        complaint(name, (mark.name for mark in module.own_markers))
        for name, module in sorted(modules.items())
        if module is not None
    )
    complaints = [one for one in found if one is not None]
    if complaints:
        raise pytest.UsageError("\n\n".join(complaints))
