"""What must be true of recordings that went all their way."""

from __future__ import annotations

from kernel.recording import Part, Piece, Recording, RecordingState, Wanted
from tests.fakes.recordings_bench import RecordingsBench

ALL = Wanted(councils=None, states=frozenset(RecordingState))


async def only(bench: RecordingsBench) -> Recording:
    [found] = await bench.catalogue.find(ALL)
    return found


async def verified(bench: RecordingsBench) -> None:
    """Every recording is filed once, its seal is whole and the catalogue's, its originals are gone."""
    for one in await bench.catalogue.find(ALL):
        sealed = bench.vault.check(Piece(recording=one.id, part=Part.AUDIO))
        assert (one.state, one.sha256, one.size) == (RecordingState.FILED, sealed.sha256, sealed.size)
        assert bench.vault.size(Piece(recording=one.id, part=Part.PEAKS)) > 0
    assert (await bench.catalogue.verify()).broken is None
    assert not list(bench.audio.iterdir())
