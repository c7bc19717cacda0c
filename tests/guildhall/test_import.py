"""`guildhall import`: what an Asterisk configuration becomes, what is told to be left, and that nothing trips it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guildhall.flow_tools.dialling import Exchange
from guildhall.flow_tools.reading import find_folder, look_over
from guildhall.flow_tools.text_call import Script
from guildhall.importing.conf_text import Left
from guildhall.importing.council_writer import imported, write_files
from ivr.core.lint import ERROR
from kernel.errors import BadInput

pytestmark = pytest.mark.shell

SHARED = Path(__file__).parents[2] / "dialplans" / "_shared"
DIALPLAN = """\
[general]
static=yes
[from-trunk]
exten => 03069990081,1,Goto(ivr-main,s,1)
exten => 03069990082,1,Answer()
 same => n,Queue(bins,t,,,300)
 same => n,VoiceMail(100@default,u)
[ivr-main]
exten => s,1,Answer()
 same => n,GotoIfTime(09:00-17:00,mon-fri,*,*?open)
 same => n,Playback(custom/closed)
 same => n,Hangup()
 same => n(open),Background(custom/welcome)
 same => n(again),Background(custom/menu)
 same => n,WaitExten(8)
exten => 1,1,Queue(bins)
exten => 2,1,Queue(Housing Repairs)
exten => 3,1,Dial(PJSIP/01632960001@trunk,30)
 same => n,Playback(custom/sorry) ; nobody
 same => n,Goto(s,again)
exten => 4,1,AGI(/usr/local/bin/x.py)
 same => n,Goto(s,again)
exten => 5,1,Macro(pay-line)
exten => i,1,Playback(invalid)
 same => n,Goto(s,again)
exten => t,1,Goto(2,1)
;-- nothing of this is read
exten => 9,1,System(reboot)
--;
"""
QUEUES = """\
[template](!)
strategy=rrmemory
timeout=12
[bins](template)
member => PJSIP/101,0,Ann
member => PJSIP/a102,5,"Bob Jones"
[Housing Repairs](template)
wrapuptime=7
weight=2
announce-position=yes
member => PJSIP/101
"""


def council(tmp_path: Path, dialplan: str = DIALPLAN) -> tuple[Path, list[Left]]:
    left: list[Left] = []
    texts = {"extensions.conf": dialplan.encode(), "queues.conf": QUEUES.encode()}
    shutil.copytree(SHARED, tmp_path / "dialplans" / "_shared")
    write_files(tmp_path / "dialplans" / "eastvale", imported("eastvale", texts, None, left))
    return tmp_path / "dialplans", left


@pytest.mark.parametrize(
    ("number", "keys", "hour", "end"),
    [
        ("03069990081", "1", 10, ("queue", "eastvale.bins")),
        ("03069990081", "2", 10, ("queue", "eastvale.housing_repairs")),
        ("03069990081", "3", 10, ("transfer", None)),
        # The AGI script is left out; what follows it, the menu again, is not.
        ("03069990081", "41", 10, ("queue", "eastvale.bins")),
        # Nobody knows what that macro said: a person, not a hang-up without a word.
        ("03069990081", "5", 10, ("queue", "eastvale.bins")),
        # t leads to key 2; i only asks again, and after three tries a person answers.
        ("03069990081", "...", 10, ("queue", "eastvale.housing_repairs")),
        ("03069990081", "777", 10, ("queue", "eastvale.bins")),
        ("03069990081", "1", 20, ("informed", None)),
        ("03069990082", "", 20, ("queue", "eastvale.bins")),
    ],
)
def test_given_a_dialplan_when_imported_then_calls_end_where_they_did(
    tmp_path: Path, number: str, keys: str, hour: int, end: tuple[str, str | None]
) -> None:
    folder, _ = council(tmp_path)
    at = datetime(2026, 11, 24, hour, tzinfo=UTC)
    _, story = Exchange.of(find_folder(folder)).call(Script(number=number, at=at, keys=keys))
    assert (story.outcome, story.queue) == end


# "lists what it could not": each with its file and line.
def test_given_what_has_no_counterpart_when_imported_then_each_is_told_with_its_line(tmp_path: Path) -> None:
    _, left = council(tmp_path)
    told = [str(one) for one in left]
    assert "extensions.conf:21: agi() is not imported: the flow goes on after it" in told
    assert any(one.startswith("extensions.conf:7: what follows Queue()") for one in told)
    assert any(one.startswith("queues.conf:6: penalty 5") for one in told)
    assert (
        "queues.conf:9: weight 2: there it goes before all others, here its calls count as so many minutes older"
        in told
    )
    assert "queues.conf:10: announce-position = yes: say it under 'announce' of the queue" in told
    assert not any("reboot" in one for one in told)


def test_given_what_was_imported_when_checked_then_nothing_is_wrong(tmp_path: Path) -> None:
    folder, _ = council(tmp_path)
    assert [str(one) for one in look_over(find_folder(folder)) if one.level == ERROR] == []


def test_given_a_loop_without_end_when_imported_then_a_person_answers(tmp_path: Path) -> None:
    folder, left = council(tmp_path, "[x]\nexten => 03069990081,1,Goto(x,03069990081,1)\n")
    assert any("goes round for ever" in one.why for one in left)
    _, story = Exchange.of(find_folder(folder)).call(Script(number="03069990081", at=datetime(2026, 1, 5, tzinfo=UTC)))
    assert story.queue == "eastvale.bins"


@pytest.mark.parametrize("data", [b"\0\0", b"", b"[a]\nexten => s,1,Answer()\n"])
def test_given_nothing_to_import_when_imported_then_it_is_told(data: bytes) -> None:
    with pytest.raises(BadInput):
        imported("x", {"extensions.conf": data}, None, [])


# "Unable to register extension 's' priority 1 in 'x', already in use" (Asterisk's pbx_config): the first one holds.
def test_given_a_priority_twice_when_imported_then_the_first_holds_and_the_other_is_told(tmp_path: Path) -> None:
    twice = "[x]\nexten => 03069990081,1,Queue(bins)\nexten => 03069990081,1,Queue(Housing Repairs)\n"
    folder, left = council(tmp_path, twice)
    assert "extensions.conf:3: priority 1 of this extension stands twice: Asterisk keeps the first" in map(str, left)
    _, story = Exchange.of(find_folder(folder)).call(Script(number="03069990081", at=datetime(2026, 1, 5, tzinfo=UTC)))
    assert story.queue == "eastvale.bins"


# Bad input: whatever the files hold, an error of ours or a result, and never anything else.
PIECES = ["[a]", "[b](!)", "[c](b)", "exten => 03069990081,1,", "same => n,", "exten => s,n(x),", "Goto(", "s,1)",
          "Background(w)", "WaitExten(", "Queue(q)", "GotoIfTime(", "09:00-17:00,mon-fri,*,*?", ";--", "--;", "\\;",
          "x)", ")", "(", ",", '"', "é", "\n", "#exec /bin/x\n", "${EXTEN}", "t", "i"]  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=40), queues=st.text(max_size=80))
def test_given_any_text_when_imported_then_there_is_a_result_or_an_error_of_ours(
    pieces: list[str], queues: str
) -> None:
    code = None
    try:
        imported("x", {"extensions.conf": "".join(pieces).encode(), "queues.conf": queues.encode()}, None, [])
    except BadInput as error:
        code = error.code
    assert code in {None, "no_numbers", "no_conf", "bad_number"}


# Found in use: a pattern of numbers went without a word, and a trunk named in [globals] was taken for a phone.
def test_given_what_no_number_leads_to_when_imported_then_it_is_told_and_globals_are_put(tmp_path: Path) -> None:
    dialplan = DIALPLAN.replace("PJSIP/01632960001@trunk", "${TRUNK}/01632960001").replace(
        "[from-trunk]", "[globals]\nTRUNK=PJSIP/carrier\n[from-trunk]\nexten => _0306999009X,1,Goto(ivr-main,s,1)"
    )
    folder, left = council(tmp_path, dialplan)
    told = [one.why for one in left if "no number leads here" in one.why]
    assert [why.partition(":")[0] for why in told] == ["[from-trunk] _0306999009X"]
    assert Exchange.of(find_folder(folder)).plans.tenants[0].transfer_to
