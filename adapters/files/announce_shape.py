"""``announce:`` in `queues.yaml`: what callers hear while they wait."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated

from pydantic import Field

from kernel.located import ConfigError, Placed
from kernel.queues import Announcements
from kernel.schema import Duration, Id, Schema, YesNo, did_you_mean


class AnnounceShape(Schema):
    """Announcements of one queue."""

    first_after: Annotated[Duration, Field(ge=1, le=600)] = 15.0
    every: Annotated[Duration, Field(ge=5, le=600)] = 45.0
    position: YesNo = False
    expected_wait: YesNo = False
    comfort: Annotated[tuple[Id, ...], Field(max_length=10)] = ()


def announce_meant(shape: AnnounceShape | None) -> Announcements | None:
    """The same in the house's own words."""
    if shape is None:
        return None
    return Announcements(
        first_after_s=shape.first_after,
        every_s=shape.every,
        position=shape.position,
        expected_wait=shape.expected_wait,
        comfort=shape.comfort,
    )


def check_announce(
    tree: Placed, at: int, shape: AnnounceShape | None, prompts: Collection[str]
) -> Iterator[ConfigError]:
    """What is wrong with them: prompts that are not there, or nothing to say."""
    if shape is None:
        return
    if not (shape.position or shape.expected_wait or shape.comfort):
        hint = "say position: yes, expected_wait: yes or comfort: [a_prompt]"
        yield ConfigError(tree.at(("queues", at, "announce")), "nothing_said", "nothing would be announced", hint)
    for prompt in shape.comfort:
        if prompt not in prompts:
            place = tree.at(("queues", at, "announce", "comfort"))
            yield ConfigError(place, "unknown_prompt", f"unknown prompt '{prompt}'", did_you_mean(prompt, prompts))
