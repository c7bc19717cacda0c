"""The bus inside the process: every subscriber hears every fact, at once and in order."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from kernel.facts import Fact

Subscriber = Callable[[Fact], None]

log = structlog.get_logger()


class MemoryBus:
    """Synchronous, for one thread. A subscriber that fails is told in the log and keeps its subscription."""

    def __init__(self) -> None:
        self._subscribers: dict[object, Subscriber] = {}

    def publish(self, fact: Fact) -> None:
        """Hand the fact to every subscriber, in the order they came. Never raises."""
        # A copy: a subscriber may subscribe or leave while it listens.
        for key, subscriber in list(self._subscribers.items()):
            if key not in self._subscribers:
                continue
            try:
                subscriber(fact)
            except Exception:
                log.exception("subscriber_failed", ev=fact.ev)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Hear every fact from now on. Call what is returned to stop; calling it twice is harmless."""
        key = object()
        self._subscribers[key] = subscriber

        def unsubscribe() -> None:
            self._subscribers.pop(key, None)

        return unsubscribe
