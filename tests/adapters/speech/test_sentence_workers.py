"""Models of sentences in processes: the same vectors as in ours, and no caller lost when one of them dies."""

from __future__ import annotations

import asyncio
import os
import signal

import numpy as np
import pytest

from adapters.speech.sentence_vectors import SentenceVectors
from adapters.speech.sentence_workers import SentenceWorkers
from guildhall.settings import Settings
from guildhall.speech_models import model_files
from ivr.steering.understand import understanding
from kernel.hearing import EngineFailed
from kernel.steering import Intent, SteeringBook
from lab.service import eventually

pytestmark = [
    pytest.mark.wire,
    pytest.mark.skipif(bool(model_files(Settings()).missing(["minilm-l6-int8"])), reason="the model is not here"),
]

BOOK = SteeringBook(
    intents={
        "bins": Intent(id="bins", says="bins", phrases=("my bin was not emptied", "the bin men missed us", "rubbish")),
        "flood": Intent(id="flood", says="flood", phrases=("my house is flooding", "the river is up", "flood water")),
    }
)


# issue 5: "one model a process"; law 5 of the house: what is away is done without.
async def test_given_a_model_in_a_process_when_it_dies_then_the_letters_still_understand_and_it_comes_back() -> None:
    files = model_files(Settings())
    workers = SentenceWorkers(files, models=("minilm-l6-int8", "no-such-model"))
    models, missing = await workers.start()
    try:
        assert len(missing) == 1
        here = SentenceVectors(files.open("minilm-l6-int8"))
        sentences = [f"{number} bins were missed in our road" for number in range(20)]
        there = await asyncio.to_thread(models["minilm-l6-int8"], sentences)
        assert np.allclose(there, here(sentences), atol=1e-5)
        taught = await asyncio.to_thread(understanding, BOOK, dict(models))
        pool = workers.pools["minilm-l6-int8"]
        (pid,) = pool.pids.values()
        os.kill(pid, signal.SIGKILL)
        await eventually(lambda: not pool.is_up)
        with pytest.raises(EngineFailed):
            await asyncio.to_thread(models["minilm-l6-int8"], sentences)
        found = await asyncio.to_thread(taught.explain, "the bin men missed our road")
        assert found.meaning.guesses[0].intent == "bins"
        await eventually(lambda: pool.is_up and pid not in pool.pids.values(), 20)
        assert len(await asyncio.to_thread(models["minilm-l6-int8"], ["back"])) == 1
    finally:
        await workers.stop()
