"""Commands and outcomes as JSON lines: one table says what a request may hold, all else is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import StrEnum

from kernel.agent import Presence
from kernel.commands import (
    Asked,
    CallDeed,
    Explain,
    GiveReason,
    MoveCall,
    Outcome,
    Oversight,
    PauseRecording,
    ResumeRecording,
    SetNeed,
    SetPresence,
    SetWrapUp,
    ShowNotes,
    ShowRecorders,
    ShowState,
    Supervise,
    TakeNote,
    TakeSecret,
    TakeVersions,
)
from kernel.errors import BadInput
from kernel.ids import AgentId, ContactId, QueueId, checked_id
from kernel.needs import Need

#: Bytes a request may have, the line end counted.
REQUEST_LIMIT = 16 * 1024
#: Bytes a reply may have: the state of 500 agents and 1,000 waiting contacts is about 300 KiB.
REPLY_LIMIT = 16 * 1024 * 1024

_LONGEST_WORD = 64
_LONGEST_WRAP_UP_S = 3600
_MOST_QUEUES = 100
#: Far above what a note may have: the one who takes it says how long it is.
_LONGEST_TEXT = 2000

Fields = Mapping[str, object]


def _word(fields: Fields, name: str) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_WORD or not value.isprintable():
        raise BadInput("bad_field", f"{name} must be 1 to {_LONGEST_WORD} printable characters")
    return value


def _needed(fields: Fields, name: str) -> str:
    value = _word(fields, name)
    if value is None:
        raise BadInput("missing_field", f"{name} is missing")
    return value


def _set_presence(fields: Fields) -> SetPresence:
    asked = _needed(fields, "presence")
    if asked not in list(Presence):
        raise BadInput("bad_field", f"presence must be one of: {', '.join(Presence)}")
    return SetPresence(
        agent=AgentId(checked_id(_needed(fields, "agent"), "agent")),
        presence=Presence(asked),
        aux_code=_word(fields, "aux_code"),
        by=_word(fields, "by") or "operator",
    )


def _set_wrap_up(fields: Fields) -> SetWrapUp:
    seconds = fields.get("seconds")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 <= seconds <= _LONGEST_WRAP_UP_S:
        raise BadInput("bad_field", f"seconds must be a number from 0 to {_LONGEST_WRAP_UP_S}")
    return SetWrapUp(
        agent=AgentId(checked_id(_needed(fields, "agent"), "agent")),
        seconds=float(seconds),
        by=_word(fields, "by") or "operator",
    )


def _show_state(_fields: Fields) -> ShowState:
    return ShowState()


def _id(fields: Fields, name: str) -> str | None:
    value = _word(fields, name)
    return checked_id(value, name) if value is not None else None


def _move_call(fields: Fields) -> MoveCall:
    deed = _needed(fields, "deed")
    if deed not in list(CallDeed):
        raise BadInput("bad_field", f"deed must be one of: {', '.join(CallDeed)}")
    return MoveCall(
        agent=AgentId(checked_id(_needed(fields, "agent"), "agent")),
        deed=CallDeed(deed),
        to=_id(fields, "to"),
        by=_word(fields, "by") or "operator",
    )


def _supervise(fields: Fields) -> Supervise:
    deed = _needed(fields, "deed")
    if deed not in list(Oversight):
        raise BadInput("bad_field", f"deed must be one of: {', '.join(Oversight)}")
    agent, contact = _id(fields, "agent"), _id(fields, "contact")
    return Supervise(
        by=AgentId(checked_id(_needed(fields, "by"), "by")),
        deed=Oversight(deed),
        agent=AgentId(agent) if agent is not None else None,
        contact=ContactId(contact) if contact is not None else None,
        queues=_queues(fields),
        priority=_whole(fields, "priority"),
    )


def _queues(fields: Fields) -> tuple[QueueId, ...] | None:
    value = fields.get("queues")
    if value is None:
        return None
    if not isinstance(value, list) or not 0 < len(value) <= _MOST_QUEUES or not all(isinstance(q, str) for q in value):
        raise BadInput("bad_field", f"queues must be a list of 1 to {_MOST_QUEUES} queues")
    return tuple(QueueId(checked_id(queue, "a queue")) for queue in value)


def _whole(fields: Fields, name: str) -> int | None:
    value = fields.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise BadInput("bad_field", f"{name} must be a whole number")
    return value


def _explain(fields: Fields) -> Explain:
    return Explain(contact=ContactId(checked_id(_needed(fields, "contact"), "contact")))


def _pause_recording(fields: Fields) -> PauseRecording:
    seconds = fields.get("seconds")
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float)):
        raise BadInput("bad_field", "seconds must be a number")
    return PauseRecording(
        contact=ContactId(checked_id(_needed(fields, "contact"), "contact")),
        why=_needed(fields, "why"),
        seconds=None if seconds is None else float(seconds),
        by=checked_id(_word(fields, "by") or "operator", "by"),
    )


def _resume_recording(fields: Fields) -> ResumeRecording:
    contact = ContactId(checked_id(_needed(fields, "contact"), "contact"))
    return ResumeRecording(contact=contact, by=checked_id(_word(fields, "by") or "operator", "by"))


def _give_reason(fields: Fields) -> GiveReason:
    return GiveReason(
        agent=AgentId(checked_id(_needed(fields, "agent"), "agent")),
        reason=checked_id(_needed(fields, "reason"), "a reason"),
        by=_word(fields, "by") or "operator",
    )


def _set_need(fields: Fields) -> SetNeed:
    need, forget = _needed(fields, "need"), fields.get("forget", False)
    if need not in list(Need) or not isinstance(forget, bool):
        raise BadInput("bad_field", f"need must be one of: {', '.join(Need)}; forget is true or false")
    return SetNeed(
        agent=AgentId(checked_id(_needed(fields, "agent"), "agent")),
        need=Need(need),
        forget=forget,
        by=_word(fields, "by") or "operator",
    )


def _take_secret(fields: Fields) -> TakeSecret:
    agent = AgentId(checked_id(_needed(fields, "agent"), "agent"))
    return TakeSecret(agent=agent, by=checked_id(_word(fields, "by") or "operator", "by"))


def _take_note(fields: Fields) -> TakeNote:
    agent, contact, text = _id(fields, "agent"), _id(fields, "contact"), fields.get("text")
    if text is not None and (not isinstance(text, str) or len(text) > _LONGEST_TEXT):
        raise BadInput("bad_field", f"text must be at most {_LONGEST_TEXT} characters")
    return TakeNote(
        agent=None if agent is None else AgentId(agent),
        contact=None if contact is None else ContactId(contact),
        text=text,
        by=_word(fields, "by") or "operator",
    )


def _show_notes(fields: Fields) -> ShowNotes:
    contact = _id(fields, "contact")
    return ShowNotes(
        agent=AgentId(checked_id(_needed(fields, "agent"), "agent")),
        contact=None if contact is None else ContactId(contact),
        by=_word(fields, "by") or "operator",
        seen=_word(fields, "seen"),
    )


#: The language of the door: name -> (class, its fields, how to read them).
COMMANDS: dict[str, tuple[type[Asked], frozenset[str], Callable[[Fields], Asked]]] = {
    "set_presence": (SetPresence, frozenset({"agent", "presence", "aux_code", "by"}), _set_presence),
    "set_wrap_up": (SetWrapUp, frozenset({"agent", "seconds", "by"}), _set_wrap_up),
    "show_state": (ShowState, frozenset(), _show_state),
    "take_versions": (TakeVersions, frozenset(), lambda _fields: TakeVersions()),
    "move_call": (MoveCall, frozenset({"agent", "deed", "to", "by"}), _move_call),
    "supervise": (Supervise, frozenset({"by", "deed", "agent", "contact", "queues", "priority"}), _supervise),
    "explain": (Explain, frozenset({"contact"}), _explain),
    "pause_recording": (PauseRecording, frozenset({"contact", "why", "seconds", "by"}), _pause_recording),
    "take_secret": (TakeSecret, frozenset({"agent", "by"}), _take_secret),
    "show_recorders": (ShowRecorders, frozenset(), lambda _fields: ShowRecorders()),
    "resume_recording": (ResumeRecording, frozenset({"contact", "by"}), _resume_recording),
    "give_reason": (GiveReason, frozenset({"agent", "reason", "by"}), _give_reason),
    "set_need": (SetNeed, frozenset({"agent", "need", "forget", "by"}), _set_need),
    "take_note": (TakeNote, frozenset({"agent", "contact", "text", "by"}), _take_note),
    "show_notes": (ShowNotes, frozenset({"agent", "contact", "by", "seen"}), _show_notes),
}

_NAMES: dict[type[Asked], str] = {kind: name for name, (kind, _fields, _read) in COMMANDS.items()}


def encode_command(command: Asked) -> bytes:
    """Write a command as one line."""
    name = _NAMES[type(command)]
    fields = {field: _plain(getattr(command, field)) for field in COMMANDS[name][1]}
    return _line({"command": name} | {field: value for field, value in fields.items() if value is not None})


def decode_command(line: bytes) -> Asked:
    """Read a command. Raises ``BadInput`` that names what is wrong, without repeating the value."""
    fields = _object(line)
    name = fields.pop("command", None)
    if not isinstance(name, str) or name not in COMMANDS:
        raise BadInput("unknown_command", f"command must be one of: {', '.join(COMMANDS)}")
    _kind, known, read = COMMANDS[name]
    if not fields.keys() <= known:
        raise BadInput("unknown_field", f"{name} takes: {', '.join(sorted(known)) or 'no fields'}")
    return read(fields)


def encode_outcome(outcome: Outcome) -> bytes:
    """Write an outcome as one line. Raises ``TypeError`` or ``ValueError`` when its data is not JSON-like."""
    fields = {"ok": outcome.ok, "code": outcome.code, "message": outcome.message, "data": outcome.data}
    return _line(fields)


def decode_outcome(line: bytes) -> Outcome:
    """Read an outcome. Raises ``BadInput`` when it is none."""
    fields = _object(line)
    ok, code, message = fields.get("ok"), fields.get("code"), fields.get("message")
    if not isinstance(ok, bool) or not isinstance(code, str) or not isinstance(message, str):
        raise BadInput("bad_reply", "the engine's reply cannot be read: engine and command line differ in version")
    return Outcome(ok=ok, code=code, message=message, data=fields.get("data"))


def _object(line: bytes) -> dict[str, object]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise BadInput("bad_json", "one JSON object a line is expected") from None
    if not isinstance(value, dict):
        raise BadInput("bad_json", "one JSON object a line is expected")
    return value


def _line(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, default=dict).encode("ascii") + b"\n"


def _plain(value: object) -> object:
    return value.value if isinstance(value, StrEnum) else value
