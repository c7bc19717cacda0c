"""The flow language on one screen: every verb a step may have."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ivr.core.flow import Verb
from ivr.core.verbs.announce import Announce
from ivr.core.verbs.branch import Branch
from ivr.core.verbs.callback import Callback
from ivr.core.verbs.enqueue import Enqueue
from ivr.core.verbs.gather import Gather
from ivr.core.verbs.goto import Goto
from ivr.core.verbs.hangup import HangUp
from ivr.core.verbs.hours import Hours
from ivr.core.verbs.language import Language
from ivr.core.verbs.lookup import Lookup
from ivr.core.verbs.menu import Menu
from ivr.core.verbs.play import Play
from ivr.core.verbs.say import Say
from ivr.core.verbs.set import Set
from ivr.core.verbs.steer import Steer
from ivr.core.verbs.subflow import Subflow
from ivr.core.verbs.survey import Survey
from ivr.core.verbs.transfer import Transfer
from ivr.core.verbs.voicemail import Voicemail

VERBS: dict[str, type[Verb]] = {
    "play": Play,
    "say": Say,
    "menu": Menu,
    "gather": Gather,
    "steer": Steer,
    "hours": Hours,
    "branch": Branch,
    "set": Set,
    "lookup": Lookup,
    "announce": Announce,
    "language": Language,
    "subflow": Subflow,
    "goto": Goto,
    "survey": Survey,
    "callback": Callback,
    "voicemail": Voicemail,
    "transfer": Transfer,
    "enqueue": Enqueue,
    "hangup": HangUp,
}

#: A step as the schema takes it, told apart by `verb`. Keep in step with VERBS (tests/ivr/core/test_verbs.py).
AnyVerb = Annotated[
    Play
    | Say
    | Menu
    | Gather
    | Steer
    | Hours
    | Branch
    | Set
    | Lookup
    | Announce
    | Language
    | Subflow
    | Goto
    | Survey
    | Callback
    | Voicemail
    | Transfer
    | Enqueue
    | HangUp,
    Field(discriminator="verb"),
]
