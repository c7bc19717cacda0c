"""A switchboard small enough to trust: registers phones by digest, answers every call, for the lab's own tests."""

from __future__ import annotations

import re
import secrets

from lab.behaviour import Answer
from lab.phone import Phone
from lab.sip_digest import Asked as Wanted
from lab.sip_digest import Challenge, response_to
from lab.sip_wire import uri_user
from lab.transactions import Asked, reply

_FIELD = re.compile(r'(\w+)="?([^",]+)"?')


class FakeSwitchboard(Phone):
    """Asks every phone on 127.0.0.1 for its password; trunk callers (any other address) need none."""

    def __init__(self, passwords: dict[str, str], *, algorithm: str = "MD5") -> None:
        super().__init__(user="switchboard", server=("127.0.0.1", 9))
        self.behaviour = Answer(hang_up_after_s=0.05)
        self.passwords = passwords
        #: User → Contact, while registered.
        self.registered: dict[str, str] = {}
        #: What was dialled, in order.
        self.dialled: list[str] = []
        self._challenge = Challenge(realm="fake", nonce=secrets.token_hex(8), algorithm=algorithm, qop_auth=True)

    def _on_request(self, asked: Asked) -> None:
        request = asked.request
        if request.method in ("REGISTER", "INVITE") and asked.source[0] == "127.0.0.1" and not self._knows(asked):
            challenge = self._challenge
            value = f'Digest realm="fake", nonce="{challenge.nonce}", algorithm={challenge.algorithm}, qop="auth"'
            asked.answer(reply(asked, 401, tag="fake", headers=(("WWW-Authenticate", value),)))
        elif request.method == "REGISTER":
            self._register(asked)
        else:
            if request.method == "INVITE":
                self.dialled.append(uri_user(request.uri))
            super()._on_request(asked)

    def _register(self, asked: Asked) -> None:
        user, contact = uri_user(asked.request.first("To").strip("<>")), asked.request.first("Contact")
        seconds = asked.request.first("Expires") or "60"
        if seconds == "0":
            self.registered.pop(user, None)
            asked.answer(reply(asked, 200, tag="fake"))
            return
        self.registered[user] = contact
        asked.answer(reply(asked, 200, tag="fake", headers=(("Contact", f"{contact};expires={seconds}"),)))

    def _knows(self, asked: Asked) -> bool:
        fields: dict[str, str] = dict(_FIELD.findall(asked.request.first("Authorization")))
        user = fields.get("username", "")
        if user not in self.passwords:
            return False
        wanted = Wanted(method=asked.request.method, uri=fields["uri"], user=user, password=self.passwords[user])
        count = int(fields["nc"], 16)
        return fields["response"] == response_to(self._challenge, wanted, cnonce=fields["cnonce"], count=count)
