"""The bus outside: facts from the outbox to an MQTT broker, in order, at least once, none lost while it is away."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import structlog
from aiomqtt import Client, MqttError

from adapters.bus.topics import topic_of_line
from kernel.errors import BadInput

#: Seconds. A dead link is noticed within one and a half of these (docs/libraries.md).
_KEEPALIVE_S = 15
#: How long one PUBACK or CONNACK may take, seconds.
_PATIENCE_S = 5.0
_FIRST_RETRY_S = 0.5
_LAST_RETRY_S = 30.0
#: Facts a move of the cursor. Moving it is a commit (1 ms); after a cut at most so many are published twice.
_BATCH = 100

log = structlog.get_logger()


class Outbox(Protocol):
    """What waits for the broker, and how far it got."""

    async def unpublished(self, most: int) -> Sequence[tuple[int, dict[str, object]]]:
        """Return the oldest facts that the broker has not confirmed, with their numbers."""
        ...

    async def published(self, seq: int) -> None:
        """Remember that everything up to that number is confirmed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttSettings:
    """How to reach the broker. Raises ``BadInput`` for a client id that could be read as a topic filter."""

    host: str
    port: int = 1883
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    #: Encrypt, and check the broker's name and certificate; ``tls_ca`` is the authority's file, else the system's.
    tls: bool = False
    tls_ca: Path | None = None
    client_id: str = "guildhall"

    def __post_init__(self) -> None:
        # Brokers put the client id into ACL patterns (%c): a wildcard in it would open other topics.
        if not self.client_id or any(sign in self.client_id for sign in "+#/"):
            raise BadInput("bad_client_id", "the MQTT client id must not be empty nor hold '+', '#' or '/'")

    def tls_context(self) -> ssl.SSLContext | None:
        """Return what TLS needs, None without TLS. Raises ``OSError`` when the authority's file cannot be read."""
        if not self.tls:
            return None
        return ssl.create_default_context(cafile=None if self.tls_ca is None else str(self.tls_ca))


class MqttPublisher:
    """Publishes what the outbox holds until cancelled; the broker may come and go, the calls never notice."""

    def __init__(self, settings: MqttSettings, outbox: Outbox, *, poll_s: float = 0.2) -> None:
        self._settings = settings
        self._outbox = outbox
        self._poll_s = poll_s
        self._connected = False
        self._told = False

    @property
    def connected(self) -> bool:
        """Whether the broker is there; for the health page."""
        return self._connected

    @property
    def away(self) -> bool:
        """Whether the broker, or the database, failed and is not back yet."""
        return self._told

    async def run(self) -> None:
        """Connect, publish, and start again with growing pauses whenever broker or database is away."""
        retry_s = _FIRST_RETRY_S
        while True:
            try:
                # A new client each time: a used one still holds messages of the cut link and would send them again,
                # in front of older ones.
                async with self._client() as client:
                    self._connected, self._told, retry_s = True, False, _FIRST_RETRY_S
                    log.info("mqtt_connected")
                    await self._publish_all(client)
            except MqttError as trouble:
                self._say_away(trouble)
            except Exception as trouble:  # noqa: BLE001  # database away, whatever its driver throws
                self._say_away(trouble)
            finally:
                self._connected = False
            await asyncio.sleep(retry_s)
            retry_s = min(retry_s * 2, _LAST_RETRY_S)

    def _client(self) -> Client:
        settings = self._settings
        return Client(
            settings.host,
            settings.port,
            username=settings.user,
            password=settings.password,
            identifier=settings.client_id,
            tls_context=settings.tls_context(),
            keepalive=_KEEPALIVE_S,
            timeout=_PATIENCE_S,
        )

    async def _publish_all(self, client: Client) -> None:
        while True:
            batch = await self._outbox.unpublished(_BATCH)
            confirmed: int | None = None
            try:
                for seq, line in batch:
                    # One at a time: the next leaves when this one is confirmed, so the order holds over any cut.
                    await client.publish(topic_of_line(line), json.dumps(line), qos=1)
                    confirmed = seq
                    _heed_cancellation()
            finally:
                if confirmed is not None:
                    await self._outbox.published(confirmed)
            if not batch:
                await asyncio.sleep(self._poll_s)

    def _say_away(self, trouble: Exception) -> None:
        if not self._told:
            self._told = True
            log.warning("mqtt_away", error=type(trouble).__name__)


def _heed_cancellation() -> None:
    """Raise ``CancelledError`` when it was asked for: aiomqtt waits with wait_for(), and that may swallow it (3.11)."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
