"""What is done to callers who wait: hand one back to the IVR, write a changed wish."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from adapters.asterisk.dialler import Link, Reply
from adapters.asterisk.wish import write_preferred, write_priority, write_skills
from kernel.contact import Wish
from kernel.ids import ContactId, OfferId, QueueId
from kernel.seen import RedirectRefused


class Leave(Protocol):
    """A caller to be handed back (met by acd's LeaveQueue)."""

    @property
    def contact(self) -> ContactId: ...  # noqa: D102 - the fields speak for themselves
    @property
    def channel(self) -> str: ...  # noqa: D102 - as above
    @property
    def token(self) -> OfferId: ...  # noqa: D102 - as above
    @property
    def epoch(self) -> int: ...  # noqa: D102 - as above
    @property
    def queue(self) -> QueueId: ...  # noqa: D102 - as above
    @property
    def why(self) -> str: ...  # noqa: D102 - as above


class Written(Protocol):
    """A wish to be written (met by acd's WriteWish)."""

    @property
    def wish(self) -> Wish: ...  # noqa: D102 - as above


class Spoken(Protocol):
    """Prompts for a waiting caller (met by acd's SayToCaller)."""

    @property
    def channel(self) -> str: ...  # noqa: D102 - as above
    @property
    def tenant(self) -> str: ...  # noqa: D102 - as above
    @property
    def language(self) -> str: ...  # noqa: D102 - as above
    @property
    def prompts(self) -> tuple[str, ...]: ...  # noqa: D102 - as above


class Asked(Spoken, Protocol):
    """A question for a waiting caller (met by acd's AskCaller)."""

    @property
    def key(self) -> str: ...  # noqa: D102 - as above
    @property
    def step(self) -> int: ...  # noqa: D102 - as above


#: Council, language, prompt -> the sound's path as the PBX sees it, without extension; None when there is none.
SoundOf = Callable[[str, str, str], str | None]


class AmiWaitingRoom:
    """Speaks to the PBX about callers in ``[hold]``. Nothing here waits: refusals come back as inputs."""

    def __init__(self, link: Link, on_refused: Callable[[RedirectRefused], None], sound_of: SoundOf) -> None:
        self._link = link
        self._on_refused = on_refused
        self._sound_of = sound_of

    def leave(self, effect: Leave) -> None:
        """Write the token and redirect to ``[leave]``, which checks both as ``[take]`` does: one write."""

        def answered(index: int, reply: Reply | None) -> None:
            # As with an offer: only the Redirect's own refusal tells that the caller is gone.
            if index == 1 and reply is not None and reply.get("Response") != "Success":
                self._on_refused(RedirectRefused(contact=effect.contact, offer=effect.token))

        exten = f"{effect.epoch}*{effect.token}*{effect.why}*{effect.queue}"
        self._link.tell(
            [
                ("Setvar", {"Channel": effect.channel, "Variable": "GH_LEAVE", "Value": effect.token}),
                ("Redirect", {"Channel": effect.channel, "Context": "leave", "Exten": exten, "Priority": "1"}),
            ],
            answered,
        )

    def say(self, effect: Spoken) -> None:
        """Leave the sounds on the channel, where the loop of ``[hold]`` finds them: nothing is torn by that.

        A Redirect would be exact to the millisecond, but it tears whoever is no longer where we believe (rule 8).
        """
        if sounds := self._sounds(effect):
            self._link.tell([("Setvar", {"Channel": effect.channel, "Variable": "GH_SAY", "Value": "&".join(sounds)})])

    def ask(self, effect: Asked) -> None:
        """Leave the question where ``[hold]`` finds it: step, key and sounds, with a star between.

        Whole or not at all: half a question would be said yes to by somebody who does not know to what.
        """
        sounds = self._sounds(effect)
        if sounds and len(sounds) == len(effect.prompts):
            asked = f"{effect.step}*{effect.key}*{'&'.join(sounds)}"
            self._link.tell([("Setvar", {"Channel": effect.channel, "Variable": "GH_ASK", "Value": asked})])

    def _sounds(self, effect: Spoken) -> list[str]:
        found = (self._sound_of(effect.tenant, effect.language, prompt) for prompt in effect.prompts)
        return [one for one in found if one is not None]

    def write_wish(self, effect: Written) -> None:
        """Write where the caller waits from now on; the caller goes on hearing music.

        The queue comes last but for the change's number: until it is there, a reader sees the old queue with at most a
        higher priority. `[hold]` says the number first, so one that says the new number says the new wish.
        """
        wish = effect.wish
        values = {
            "GH_PRIORITY": write_priority(wish.priority),
            "GH_PLACE": "" if wish.place is None else str(wish.place),
            "GH_SKILLS": write_skills(wish.skills),
            "GH_PREFERRED": write_preferred(wish),
            "GH_MOVED_IN": "" if wish.moved_in is None else f"{wish.moved_in:.6f}",
            "GH_AGREED": str(wish.agreed or ""),
            "GH_QUEUE": wish.queue,
            "GH_WRITTEN": str(wish.written),
        }
        self._link.tell(
            [("Setvar", {"Channel": wish.channel, "Variable": name, "Value": value}) for name, value in values.items()]
        )
