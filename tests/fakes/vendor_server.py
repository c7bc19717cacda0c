"""A local server of the vendor's protocol: says what it was told to say, or misbehaves as it was told to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

KEY = "not-a-real-key"


class VendorServer:
    """``says``: words with their confidence. ``mood``: "" well, "silent", "error", "full", "leaves", "nonsense"."""

    def __init__(self) -> None:
        self.says: list[tuple[str, float]] = []
        self.mood = ""
        #: Bytes of sound of the last session.
        self.heard = 0
        self.url = ""

    async def session(self, peer: ServerConnection) -> None:
        """One session of the protocol."""
        assert peer.request is not None
        assert peer.request.headers["Authorization"] == f"Bearer {KEY}"
        start = json.loads(await peer.recv())
        assert start["audio_format"] == {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 8000}
        if self.mood in {"error", "full"}:
            await _send(peer, message="Error", type="quota_exceeded" if self.mood == "full" else "not_authorised")
            return
        if self.mood == "nonsense":
            await peer.send("[1, 2")
            return
        await _send(peer, message="RecognitionStarted", id="1")
        self.heard = 0
        async for message in peer:
            if isinstance(message, bytes):
                self.heard += len(message)
                await _send(peer, message="AudioAdded", seq_no=1)
            elif self.mood == "leaves":
                return
            elif self.mood != "silent":
                results = [_word(word, confidence) for word, confidence in self.says]
                await _send(peer, message="AddTranscript", metadata={"transcript": "…"}, results=results)
                await _send(peer, message="EndOfTranscript")


def _word(word: str, confidence: float) -> dict[str, Any]:
    return {"type": "word", "alternatives": [{"content": word, "confidence": confidence}]}


async def _send(peer: ServerConnection, **message: object) -> None:
    await peer.send(json.dumps(message))


@asynccontextmanager
async def vendor_server() -> AsyncIterator[VendorServer]:
    """A running one."""
    vendor = VendorServer()
    async with serve(vendor.session, "127.0.0.1", 0) as server:
        vendor.url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        yield vendor
