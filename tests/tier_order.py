"""A pytest plugin: the quick tiers run first, and the end tells how long each took (`-p tests.tier_order`)."""

from collections import Counter, defaultdict

import pytest

TIERS = ("unit", "shell", "contract", "wire", "house", "integration", "acceptance")

_seconds: defaultdict[str, float] = defaultdict(float)
_tests: Counter[str] = Counter()


def _tier(item: pytest.Item) -> str:
    return next((tier for tier in TIERS if item.get_closest_marker(tier) is not None), "no tier")


# After the other plugins, so that nothing shuffles the order again.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by tier; within a tier the order stays, so fixtures of a module are still made once."""
    for item in items:
        # A property travels with the report from the process that ran the test (`-n`) to the one that counts.
        item.user_properties.append(("tier", _tier(item)))
    items.sort(key=lambda item: (*TIERS, "no tier").index(_tier(item)))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count seconds of set-up, call and tear-down for the test's tier."""
    tier = str(dict(report.user_properties).get("tier", "no tier"))
    _seconds[tier] += report.duration
    _tests[tier] += report.when == "call"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line a tier: tests run and seconds."""
    terminalreporter.section("where the time goes, by tier")
    for tier in (*TIERS, "no tier"):
        if _tests[tier] or _seconds[tier]:
            terminalreporter.write_line(f"{tier:12} {_tests[tier]:5} tests {_seconds[tier]:8.1f} s")
