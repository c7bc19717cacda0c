"""What is wrong with the questions that waiting callers are asked before less is required (`ask:` in `queues.yaml`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from adapters.files.shapes import QueueShape
from kernel.located import ConfigError, Placed
from kernel.queues import LastResort
from kernel.schema import did_you_mean

Path = tuple[str | int, ...]


def check_questions(tree: Placed, at: int, queue: QueueShape, prompts: Collection[str] | None) -> Iterator[ConfigError]:
    """Prompts that are not there, and a question that nothing follows from. ``prompts`` None: any will do."""
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
