"""Every exemption from a rule says why, on its line."""

from __future__ import annotations

import io
import re
import tokenize

import pytest

from tests.house.tree import PACKAGES, text, under

pytestmark = pytest.mark.house

#: `noqa: CODE - why` or `noqa: CODE  # why`; `type: ignore[code]  # why`.
NOQA = re.compile(r"noqa: [A-Z]+[0-9]+(, [A-Z]+[0-9]+)*( -|  #) \w.*")
IGNORE = re.compile(r"type: ignore\[[a-z, -]+\]( -| +#) \w.*")


def _comments(name: str) -> list[tuple[int, str]]:
    tokens = tokenize.generate_tokens(io.StringIO(text(name)).readline)
    return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]


def test_given_an_exemption_in_the_code_when_read_then_it_names_its_rule_and_its_reason() -> None:
    bare = [
        f"{name}:{line}: {comment}"
        for name in under(*PACKAGES, "tests", "dialplans")
        for line, comment in _comments(name)
        for word, form in (("noqa", NOQA), ("type: ignore", IGNORE))
        if f"# {word}" in comment and not form.search(comment)
    ]
    assert not bare


# pyproject.toml: ruff runs all rules; each one that does not hold here stands there with its reason.
def test_given_the_rules_that_are_switched_off_when_read_then_each_has_its_reason() -> None:
    _, _, rules = text("pyproject.toml").partition("[tool.ruff.lint]")
    exemptions = [line for line in rules.splitlines() if re.match(r'\s*"[A-Z]+[0-9]+",', line)]
    assert exemptions
    assert not [line.strip() for line in exemptions if "# " not in line]


def test_given_shellcheck_when_a_warning_is_switched_off_then_the_line_says_why() -> None:
    for name in under("setup", ending=".sh"):
        for number, line in enumerate(text(name).splitlines(), 1):
            if "shellcheck disable=" in line:
                assert re.search(r"disable=SC\d+  # \w", line), f"{name}:{number}"
