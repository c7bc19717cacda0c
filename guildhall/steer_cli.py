"""The commands of steering: say, train, evaluate; what a council's phrases make of words, and how good that is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from guildhall import hear_cli, steer_loop_cli
from guildhall.settings import Settings
from guildhall.steer_evaluation import check_intents, judge, judge_lesson, report_lines
from guildhall.steer_meaning import as_dict, councils, lines, taught_council, tell
from guildhall.steer_sentences import Found, few_shots, read_sentences
from guildhall.steer_sounds import Line, Sounds, heard_in
from guildhall.steering_models import Models, forget, taught, there
from ivr.steering.classify import Lesson
from ivr.steering.evaluate import Report
from ivr.steering.picture import confusion_svg
from kernel.errors import BadInput
from kernel.schema import did_you_mean

steer_app = typer.Typer(no_args_is_help=True, help="What callers say: its meaning, and how well it is understood.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
Council = Annotated[str | None, typer.Option(help="The council whose phrases count; default: the first one.")]


def register(app: typer.Typer) -> None:
    """Put the commands onto the command line."""
    hear_cli.register(steer_app)
    steer_loop_cli.register(steer_app)
    app.add_typer(steer_app, name="steer")


@steer_app.command()
def say(
    words: Annotated[str, typer.Argument(help="What the caller says, as text.")],
    *,
    council: Council = None,
    as_json: Json = False,
) -> None:
    """Say what is made of a caller's words: intent, confidence, runner-up, urgency, and why."""
    settings = Settings()
    understood = taught_council(settings, councils(settings, council)[0], Models.load(settings))
    found = understood.why(understood.explain(words))
    typer.echo(json.dumps(as_dict(found), indent=1) if as_json else "\n".join(lines(found)))


@steer_app.command()
def train(*, council: Council = None) -> None:
    """Learn the councils' phrases anew; say where the model lies and how it does on phrases it had not seen."""
    settings, models = Settings(), Models.load(Settings())
    for one in councils(settings, council):
        if one.steering is None:
            continue
        path = forget(settings, one.steering, models)
        made = taught(settings, one.id, one.steering, models, tell)
        figures = made.classifier.figures
        typer.echo(f"{one.id}: {models.told()}")
        typer.echo(
            f"  phrases left out in turn: {figures.accuracy:.1%} right, out-of-scope AUROC {figures.auroc:.3f},"
            f" calibration error {figures.calibration_error:.3f}"
        )
        typer.echo(f"  kept in {path}")


@steer_app.command()
def evaluate(  # noqa: PLR0913 - what is judged, by which lesson, through which line, how it is told
    path: Annotated[Path, typer.Argument(help="A CSV with the header text,intent or file,intent; or a folder.")],
    *,
    council: Council = None,
    telephone: Annotated[
        bool, typer.Option("--telephone", help="Send sound files through a telephone: 300-3400 Hz, A-law.")
    ] = False,
    noise: Annotated[
        float | None, typer.Option(min=-10, max=60, help="The same, with noise so many dB below the talker.")
    ] = None,
    lesson: Annotated[
        Path | None, typer.Option("--train", help="Learn from this CSV instead of a council's phrases.")
    ] = None,
    shots: Annotated[int | None, typer.Option(min=1, help="With --train: so many sentences an intent, drawn.")] = None,
    seeds: Annotated[int, typer.Option(min=1, max=20, help="With --shots: so many draws, averaged.")] = 3,
    picture: Annotated[Path | None, typer.Option(help="Write the confusion matrix here, as SVG.")] = None,
    wrong: Annotated[bool, typer.Option("--wrong", help="Print the sentences that were understood wrongly.")] = False,
    as_json: Json = False,
) -> None:
    """Judge steering by sentences or sound files whose intent is known; an empty intent is out of scope."""
    settings, found = Settings(), read_sentences(path)
    lessons = _lessons(found, lesson, shots, seeds)
    one = None if lessons else councils(settings, council)[0]
    if one is not None:
        # Before the recordings are heard: that takes minutes.
        check_intents(there(one.id, one.steering), found.places)
    heard = heard_in(settings, Sounds(found.sounds, Line(telephone=telephone, noise_db=noise)), tell)
    said = [((text,), intent) for text, intent in found.texts] + heard
    # Only now: the recognisers are gone, and four models at once were a gigabyte.
    models = Models.load(settings)
    taught_by = [judge(taught_council(settings, one, models), said, tell)] if one else []
    reports = taught_by or [judge_lesson(it, said, models) for it in lessons]
    report = mean_of(reports)
    if picture is not None:
        picture.write_text(confusion_svg(report.labels, report.confusion, f"{path.name}"), encoding="utf-8")
    told = report.as_dict() | {"models": list(models.found), "draws": len(reports), "sound_files": len(found.sounds)}
    typer.echo(json.dumps(told, indent=1) if as_json else "\n".join([models.told(), *report_lines(report)]))
    if wrong and not as_json:
        for words, meant, guess in report.wrong:
            typer.echo(f"  {meant} -> {guess}: {words}")


def mean_of(reports: Sequence[Report]) -> Report:
    """The first one, with the accuracy of all of them averaged."""
    accuracies = [one.accuracy for one in reports if one.accuracy is not None]
    return replace(reports[0], accuracy=sum(accuracies) / len(accuracies) if accuracies else None)


def _lessons(found: Found, lesson: Path | None, shots: int | None, seeds: int) -> list[Lesson]:
    """What is learned from in place of a council's phrases. Raises ``BadInput``."""
    if not found.texts and not found.sounds:
        raise BadInput("nothing_there", "there is no sentence to judge by")
    if lesson is None:
        return []
    taught_by = read_sentences(lesson)
    for intent, place in found.places.items():
        if intent and intent not in taught_by.places:
            hint = did_you_mean(intent, [one for one in taught_by.places if one]) or f"{lesson.name} does not teach it"
            raise BadInput("unknown_intent", f"{place}: unknown intent '{intent[:40]}': {hint}")
    return [few_shots(taught_by.texts, shots, seed) for seed in range(seeds if shots is not None else 1)]
