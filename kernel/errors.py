"""The errors every folder may raise: a stable code for machines, a sentence for people."""

from __future__ import annotations


class GuildhallError(Exception):
    """Something was refused or failed; ``code`` never changes once published, ``message`` says what to do next.

    The message never holds caller data (number, digits, name, speech): exceptions end up in logs.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class BadInput(GuildhallError):
    """Outside text (a number, an id, a file) was not what it must be."""


class Refused(GuildhallError):
    """The request was understood and may not be carried out now."""


class OutcomeUnknown(GuildhallError):
    """The PBX was asked and the answer never came: it may or may not have happened. Never send it again."""


class PlaybackFailed(GuildhallError):
    """A prompt could not be played: its file is missing or unreadable. The caller is still there."""


class LineGone(GuildhallError):
    """The caller's line is no longer ours: hung up, or the PBX took it elsewhere. It does not mean the call ended."""
