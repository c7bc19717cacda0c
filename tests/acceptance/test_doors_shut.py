"""What starts nothing at the command line, or only once: two at the same time, an open secret, a wrong setting."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fakes.doors import alive, kept_by, pids, sentence
from tests.fakes.service import Service, eventually

pytestmark = pytest.mark.acceptance


# Two people type `make up` in the same checkout: one service comes of it.
async def test_given_two_ups_at_once_when_both_are_done_then_one_keeper_and_both_say_yes(neighbour: Service) -> None:
    with ThreadPoolExecutor(2) as both:
        done = list(both.map(lambda _: neighbour.run("up", check=False), range(2)))
    assert [one.returncode for one in done] == [0, 0], [one.stderr for one in done]
    assert kept_by(neighbour) == [neighbour.pid("keeper")]
    # The keeper was killed: what it kept is still ours, and `down` ends it.
    left = pids(neighbour)
    os.kill(left["keeper"], signal.SIGKILL)
    assert neighbour.run("down").stdout == "Stopped.\n"
    await eventually(lambda: not any(map(alive, left.values())))


def test_given_a_secret_others_can_read_when_upped_then_refused_with_what_to_do(neighbour: Service) -> None:
    folder = neighbour.settings.secrets
    folder.mkdir(parents=True, mode=0o700)
    (folder / "a001").write_text("a-password-that-is-long-enough\n")
    (folder / "a001").chmod(0o644)
    said = sentence(neighbour.run("up", check=False))
    assert f"{folder / 'a001'} can be read by others" in said
    assert "chmod 600" in said
    assert "long-enough" not in said
    assert not kept_by(neighbour)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("SIP_PORT", "many", "GUILDHALL_SIP_PORT"),
        ("TRUNK_FROM", "127.0.0.2", "GUILDHALL_TRUNK_FROM"),
        ("DIALPLANS", "/nowhere", "nowhere:1: "),
        ("CACHE", "/nowhere", "make setup"),
        ("TRUNK_FROM", '["127.0.0.2\\nmatch=0.0.0.0/0"]', "syntax"),
    ],
)
def test_given_a_wrong_setting_when_upped_then_a_sentence_and_nothing_started(
    neighbour: Service, setting: str, value: str, said: str
) -> None:
    neighbour.environment[f"GUILDHALL_{setting}"] = value
    assert said in sentence(neighbour.run("up", check=False))
    assert not kept_by(neighbour)
    neighbour.environment.pop(f"GUILDHALL_{setting}")
