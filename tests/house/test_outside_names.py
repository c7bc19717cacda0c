"""Nothing in the tree names a registry, holds a secret, or could ring a real person."""

from __future__ import annotations

import re

import pytest

from tests.house.tree import files, text

pytestmark = pytest.mark.house

#: In pieces, so that this file does not name them either.
HOSTS = [
    ("py", "pi.org"),
    ("python", "hosted.org"),
    ("npm", "js.org"),
    ("npm", "js.com"),
    ("yarn", "pkg.com"),
    ("deb.", "debian.org"),
    ("ftp.", "debian.org"),
    ("security.", "debian.org"),
    ("snapshot.", "debian.org"),
    ("archive.", "ubuntu.com"),
    ("security.", "ubuntu.com"),
    ("crates", ".io"),
    ("proxy.", "golang.org"),
    ("docker", ".io"),
    ("gh", "cr.io"),
    ("quay", ".io"),
    ("github", "usercontent.com"),
    ("codeload.", "github.com"),
    ("/releases/", "download/"),
    ("hugging", "face.co"),
    ("mirrors", ".kernel.org"),
    ("conda", ".anaconda.org"),
]
HOST = re.compile("|".join(re.escape(first + second) for first, second in HOSTS), re.IGNORECASE)

KEY = re.compile("-----BEGIN " + "[A-Z ]*PRIVATE KEY-----")
#: A literal of 16 characters or more under a telling name. Names of files, variables and templates are none.
SECRET = re.compile(
    r"""(?i)\b[a-z_]*(?:secret|password|passwd|token|api_?key)["']?\s*[=:]\s*["']?(?P<value>[A-Za-z0-9+/_-]{16,})["']?\s*$"""
)
#: Eleven digits from 0, or +44 and ten: a British telephone number, however it is spaced.
TELEPHONE = re.compile(r"(?<![\w.:/+-])(?:\+44 ?|0)(?:\d ?){9}\d(?![\w.])")
#: Ofcom's numbers for drama: nobody has them, so a test that runs wild rings nobody.
DRAMA = re.compile(r"(?:0|44)(?:1632960|3069990|7700900|2079460|8081570)\d*")

#: Hashes and wheels' names, made by setup/lock.sh, which checks itself that they name no host.
LOCKS = "locks/"


def _lines() -> list[tuple[str, int, str]]:
    return [(name, number, line) for name in files() for number, line in enumerate(text(name).splitlines(), 1)]


# "The lock names no host": where packages come from is the machine's own setting, never ours.
def test_given_every_file_when_read_then_none_names_a_registry_or_a_mirror() -> None:
    assert not [f"{name}:{number}" for name, number, line in _lines() if HOST.search(line)]


def test_given_every_file_when_read_then_none_holds_a_private_key() -> None:
    assert not [f"{name}:{number}" for name, number, line in _lines() if KEY.search(line)]


# SECURITY V18: no default password anywhere; the first start makes them.
def test_given_every_file_but_the_tests_when_read_then_none_holds_a_secret() -> None:
    found = [
        f"{name}:{number}"
        for name, number, line in _lines()
        if not name.startswith(("tests/", LOCKS))
        and (match := SECRET.search(line))
        and re.search(r"\d", match["value"])
    ]
    assert not found


# Only Ofcom's numbers for drama.
def test_given_every_file_when_read_then_no_number_in_it_could_be_a_persons() -> None:
    found = [
        f"{name}:{number}"
        for name, number, line in _lines()
        if not name.startswith(LOCKS)
        for match in TELEPHONE.finditer(line)
        if not DRAMA.fullmatch(re.sub(r"\D", "", match[0]))
    ]
    assert not found


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ("see https://" + "deb." + "debian.org/debian", HOST),
        ("-----BEGIN RSA " + "PRIVATE KEY-----", KEY),
        ("ami_secret = '" + "k3yk3yk3yk3yk3yk3y'", SECRET),
        ("ring " + "0161 496 " + "1234 now", TELEPHONE),
        ("ring +" + "441614961234", TELEPHONE),
    ],
)
def test_given_what_must_not_be_there_when_looked_for_then_it_is_found(line: str, pattern: re.Pattern[str]) -> None:
    assert pattern.search(line)
