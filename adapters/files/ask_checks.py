"""What is wrong with the last resort of a queue, and with what callers are asked before less is required (`ask:`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from adapters.files.shapes import QueueShape
from kernel.located import ConfigError, Placed
from kernel.queues import LastResort
from kernel.schema import did_you_mean

Path = tuple[str | int, ...]


def check_questions(tree: Placed, at: int, queue: QueueShape, prompts: Collection[str] | None) -> Iterator[ConfigError]:
    """Prompts that are not there, a question that nothing follows from, a last step that never holds.

    ``prompts`` None: any will do.
    """
    here: Path = ("queues", at)
    asked = [((*here, "relaxing", number, "ask"), step.ask) for number, step in enumerate(queue.relaxing)]
    for path, ask in [*asked, ((*here, "last_resort_ask"), queue.last_resort_ask)]:
        for prompt in ask.prompts if ask is not None and prompts is not None else ():
            if prompt not in (prompts or ()):
                place, hint = tree.at((*path, "prompts")), did_you_mean(prompt, prompts or ())
                yield ConfigError(place, "unknown_prompt", f"unknown prompt '{prompt}'", hint)
    if queue.last_resort_ask is not None and queue.last_resort is not LastResort.ANY:
        message = "callers would be asked about a last resort that never comes"
        yield ConfigError(tree.at((*here, "last_resort_ask")), "bad_ask", message, "say 'last_resort: any', too")
    if _skips_the_last_step(queue):
        message = "any agent might answer from the moment the last step begins: what it requires would never count"
        hint = "say how long it holds, for instance 'last_resort_after: 60s'"
        yield ConfigError(tree.at((*here, "last_resort")), "bad_last_resort", message, hint)


def _skips_the_last_step(queue: QueueShape) -> bool:
    """Nobody means that: "any agent" must be chosen, and what is required for no second is not."""
    if queue.last_resort is not LastResort.ANY or queue.last_resort_after > 0.0 or queue.last_resort_ask is not None:
        return False
    return not queue.relaxing or bool(queue.relaxing[-1].skills)
