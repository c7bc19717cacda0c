"""What the documents say is there, is there: files, commands, make targets, tiers."""

from __future__ import annotations

import re

import pytest

from desk.call_codes import CALL_CODES
from desk.star_codes import STAR_CODES
from guildhall.command_list import COMMANDS
from tests.conftest import TIERS
from tests.house.tree import HOME, files, text

pytestmark = pytest.mark.house

PAGES = [name for name in files() if name.endswith(".md")]
#: Made at run time, or by the user's own hand.
NOT_COMMITTED = ("var", ".venv", "recordings/audio", "CACHE")
PATH = re.compile(r"[A-Za-z0-9_.*{},/-]+")
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
TOP = {name.split("/")[0] for name in files()}


def _spans(page: str) -> list[str]:
    """Code spans, without the fenced blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text(page), flags=re.DOTALL))


def _exists(path: str, page: str) -> bool:
    here = (HOME / page).parent
    return any(True for place in (HOME, here) for _ in place.glob(path.rstrip("/")))


def _paths(page: str) -> list[str]:
    spans = [span for span in _spans(page) if PATH.fullmatch(span) and not span.startswith(("/", *NOT_COMMITTED))]
    inside = [span for span in spans if "/" in span and span.split("/")[0] in TOP]
    alone = [span for span in spans if "/" not in span and re.search(r"\.(py|md|conf|sh|toml|yaml|json)$", span)]
    return [*inside, *alone]


# The life of a call names a file a step: a file that moved must move there too.
@pytest.mark.parametrize("page", PAGES)
def test_given_a_page_when_it_names_a_file_then_the_file_is_there(page: str) -> None:
    missing = [path for path in _paths(page) if "{" not in path and "<" not in path and not _named(path, page)]
    assert not missing


def _named(path: str, page: str) -> bool:
    """A path from the checkout or from the page's own folder; a bare name may be any file's."""
    return _exists(path, page) or ("/" not in path and any(name.endswith(f"/{path}") for name in files()))


@pytest.mark.parametrize("page", PAGES)
def test_given_a_page_when_it_links_to_another_then_that_is_there(page: str) -> None:
    assert not [link for link in LINK.findall(text(page)) if not ((HOME / page).parent / link).exists()]


@pytest.mark.parametrize("page", PAGES)
def test_given_a_page_when_it_names_a_command_then_the_command_line_has_it(page: str) -> None:
    commands = set(COMMANDS)
    named = {
        words[1]
        for span in _spans(page)
        if (words := span.removeprefix(".venv/bin/").split())[:1] == ["guildhall"] and len(words) > 1
    }
    # A name in capitals or brackets stands for something, `--help` for itself.
    assert {word for word in named if re.fullmatch(r"[a-z]+", word)} <= commands


@pytest.mark.parametrize("page", PAGES)
def test_given_a_page_when_it_names_a_make_target_then_the_makefile_has_it(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    named = {
        match[1] for span in _spans(page) if (match := re.fullmatch(r"(?:[A-Z_]+=\S+ )*make ([a-z-]+)( .*)?", span))
    }
    assert named <= targets


def test_given_the_readme_when_read_then_every_folder_has_its_paragraph() -> None:
    folders = {name.split("/")[0] for name in files() if "/" in name and not name.startswith(".")}
    assert not [folder for folder in sorted(folders) if f"`{folder}/`" not in text("README.md")]


def test_given_the_page_of_tests_when_read_then_every_tier_is_told() -> None:
    assert not [tier for tier in TIERS if f"`{tier}`" not in text("docs/tests.md")]


# STYLE B20: one page a decision, numbered.
def test_given_the_decisions_when_listed_then_each_has_a_number_of_its_own_and_is_linked() -> None:
    records = [name for name in files() if name.startswith("docs/decisions/")]
    # Numbers are given out beforehand to those who work at the same time: a gap may be filled later.
    numbers = [name.split("/")[2][:4] for name in records]
    assert all(number.isdecimal() for number in numbers)
    assert len(set(numbers)) == len(numbers)
    linked = "".join(text(page) for page in PAGES if page not in records)
    assert not [name for name in records if name.rsplit("/", 1)[1] not in linked]


# A comment that sends the reader to a page is worth as much as the page.
def test_given_a_comment_in_the_code_when_it_names_a_page_then_the_page_is_there() -> None:
    named = re.compile(r"\bdocs/[A-Za-z0-9_/-]+(?:\.md)?|\b[A-Z]{4,}\.md\b")
    code = [
        name
        for name in files()
        if name.endswith((".py", ".conf", ".sh", ".yaml", ".in")) and "tests/house/" not in name
    ]
    pages = {name.removesuffix(".md") for name in PAGES} | {f"docs/decisions/{name[15:19]}" for name in PAGES}
    assert not [
        f"{name}: {match}"
        for name in code
        for match in named.findall(text(name))
        if match.removesuffix(".md") not in pages and not (HOME / match).is_dir()
    ]


# The product stands by itself: nothing in it points outside the checkout.
def test_given_every_file_when_read_then_none_sends_the_reader_out_of_the_checkout() -> None:
    outside = re.compile(r"\.\./" + "shared|/work/" + "(?:shared|main)")
    assert not [name for name in files() if outside.search(text(name))]


# An agent who cannot find her code tries one; a telecoms engineer looks for the file that holds it.
def test_given_the_codes_of_agents_phones_when_looked_up_then_one_page_tells_each() -> None:
    pressed = re.findall(r"=> (\*\d+),", text("asterisk_conf/features.conf"))
    page = text("docs/transfers.md").partition("## Every code at a glance")[2].partition("\n## ")[0]
    codes = {*STAR_CODES.values(), *CALL_CODES.values(), *pressed} - {"*55"}  # pressed by the engine, not by her
    assert len(codes) > 10
    assert not [code for code in sorted(codes) if f"`{code}`" not in page]


def test_given_asterisks_configuration_when_read_then_every_file_that_says_something_has_its_row() -> None:
    page = text("asterisk_conf/README.md")
    silent = {"acl.conf", "ccss.conf", "cel.conf", "pjproject.conf", "queuerules.conf", "udptl.conf"}
    names = {
        name.rpartition("/")[2] for name in files() if name.startswith("asterisk_conf/") and name.endswith(".conf")
    }
    assert not [name for name in sorted(names - silent) if f"`{name}`" not in page]
