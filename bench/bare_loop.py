"""A distributor without a policy, on our own dialplan: first come, first served, whoever is free. And app_queue."""

from __future__ import annotations

import itertools
import re
from collections import deque
from collections.abc import Sequence

from bench.ami import Ami, Frame
from guildhall.settings import HOME, Settings

#: Of the range Ofcom keeps for drama, and no council's.
LOOP_NUMBER, QUEUE_NUMBER = "03069990094", "03069990095"
_RING_S = 15
_CONTEXTS = ("hold", "take", "refused", "join")
_AGENT = re.compile(r"PJSIP/(b\d+)-")


def bare_loop_dialplan(queue: str) -> str:
    """Dialplan text: the two numbers, and copies of our own contexts whose events only the bare loop knows."""
    text = (HOME / "asterisk_conf" / "extensions.conf").read_text(encoding="utf-8")
    parts = re.split(r"^\[([\w-]+)\]\n", text, flags=re.MULTILINE)
    found = {name: body for name, body in zip(parts[1::2], parts[2::2], strict=True) if name in _CONTEXTS}
    lines = [
        "[council-numbers](+)",
        f"exten => {LOOP_NUMBER},1,Set(GH_CONTACT=bench-${{STRREPLACE(UNIQUEID,.,-)}})",
        f" same => n,Set(GH_QUEUE={queue})",
        " same => n,Goto(bench-hold,s,1)",
        f"exten => {QUEUE_NUMBER},1,Answer(,i)",
        " same => n,Queue(bench)",
        " same => n,Hangup(16)",
    ]
    copied = "".join(f"[bench-{name}]\n{_copied(found[name])}" for name in _CONTEXTS)
    return "\n".join(lines) + "\n" + copied


def _copied(body: str) -> str:
    body = "".join(line for line in body.splitlines(keepends=True) if not line.startswith("#"))
    # Its one reign is 1, so that the same comparison is made.
    body = body.replace("${GLOBAL(GH_EPOCH)}", "1").replace("Guildhall", "Bench").replace("U(join^", "U(bench-join^")
    return re.sub(r"\b(hold|refused),", r"bench-\1,", body)


def app_queue(sip_users: Sequence[str]) -> str:
    """The text of app_queue's own configuration, as PERFORMANCE names it: leastrecent, retry 1."""
    members = "".join(f"member => PJSIP/{user}\n" for user in sip_users)
    return (
        "[bench]\nstrategy=leastrecent\nretry=1\ntimeout=15\nringinuse=no\nautofill=yes\njoinempty=yes\n"
        f"musicclass=default\n{members}"
    )


class BareLoop:
    """Decides by two lists: who waits, who is free."""

    def __init__(self, settings: Settings, sip_users: Sequence[str]) -> None:
        self._ami = Ami(settings, self._hear)
        self._free: deque[str] = deque(sip_users)
        self._busy: set[str] = set()
        self._waiting: dict[str, str] = {}
        self._offers = itertools.count(1)

    async def open(self) -> None:
        """Begin."""
        await self._ami.open()

    def close(self) -> None:
        """End."""
        self._ami.close()

    def _hear(self, event: Frame) -> None:
        match event.get("Event"), event.get("UserEvent"):
            case "UserEvent", "BenchHolding":
                self._waiting[event["Uniqueid"]] = event["Channel"]
            case "UserEvent", "BenchBack":
                # Refused before a leg was made: nothing else will say that she is free.
                user = event.get("Offer", "").partition("x")[0]
                if event.get("Status") == "REFUSED" and user in self._busy:
                    self._release(user)
            case "Hangup", _:
                self._waiting.pop(event["Uniqueid"], None)
                found = _AGENT.match(event["Channel"])
                if found and found[1] in self._busy:
                    self._release(found[1])
            case _:
                return
        self._match()

    def _release(self, user: str) -> None:
        self._busy.discard(user)
        self._free.append(user)

    def _match(self) -> None:
        while self._free and self._waiting:
            leg = next(iter(self._waiting))
            channel, user = self._waiting.pop(leg), self._free.popleft()
            self._busy.add(user)
            offer = f"{user}x{next(self._offers)}"
            exten = f"1*{offer}*{user}*{_RING_S}"
            self._ami.send(
                ("Setvar", {"Channel": channel, "Variable": "_GH_OFFER", "Value": offer}),
                ("Redirect", {"Channel": channel, "Context": "bench-take", "Exten": exten, "Priority": "1"}),
            )
