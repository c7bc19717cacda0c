"""Instructions of a dialplan become steps of flows: a flow a number, each instruction that means something a step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from guildhall.importing.conf_text import Left
from guildhall.importing.dialplan_text import Context, Instruction
from guildhall.importing.queue_import import an_id

#: What the IVR does by itself, or what has no meaning for the caller.
_SILENT = frozenset(
    {"answer", "noop", "wait", "ringing", "progress", "resetcdr", "verbose", "playtones", "stopplaytones"}
)
_BACKGROUND = {"background", "backgrounddetect"}
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_DAYS = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?")
_OUTSIDE = re.compile(r"(?:PJSIP|SIP)/(?:[\w.-]+/)?(?:sip:)?(0\d{8,10})(?:@[\w.-]+)?")
#: A chain of jumps longer than this goes round.
_MOST_JUMPS = 1000
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

#: Context, extension, position.
Spot = tuple[str, str, int]
Step = dict[str, object]
PERSON, GONE = "person", "gone"


@dataclass(slots=True)
class Flows:
    """What the flows need beside themselves."""

    #: Prompt id -> the sound's name in Asterisk.
    prompts: dict[str, str] = field(default_factory=dict)
    #: Name -> (days, range).
    hours: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: Name -> number.
    transfers: dict[str, str] = field(default_factory=dict)
    #: Context, extension: what a call may come to.
    reached: set[tuple[str, str]] = field(default_factory=set)

    def unreached(self, contexts: Mapping[str, Context]) -> Iterator[Left]:
        """What no imported number leads to: nothing of it is in the flows."""
        for context in contexts.values():
            for extension, steps in context.extensions.items():
                if (context.name, extension) not in self.reached:
                    where = f"[{context.name}] {extension[:40]}"
                    why = f"{where}: no number leads here, so it is not imported (--number may name it)"
                    yield Left(file=steps[0].line.file, line=steps[0].line.number, why=why)


class FlowMaker:
    """Makes one flow."""

    def __init__(
        self, contexts: Mapping[str, Context], queues: Mapping[str, str], shared: Flows, left: list[Left]
    ) -> None:
        """``queues``: name in Asterisk -> full id here."""
        self._contexts, self._queues, self._shared, self._left = contexts, queues, shared, left
        self._names: dict[Spot, str] = {}
        self._todo: list[Spot] = []
        self._used: set[str] = set()
        self._told: set[tuple[int, str]] = set()

    def make(self, context: str, extension: str, default_queue: str) -> dict[str, object]:
        """The flow that begins at an extension, in the shape of its file."""
        start = self._go((context, extension, 0))
        steps: dict[str, Step] = {}
        while self._todo:
            spot = self._todo.pop(0)
            steps[self._names[spot]] = self._step(spot)
        if PERSON in self._used:
            steps[PERSON] = {"verb": "enqueue", "queue": default_queue}
        if GONE in self._used:
            steps[GONE] = {"verb": "hangup", "why": "informed"}
        return {"start": start, "steps": steps}

    def _go(self, spot: Spot) -> str:
        """The step a call at ``spot`` comes to first."""
        real = self._settle(spot)
        if isinstance(real, str):
            self._used.add(real)
            return real
        if real not in self._names:
            context, extension, at = real
            self._names[real] = an_id(f"{context}_{extension}_{at + 1}", set(self._names.values()) | {PERSON, GONE})
            self._todo.append(real)
        return self._names[real]

    def _settle(self, spot: Spot) -> Spot | str:
        end = GONE
        for _ in range(_MOST_JUMPS):
            one = self._at(spot)
            context, extension, at = spot
            if one is None:
                return end
            if one.application == "goto":
                target = self._target(one, one.arguments, context, extension)
                if target is None:
                    return PERSON
                spot = target
            elif one.application in _STEPS or one.application == "gotoiftime":
                return spot
            else:
                if one.application not in _SILENT:
                    self._leave(one, f"{one.application}() is not imported: the flow goes on after it")
                    # What it said or did is not known: nobody is hung up on in its place (law 5).
                    end = PERSON
                spot = (context, extension, at + 1)
        self._left.append(
            Left(file="", line=0, why=f"{spot[0]},{spot[1]} goes round for ever: a person answers instead")
        )
        return PERSON

    def _at(self, spot: Spot) -> Instruction | None:
        self._shared.reached.add(spot[:2])
        context = self._contexts.get(spot[0])
        steps = context.extensions.get(spot[1], []) if context is not None else []
        return steps[spot[2]] if spot[2] < len(steps) else None

    def _step(self, spot: Spot) -> Step:
        one = self._at(spot)
        if one is None:  # pragma: no cover - only spots with an instruction are named
            return {"verb": "goto", "next": self._go(spot)}
        if one.application == "gotoiftime":
            return self._hours(one, spot)
        return _STEPS[one.application](self, one, spot)

    def _next(self, spot: Spot) -> str:
        return self._go((spot[0], spot[1], spot[2] + 1))

    def _prompt(self, sound: str) -> str:
        for name, known in self._shared.prompts.items():
            if known == sound:
                return name
        name = an_id(sound, set(self._shared.prompts))
        self._shared.prompts[name] = sound
        return name

    def _sounds(self, one: Instruction) -> list[str]:
        return [self._prompt(sound) for sound in (one.arguments[0] if one.arguments else "").split("&") if sound]

    def _play(self, one: Instruction, spot: Spot) -> Step:
        return {"verb": "play", "prompts": self._sounds(one) or [self._prompt("beep")], "next": self._next(spot)}

    def _menu(self, one: Instruction, spot: Spot) -> Step:
        """Background() and what it waits for."""
        context, extension, at = spot
        prompts, seconds = self._sounds(one), "5s"
        while (then := self._at((context, extension, at + 1))) is not None:
            at += 1
            if then.application in _BACKGROUND:
                prompts += self._sounds(then)
            elif then.application == "waitexten":
                told = then.arguments[0] if then.arguments else ""
                seconds = f"{min(max(int(told), 1), 30)}s" if told.isdecimal() else seconds
                break
            elif then.application not in _SILENT:
                break
        there = self._contexts[context].extensions
        keys = {key: self._go((context, key, 0)) for key in sorted(there) if len(key) == 1 and key in "0123456789*#"}
        if not keys:
            return {"verb": "play", "prompts": prompts, "next": self._go((context, extension, at))}
        silence, wrong = (self._retry(context, extension, special) for special in ("t", "i"))
        return {
            "verb": "menu", "prompts": prompts, "keys": keys, "timeout": seconds, "tries": 3,
            "no_input": silence, "no_match": wrong,
        }  # fmt: skip

    def _retry(self, context: str, menu: str, special: str) -> str:
        """Where silence or wrong keys lead after three tries; one that only says so and asks again is our retry."""
        steps = self._contexts[context].extensions.get(special)
        self._shared.reached.add((context, special))
        back = [self._target(one, one.arguments, context, special) for one in steps or () if one.application == "goto"]
        if not steps or any(spot is not None and spot[:2] == (context, menu) for spot in back):
            self._used.add(PERSON)
            return PERSON
        return self._go((context, special, 0))

    def _enqueue(self, one: Instruction, spot: Spot) -> Step:
        name = one.arguments[0] if one.arguments else ""
        if name not in self._queues:
            self._leave(one, f"Queue({name[:40]}): there is no such queue in queues.conf; the default queue takes it")
            self._used.add(PERSON)
            return {"verb": "goto", "next": PERSON}
        after = self._at((spot[0], spot[1], spot[2] + 1))
        if after is not None and after.application not in {"hangup", *_SILENT}:
            self._leave(after, "what follows Queue() is not imported: say it under the queue's 'limits'")
        return {"verb": "enqueue", "queue": self._queues[name]}

    def _dial(self, one: Instruction, spot: Spot) -> Step:
        outside = _OUTSIDE.match(one.arguments[0] if one.arguments else "")
        if outside is None:
            self._leave(one, "Dial() of a phone here: agents are rung through queues; the default queue takes it")
            self._used.add(PERSON)
            return {"verb": "goto", "next": PERSON}
        name = f"to_{outside[1]}"
        self._shared.transfers[name] = outside[1]
        return {"verb": "transfer", "to": name, "failed": self._next(spot)}

    def _voicemail(self, one: Instruction, spot: Spot) -> Step:
        box = an_id((one.arguments[0] if one.arguments else "messages").partition("@")[0], set())
        prompt = self._prompt("vm-intro")
        then = self._next(spot)
        return {"verb": "voicemail", "box": box, "prompts": [prompt], "next": then, "failed": then}

    def _hang_up(self, one: Instruction, spot: Spot) -> Step:
        del one, spot
        return {"verb": "hangup", "why": "informed"}

    def _hours(self, one: Instruction, spot: Spot) -> Step:
        when, _, where = ",".join(one.arguments).partition("?")
        otherwise = where.partition(":")[2]
        target = self._target(one, tuple(where.partition(":")[0].split(",")), spot[0], spot[1])
        closed = self._target(one, tuple(otherwise.split(",")), spot[0], spot[1]) if otherwise else None
        beside = self._go(closed) if closed is not None else self._next(spot)
        told = _opening([part.strip() for part in when.split(",")])
        if told is None or target is None:
            self._leave(one, f"GotoIfTime({when[:60]}): write these hours in tenant.yaml; taken as 'not now'")
            return {"verb": "goto", "next": beside}
        name = next((known for known, one_ in self._shared.hours.items() if one_ == told), None)
        if name is None:
            name = f"hours_{len(self._shared.hours) + 1}"
            self._shared.hours[name] = told
        return {"verb": "hours", "of": name, "open": self._go(target), "closed": beside}

    def _target(self, one: Instruction, told: tuple[str, ...], context: str, extension: str) -> Spot | None:
        parts = [part.strip() for part in told if part.strip()]
        if not 1 <= len(parts) <= 3:  # noqa: PLR2004 - context, extension, priority
            return None
        context = parts[0] if len(parts) == 3 else context  # noqa: PLR2004 - as above
        extension = parts[-2] if len(parts) > 1 else extension
        found = self._contexts.get(context)
        at = found.find(extension, parts[-1]) if found is not None else None
        if at is None:
            self._leave(
                one, f"{one.application}({','.join(told)[:60]}) leads nowhere in these files: a person answers instead"
            )
            return None
        return context, extension, at

    def _leave(self, one: Instruction, why: str) -> None:
        if (one.line.number, why) not in self._told:
            self._told.add((one.line.number, why))
            self._left.append(Left(file=one.line.file, line=one.line.number, why=why))


_STEPS = {
    "playback": FlowMaker._play,  # noqa: SLF001 - this table is the maker's own
    "background": FlowMaker._menu,  # noqa: SLF001 - as above
    "backgrounddetect": FlowMaker._menu,  # noqa: SLF001 - as above
    "queue": FlowMaker._enqueue,  # noqa: SLF001 - as above
    "dial": FlowMaker._dial,  # noqa: SLF001 - as above
    "voicemail": FlowMaker._voicemail,  # noqa: SLF001 - as above
    "hangup": FlowMaker._hang_up,  # noqa: SLF001 - as above
}


def _opening(parts: list[str]) -> tuple[str, str] | None:
    """(days, range) of our hours for a time specification of the common kind; None for any other."""
    times, days, rest = (parts + ["*"] * 4)[0], (parts + ["*"] * 4)[1].lower(), (parts + ["*"] * 4)[2:4]
    clock = "00:00-24:00" if times == "*" else times
    if (times != "*" and not _TIME.fullmatch(times)) or any(one != "*" for one in rest):
        return None
    if days == "*":
        return "mon-sun", clock
    if not _DAYS.fullmatch(days):
        return None
    first, _, last = days.partition("-")
    return (days, clock) if _WEEK.index(last or first) >= _WEEK.index(first) else None
