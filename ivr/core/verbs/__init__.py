"""The flow language on one screen: every verb a step may have."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ivr.core.flow import Verb
from ivr.core.verbs.enqueue import Enqueue
from ivr.core.verbs.goto import Goto
from ivr.core.verbs.hangup import HangUp
from ivr.core.verbs.menu import Menu
from ivr.core.verbs.play import Play

VERBS: dict[str, type[Verb]] = {
    "play": Play,
    "menu": Menu,
    "goto": Goto,
    "enqueue": Enqueue,
    "hangup": HangUp,
}

#: A step as the schema takes it, told apart by `verb`. Keep in step with VERBS (tests/ivr/core/test_verbs.py).
AnyVerb = Annotated[Play | Menu | Goto | Enqueue | HangUp, Field(discriminator="verb")]
