"""An AMI peer for whoever links to one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.ami_peer import AmiPeer


@pytest.fixture
async def peer() -> AsyncIterator[AmiPeer]:
    """A peer that listens, and does what the test says."""
    a_peer = AmiPeer()
    await a_peer.start()
    yield a_peer
    await a_peer.stop()
