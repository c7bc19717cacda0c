"""How well callers are heard: word errors through the telephone, clean and in noise, by each engine and by both."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from adapters.speech.engines import ENGINES
from adapters.speech.joined import joined
from adapters.speech.silero import Silero
from bench.measurement import Figure, Measurement, Result, Table
from bench.progress import Progress
from bench.speech_sets import Clip, Sentences, commands, folder
from bench.transcripts import found, word_error_rate
from guildhall.settings import Settings
from guildhall.speech_models import model_files
from guildhall.speech_wiring import MODELS, SURE
from ivr.listening import MARGIN_S
from kernel.errors import BadInput
from kernel.hearing import Reading

FIRST, SECOND = "moonshine", "whisper"
BOTH = "moonshine, unsure: whisper too"
_EVERY_QUICK = 8
#: Issue 5's aims.
AIMS = {"clean": 4.6, "20 dB": 16.0}
_RECALL_AIM = 0.93


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What each engine made of a clip, and the seconds of processor time it took."""

    clip: Clip
    readings: dict[str, Sequence[Reading]]
    seconds: dict[str, float]

    @property
    def asked_second(self) -> bool:
        """Whether the second engine would have been asked."""
        first = self.readings[FIRST]
        return not first or first[0].confidence < SURE

    def text(self, who: str) -> str:
        """The words by one engine, or by both."""
        readings = self.readings.get(who)
        if readings is None:
            readings = self.readings[FIRST]
            if self.asked_second:
                _, readings = joined(FIRST, readings, SECOND, self.readings[SECOND])
        return readings[0].text if readings else ""


class _Engines:
    def __init__(self) -> None:
        models = model_files(Settings())
        self._engines = {name: ENGINES[name](models.open(model)) for name, model in MODELS.items()}
        self._detector = Silero(models.open("silero-vad") / "silero_vad.onnx")

    def hear(self, clips: Iterable[Clip], progress: Progress, what: str) -> list[Heard]:
        """Cut to the speech, as a call is, and read by each engine."""
        heard = []
        for number, clip in enumerate(clips):
            speech = self._detector.speech_span(clip.pcm, MARGIN_S)
            readings: dict[str, Sequence[Reading]] = {}
            seconds = {}
            for name, engine in self._engines.items():
                began = time.process_time()
                readings[name] = engine.read(speech) if speech else ()
                seconds[name] = time.process_time() - began
            heard.append(Heard(clip=clip, readings=readings, seconds=seconds))
            progress.at(number, number + 1, what)
        return heard


def run(quick: bool, progress: Progress) -> Result:  # noqa: FBT001 - the bench's interface
    """Measure. Raises ``NoModel`` when a model is not there; without recordings it says so."""
    try:
        place = folder()
    except BadInput as error:
        return Result(tables=(), notes=(f"Not measured: {error.message}.",))
    every = _EVERY_QUICK if quick else 1
    engines, sentences = _Engines(), Sentences(place, every)
    conditions: dict[str, float | None] = {"clean": None, "20 dB": 20.0}
    heard = {name: engines.hear(sentences.clips(snr), progress, name) for name, snr in conditions.items()}
    orders = engines.hear(commands(place, every), progress, "commands")
    who = (FIRST, SECOND, BOTH)
    figures: dict[str, Figure] = {}
    for name, found_here in heard.items():
        for one in who:
            figures[f"wer_{name}_{one}"] = round(_wer(found_here, one), 2)
    for one in who:
        figures[f"recall_{one}"] = round(_recall(orders, one), 3)
        figures[f"empty_{one}"] = sum(not one_heard.text(one) for one_heard in orders)
    tables = (_errors_table(heard, who), _orders_table(orders, who), _cost_table([*heard["clean"], *orders]))
    asked = [one for found_here in heard.values() for one in found_here]
    share = sum(one.asked_second for one in asked) / max(1, len(asked))
    figures["second_asked_share"] = round(share, 3)
    note = (
        f"Each clip is cut to its speech and {MARGIN_S} s around it. The second engine is asked below a confidence of"
        f" {SURE}: {share:.0%} of the sentences. Aims: {AIMS['clean']} % clean, {AIMS['20 dB']} % at 20 dB, recall"
        f" {_RECALL_AIM}, nothing empty."
    )
    return Result(tables=tables, notes=(note,), figures=figures)


def _wer(heard: Sequence[Heard], who: str) -> float:
    return word_error_rate((one.clip.said[0], one.text(who)) for one in heard)


def _recall(heard: Sequence[Heard], who: str) -> float:
    counts = [found(one.clip.said, one.text(who)) for one in heard]
    return sum(right for right, _ in counts) / max(1, sum(count for _, count in counts))


def _errors_table(heard: dict[str, list[Heard]], who: Sequence[str]) -> Table:
    rows: list[tuple[Figure, ...]] = [(one, *(_wer(found_here, one) for found_here in heard.values())) for one in who]
    for label, part in (("kitchen only", 0), ("talkers only", 1)):
        cells = [None if name == "clean" else _wer(found_here[part::2], BOTH) for name, found_here in heard.items()]
        rows.append((f"{BOTH}, {label}", *cells))
    count = len(heard["clean"])
    return Table(
        title=f"Word errors, %, {count} read sentences through the telephone (A-law, 300-3400 Hz)",
        headings=("engine", *heard),
        rows=tuple(rows),
    )


def _orders_table(orders: Sequence[Heard], who: Sequence[str]) -> Table:
    rows = [(one, _recall(orders, one), sum(not heard.text(one) for heard in orders)) for one in who]
    return Table(
        title=f"{len(orders)} raw recordings of people who order",
        headings=("engine", "slot words found", "empty"),
        rows=tuple(rows),
    )


def _cost_table(heard: Sequence[Heard]) -> Table:
    spoken = sum(len(one.clip.pcm) for one in heard) / 16000
    rows = [(name, sum(one.seconds[name] for one in heard) / max(0.001, spoken)) for name in (FIRST, SECOND)]
    return Table(title="Processor seconds for a second of recording", headings=("engine", "seconds"), rows=tuple(rows))


MEASUREMENT = Measurement(
    name="speech",
    tells="word errors through the telephone, of each engine and of both",
    takes="13 min; needs recordings, see GUILDHALL_SPEECH_DATA",
    run=run,
)
