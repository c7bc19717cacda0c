"""``guildhall voicemail``: who may list, hear and delete the messages callers left."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.store.audit_log import SqlAuditLog
from adapters.store.engine import migrate, open_engine
from adapters.store.fact_store import FactStore
from guildhall.cli import app
from guildhall.settings import Settings
from kernel.errors import BadInput, Refused
from kernel.facts import MessageLeft
from kernel.ids import ContactId, TenantId

pytestmark = pytest.mark.shell

NAME = "c1764000000-12-1764000050"


@pytest.fixture
def messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service's state with one message of Northmere."""
    monkeypatch.setenv("GUILDHALL_VAR", str(tmp_path))
    folder = tmp_path / "pbx/spool/voicemail"
    folder.mkdir(parents=True)
    with wave.open(str(folder / f"{NAME}.wav"), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(32000))
    asyncio.run(_told())
    return folder


async def _told() -> None:
    settings = Settings()
    await migrate(settings.store_url)
    database = open_engine(settings.store_url)
    store = FactStore(database)
    running = asyncio.get_running_loop().create_task(store.run())
    import time  # noqa: PLC0415 - the one thing here that needs the day of today

    store.put(
        MessageLeft(
            t=time.time() - 60,
            call=ContactId("c1764000000-12"),
            council=TenantId("northmere"),
            box="night",
            seconds=2.0,
            name=NAME,
        )
    )
    await store.flush()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await database.dispose()


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["voicemail", *arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_given_a_message_when_listed_then_councils_and_roles_decide_who_sees_it(messages: Path) -> None:
    assert messages.is_dir()
    assert NAME in run("list")
    assert NAME in run("list", "--role", "supervisor", "--council", "northmere")
    assert "0 messages" in run("list", "--council", "harbourside")
    for role in ("agent", "engineer"):
        with pytest.raises(Refused):
            run("list", "--role", role)


# V07: every play in the audit log; V06: a name is an id and nothing else.
def test_given_a_message_when_heard_and_deleted_then_both_are_in_the_audit_log(messages: Path, tmp_path: Path) -> None:
    out = tmp_path / "heard.wav"
    assert "2.0 s" in run("hear", NAME, "--out", str(out))
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_bytes() == (messages / f"{NAME}.wav").read_bytes()
    with pytest.raises(Refused):
        run("delete", NAME, "--role", "supervisor")
    for wrong in ("../../../etc/passwd", "c1-1"):
        with pytest.raises(BadInput):
            run("hear", wrong, "--out", str(tmp_path / "no.wav"))
    assert run("delete", NAME) == "deleted\n"
    assert not list(messages.iterdir())
    assert asyncio.run(_audited()) == ["message_listen", "message_delete"]


async def _audited() -> list[str]:
    database = open_engine(Settings().store_url)
    try:
        return [line["action"] for line in await SqlAuditLog(database).lines()]
    finally:
        await database.dispose()
