"""An example of a vendor's engine: the WebSocket protocol of Speechmatics' real-time API, one session a reading.

Not part of the default set-up: sound of callers would leave the council's machine, which needs a contract and a line in
the privacy assessment (docs/dpia-template.md). It is here to show that such an engine fits the same port.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from kernel.hearing import EngineFailed, Reading, SpeechFull

#: 200 ms of 16-bit samples at 8000 a second: what the vendor's own client sends at once.
_CHUNK = 3200
_MOST_MESSAGE = 1 << 18
#: The vendor's words for "no session left".
_FULL = frozenset({"quota_exceeded", "too_many_sessions"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorSettings:
    """Where the vendor is and what we are there."""

    #: wss://… of the contract's region.
    url: str
    key: str = field(repr=False)
    #: Seconds for one reading, connecting included.
    limit_s: float = 4.0
    #: Sessions at once, by contract.
    most_sessions: int = 10


class VendorStream:
    """Meets ``ivr.hearing_ports.Reader``."""

    name = "vendor"

    def __init__(self, settings: VendorSettings) -> None:
        self._settings = settings
        self._sessions = 0

    @property
    def has_room(self) -> bool:
        """Whether the contract allows one more session."""
        return self._sessions < self._settings.most_sessions

    async def read(self, speech: bytes) -> tuple[str, Sequence[Reading]]:
        """See the port. Raises ``SpeechFull``, ``EngineFailed``."""
        if not self.has_room:
            raise SpeechFull("vendor_full", "all sessions of the vendor's contract are in use")
        self._sessions += 1
        try:
            async with asyncio.timeout(self._settings.limit_s):
                return self.name, await self._session(speech)
        except TimeoutError:
            raise EngineFailed("vendor_slow", "the vendor did not answer in time") from None
        except (OSError, WebSocketException, ValueError, KeyError, TypeError, IndexError):
            # Never the reason's text: it may repeat what was said.
            raise EngineFailed("vendor_failed", "the vendor cannot be reached or answered nonsense") from None
        finally:
            self._sessions -= 1

    async def _session(self, speech: bytes) -> Sequence[Reading]:
        headers = {"Authorization": f"Bearer {self._settings.key}"}
        async with connect(self._settings.url, additional_headers=headers, max_size=_MOST_MESSAGE) as session:
            await session.send(json.dumps(_START))
            answers = _answers(session)
            async for answer in answers:
                if answer["message"] == "RecognitionStarted":
                    break
            chunks = [speech[at : at + _CHUNK] for at in range(0, len(speech), _CHUNK)]
            for chunk in chunks:
                await session.send(chunk)
            await session.send(json.dumps({"message": "EndOfStream", "last_seq_no": len(chunks)}))
            words: list[tuple[str, float]] = []
            async for answer in answers:
                if answer["message"] == "AddTranscript":
                    words += _words(answer)
                elif answer["message"] == "EndOfTranscript":
                    break
        return _reading(words)


_START: dict[str, Any] = {
    "message": "StartRecognition",
    "audio_format": {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 8000},
    "transcription_config": {"language": "en", "output_locale": "en-GB", "max_delay": 1.0},
}


async def _answers(session: ClientConnection) -> AsyncIterator[dict[str, Any]]:
    """The vendor's messages; its ``Error`` and its silence are ours. Raises ``SpeechFull``, ``EngineFailed``."""
    async for text in session:
        answer = json.loads(text)
        if answer["message"] == "Error":
            if answer.get("type") in _FULL:
                raise SpeechFull("vendor_full", "the vendor has no session left for us")
            raise EngineFailed("vendor_refused", "the vendor refused: look at the key and the contract")
        yield answer
    raise EngineFailed("vendor_left", "the vendor ended the session before its words were complete")


def _words(answer: dict[str, Any]) -> list[tuple[str, float]]:
    best = [one["alternatives"][0] for one in answer["results"] if one["type"] == "word"]
    return [(str(one["content"]), float(one["confidence"])) for one in best]


def _reading(words: Sequence[tuple[str, float]]) -> Sequence[Reading]:
    if not words:
        return ()
    logs = [math.log(min(1.0, max(1e-3, confidence))) for _, confidence in words]
    return (Reading(text=" ".join(word for word, _ in words), confidence=math.exp(sum(logs) / len(logs))),)
