"""The generated part of Asterisk's configuration: what it says, who may read it, and what may not get into it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.asterisk.pbx_conf import AMI_EVENTS, PbxSettings, write_conf
from guildhall.settings import Settings
from kernel.agent import AgentProfile
from kernel.errors import BadInput
from kernel.ids import AgentId, QueueId, TenantId
from kernel.number import Dialled
from kernel.tenant import CouncilNumber, Tenant

pytestmark = pytest.mark.unit

NORTHMERE = TenantId("northmere")
PASSWORD = "p" * 32
SETTINGS = PbxSettings(
    bind="127.0.0.1",
    sip_port=5060,
    ami_port=5038,
    agi_port=4573,
    rtp_from=10000,
    rtp_to=11999,
    ami_user="guildhall",
    ami_secret="s" * 32,
    agi_token="t" * 32,
    trunk_from=("127.0.0.2", "127.0.0.3"),
)
AGENT = AgentProfile(
    id=AgentId("northmere-a001"),
    tenant=NORTHMERE,
    name="Nia Fenwick",
    sip_user="a001",
    queues=(QueueId("northmere.waste"),),
    skills={"waste": 3},
    councils=(NORTHMERE,),
)
TENANT = Tenant(
    id=NORTHMERE,
    name="Northmere County Council",
    languages=("en",),
    numbers=(
        CouncilNumber(number=Dialled("03069990001"), tenant=NORTHMERE, flow="main"),
        CouncilNumber(number=Dialled("03069990002"), tenant=NORTHMERE, queue=QueueId("northmere.waste")),
    ),
    default_queue=QueueId("northmere.general"),
)
SOUND = "/srv/guildhall/sounds/northmere/en/opening"
#: Each begins a comment, a section, a template, an expression, a new line, or a second value.
SYNTAX = ["a;b", "a[b", "a]b", "${SHELL(id)}", "a\nb", "a\r\n[x]", "a,b", 'a"b', "a\\b", "a\x00b", "a\u2028b"]


def write(  # noqa: PLR0913 - one argument a thing that can be wrong
    folder: Path,
    *,
    settings: PbxSettings = SETTINGS,
    agent: AgentProfile = AGENT,
    tenant: Tenant = TENANT,
    password: str = PASSWORD,
    opening: str = SOUND,
) -> dict[str, str]:
    write_conf(
        folder,
        settings,
        tenants=[tenant],
        agents=[agent],
        passwords={agent.sip_user: password},
        opening={tenant.id: opening},
        sorry={},
        owner=None,
    )
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


# Issue 2: every secret in a file of mode 0600.
def test_given_a_council_when_written_then_seven_files_for_their_owner_only(tmp_path: Path) -> None:
    written = write(tmp_path / "generated")
    assert sorted(written) == [
        *("globals.conf", "manager.conf", "numbers.conf", "pjsip.conf", "queues.conf", "rtp.conf", "static.conf")
    ]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "generated").iterdir()} == {0o600}


def test_given_files_of_an_earlier_start_when_written_again_then_replaced_and_closed(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "pjsip.conf").chmod(0o644)
    (tmp_path / "pjsip.conf").write_text("old")
    assert "old" not in write(tmp_path)["pjsip.conf"]
    assert (tmp_path / "pjsip.conf").stat().st_mode & 0o777 == 0o600


# Issue 2, 6 and SECURITY V02: least AMI classes, loopback only, events filtered.
def test_given_the_manager_when_written_then_least_classes_and_loopback_only(tmp_path: Path) -> None:
    manager = write(tmp_path)["manager.conf"].splitlines()
    assert "write = call,originate" in manager
    assert "read = call,user,agent,system" in manager
    assert "permit = 127.0.0.1/255.255.255.255" in manager
    assert [line for line in manager if line.startswith("eventfilter")] == [
        f"eventfilter(name({name})) =" for name in AMI_EVENTS
    ]
    # Two thirds of all events, and they carry what callers dial and say.
    assert not {"VarSet", "Newexten", "DTMFBegin", "DTMFEnd"} & set(AMI_EVENTS)


def test_given_numbers_when_written_then_a_direct_one_names_its_queue(tmp_path: Path) -> None:
    menu, direct = write(tmp_path)["numbers.conf"].split("exten => ")[1:]
    assert menu.startswith("03069990001,1,Set(GH_TENANT=northmere)")
    assert "GH_DIRECT" not in menu
    assert " same => n,Set(GH_DIRECT=northmere.waste)\n" in direct
    assert f"Set(GH_OPENING={SOUND})" in menu


def test_given_trunk_addresses_when_written_then_each_identifies_the_trunk(tmp_path: Path) -> None:
    pjsip = write(tmp_path)["pjsip.conf"]
    assert "match=127.0.0.2\nmatch=127.0.0.3\n" in pjsip
    assert f"[a001](agent-auth)\nusername=a001\npassword={PASSWORD}\n" in pjsip


# SECURITY V03: no value ever becomes syntax.
@pytest.mark.parametrize("text", SYNTAX)
def test_given_syntax_in_a_value_when_written_then_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    attempts: tuple[Callable[[], object], ...] = (
        lambda: write(tmp_path, password=text),
        lambda: write(tmp_path, opening=text),
        lambda: write(tmp_path, settings=dataclasses.replace(SETTINGS, ami_secret=text)),
        lambda: write(tmp_path, settings=dataclasses.replace(SETTINGS, ami_user=text)),
        lambda: write(tmp_path, settings=dataclasses.replace(SETTINGS, agi_token=text)),
        lambda: write(tmp_path, settings=dataclasses.replace(SETTINGS, bind=text)),
        lambda: write(tmp_path, settings=dataclasses.replace(SETTINGS, trunk_from=("127.0.0.2", text))),
        lambda: write(tmp_path, agent=dataclasses.replace(AGENT, sip_user=text)),
        lambda: write(tmp_path, tenant=dataclasses.replace(TENANT, id=TenantId(text))),
        lambda: write(tmp_path, tenant=dataclasses.replace(TENANT, default_queue=QueueId(text))),
    )
    for wrong in attempts:
        with pytest.raises(BadInput) as caught:
            wrong()
        assert text not in str(caught.value)


@pytest.mark.parametrize("number", ["03069990001,1,System(id)", "0306 999", "300&PJSIP/x", "", "0" * 33, "_X."])
def test_given_a_number_that_is_none_when_written_then_refused(tmp_path: Path, number: str) -> None:
    numbers = (CouncilNumber(number=Dialled(number), tenant=NORTHMERE, flow="main"),)
    with pytest.raises(BadInput):
        write(tmp_path, tenant=dataclasses.replace(TENANT, numbers=numbers))


# A SIP user named like a section of ours would have its lines merged into it: an agent "trunk" would get a say in it.
@pytest.mark.parametrize("user", ["trunk", "trunk-id", "udp", "global", "system", "agent-endpoint", "trunk-endpoint"])
def test_given_a_sip_user_named_like_a_section_of_ours_when_written_then_refused(tmp_path: Path, user: str) -> None:
    with pytest.raises(BadInput, match="SIP user"):
        write(tmp_path, agent=dataclasses.replace(AGENT, sip_user=user))


# C52: "not-ready <= 5 s", also where an agent talks; and one lost packet, or two, is no lost phone (RFC 3261 §17.1.2.2:
# T1 is 0.5 s, doubled each time). What it takes in fact: `python -m bench lost_phone`.
def test_c52_given_the_phones_when_asked_whether_they_live_then_known_in_five_seconds_and_not_by_one_lost_packet() -> (
    None
):
    conf = (Path(__file__).parents[3] / "asterisk_conf" / "pjsip.conf").read_text(encoding="utf-8")
    asked = dict(line.split("=") for line in conf.splitlines() if line.startswith("qualify_"))
    every_s, patience_s = float(asked["qualify_frequency"]), float(asked["qualify_timeout"])
    assert every_s + patience_s + Settings().phone_gone_s <= 4.7
    sent_at, t1 = [0.0], 0.5
    while sent_at[-1] + t1 < patience_s:
        sent_at.append(sent_at[-1] + t1)
        t1 *= 2
    # And time for the answer to the last of them.
    assert len(sent_at) == 3
    assert patience_s - sent_at[-1] >= 0.3 - 1e-9
    assert "timer_t1" not in conf
