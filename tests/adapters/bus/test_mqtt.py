"""Facts to a real mosquitto that is killed in between: all arrive, in order."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from aiomqtt import Client, MqttError

from adapters.bus.mqtt import MqttPublisher, MqttSettings
from adapters.store.engine import migrate, open_engine
from adapters.store.fact_store import FactStore
from adapters.store.outbox import SqlOutbox
from kernel.errors import BadInput
from kernel.facts import FlowStepped
from kernel.ids import ContactId
from tests.fakes.mosquitto import Mosquitto, mosquitto

pytestmark = pytest.mark.integration


class Listener:
    """What a subscriber has received, over all its connections."""

    def __init__(self, broker: Mosquitto) -> None:
        self._broker = broker
        self.steps: list[int] = []
        self.topics: set[str] = set()
        self.listening = False

    async def run(self) -> None:
        while True:
            with contextlib.suppress(MqttError):
                # A lasting session: what is published while we are cut off, but the broker is not, is kept for us.
                async with Client(
                    "127.0.0.1",
                    self._broker.port,
                    username=self._broker.user,
                    password=self._broker.password,
                    identifier="listener",
                    clean_session=False,
                ) as client:
                    await client.subscribe("guildhall/#", qos=1)
                    self.listening = True
                    async for message in client.messages:
                        self.topics.add(str(message.topic))
                        assert isinstance(message.payload, bytes)
                        self.steps.append(int(json.loads(message.payload)["step"]))
            self.listening = False
            await asyncio.sleep(0.02)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path) as running:
        yield running


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[tuple[FactStore, SqlOutbox]]:
    url = f"sqlite+aiosqlite:///{tmp_path}/facts.db"
    await migrate(url)
    engine = open_engine(url)
    yield FactStore(engine, spill=tmp_path / "spill.jsonl"), SqlOutbox(engine)
    await engine.dispose()


def settings(broker: Mosquitto) -> MqttSettings:
    return MqttSettings(host="127.0.0.1", port=broker.port, user=broker.user, password=broker.password)


async def put(store: FactStore, numbers: range) -> None:
    for number in numbers:
        store.put(FlowStepped(t=float(number), call=ContactId("c1-1"), flow="f", step=str(number)))
    await store.flush()


async def until(holds: Callable[[], bool], within_s: float = 30.0) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def going(*runs: Callable[[], object]) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(run()) for run in runs]  # type: ignore[call-overload]  # coroutine functions
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


# "Own outbox so that nothing is lost while the broker is away": at least once, and in order.
async def test_given_a_broker_killed_in_between_when_it_is_back_then_all_facts_arrive_in_order(
    broker: Mosquitto, store: tuple[FactStore, SqlOutbox]
) -> None:
    facts, outbox = store
    publisher, listener = MqttPublisher(settings(broker), outbox, poll_s=0.02), Listener(broker)
    async with going(listener.run):
        await until(lambda: listener.listening)
        await put(facts, range(50))
        async with going(publisher.run):
            await until(lambda: len(listener.steps) >= 50)
            broker.kill()
            await put(facts, range(50, 250))
            await until(lambda: not publisher.connected)
            broker.start()
            # The listener first: a broker killed without a disk has forgotten its session.
            await until(lambda: listener.listening)
            await until(lambda: bool(listener.steps) and listener.steps[-1] == 249)
            # The listener can be ahead of the broker's receipt; at least once means that what has none is sent again.
            async with asyncio.timeout(10):
                while await outbox.unpublished(1):  # noqa: ASYNC110 - the cursor moves in the database
                    await asyncio.sleep(0.02)
        first_seen = list(dict.fromkeys(listener.steps))
        assert first_seen == list(range(250))
        assert listener.topics == {"guildhall/all/step"}
        # A new life goes on behind the cursor, not from the beginning.
        before = len(listener.steps)
        await put(facts, range(250, 260))
        async with going(MqttPublisher(settings(broker), outbox, poll_s=0.02).run):
            await until(lambda: listener.steps[-1] == 259)
        assert listener.steps[before:] == list(range(250, 260))


async def test_given_a_wrong_password_when_publishing_then_nothing_is_lost_or_published(
    broker: Mosquitto, store: tuple[FactStore, SqlOutbox]
) -> None:
    facts, outbox = store
    await put(facts, range(3))
    wrong = MqttSettings(host="127.0.0.1", port=broker.port, user=broker.user, password="wrong")
    publisher = MqttPublisher(wrong, outbox, poll_s=0.02)
    async with going(publisher.run):
        await until(lambda: publisher.away)
    assert not publisher.connected
    assert [seq for seq, _line in await outbox.unpublished(10)] == [1, 2, 3]


# SECURITY: a client id goes into the broker's access patterns.
@pytest.mark.parametrize("client_id", ["", "a+b", "#", "guild/hall"])
def test_given_a_client_id_that_reads_as_a_topic_when_set_then_refused(client_id: str) -> None:
    with pytest.raises(BadInput):
        MqttSettings(host="127.0.0.1", client_id=client_id)


def test_given_settings_with_a_password_when_shown_then_it_is_not_there() -> None:
    assert "s3cret" not in repr(MqttSettings(host="127.0.0.1", user="u", password="s3cret"))
