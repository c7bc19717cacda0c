"""Commands and outcomes as JSON lines: one table says what a request may hold, all else is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import StrEnum

from adapters.control.fields import (
    Fields,
    agent_if_any,
    agent_of,
    by_of,
    contact_if_any,
    contact_of,
    id_of,
    needed,
    one_of,
    queues_of,
    whole_of,
    word_of,
)
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
from kernel.ids import AgentId, checked_id
from kernel.needs import Need

#: Bytes a request may have, the line end counted.
REQUEST_LIMIT = 16 * 1024
#: Bytes a reply may have: the state of 500 agents and 1,000 waiting contacts is about 300 KiB.
REPLY_LIMIT = 16 * 1024 * 1024

_LONGEST_WRAP_UP_S = 3600
#: Far above what a note may have: the one who takes it says how long it is.
_LONGEST_TEXT = 2000


def _set_presence(fields: Fields) -> SetPresence:
    return SetPresence(
        agent=agent_of(fields),
        presence=one_of(fields, "presence", Presence),
        aux_code=word_of(fields, "aux_code"),
        by=by_of(fields),
    )


def _set_wrap_up(fields: Fields) -> SetWrapUp:
    seconds = fields.get("seconds")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 <= seconds <= _LONGEST_WRAP_UP_S:
        raise BadInput("bad_field", f"seconds must be a number from 0 to {_LONGEST_WRAP_UP_S}")
    return SetWrapUp(agent=agent_of(fields), seconds=float(seconds), by=by_of(fields))


def _show_state(_fields: Fields) -> ShowState:
    return ShowState()


def _move_call(fields: Fields) -> MoveCall:
    return MoveCall(
        agent=agent_of(fields),
        deed=one_of(fields, "deed", CallDeed),
        to=id_of(fields, "to"),
        by=by_of(fields),
    )


def _supervise(fields: Fields) -> Supervise:
    return Supervise(
        by=AgentId(checked_id(needed(fields, "by"), "by")),
        deed=one_of(fields, "deed", Oversight),
        agent=agent_if_any(fields),
        contact=contact_if_any(fields),
        queues=queues_of(fields),
        priority=whole_of(fields, "priority"),
    )


def _explain(fields: Fields) -> Explain:
    return Explain(contact=contact_of(fields))


def _pause_recording(fields: Fields) -> PauseRecording:
    seconds = fields.get("seconds")
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float)):
        raise BadInput("bad_field", "seconds must be a number")
    return PauseRecording(
        contact=contact_of(fields),
        why=needed(fields, "why"),
        seconds=None if seconds is None else float(seconds),
        by=checked_id(by_of(fields), "by"),
    )


def _resume_recording(fields: Fields) -> ResumeRecording:
    return ResumeRecording(contact=contact_of(fields), by=checked_id(by_of(fields), "by"))


def _give_reason(fields: Fields) -> GiveReason:
    return GiveReason(
        agent=agent_of(fields),
        reason=checked_id(needed(fields, "reason"), "a reason"),
        by=by_of(fields),
    )


def _set_need(fields: Fields) -> SetNeed:
    need, forget = needed(fields, "need"), fields.get("forget", False)
    if need not in list(Need) or not isinstance(forget, bool):
        raise BadInput("bad_field", f"need must be one of: {', '.join(Need)}; forget is true or false")
    return SetNeed(
        agent=agent_of(fields),
        need=Need(need),
        forget=forget,
        by=by_of(fields),
    )


def _take_secret(fields: Fields) -> TakeSecret:
    return TakeSecret(agent=agent_of(fields), by=checked_id(by_of(fields), "by"))


def _take_note(fields: Fields) -> TakeNote:
    text = fields.get("text")
    if text is not None and (not isinstance(text, str) or len(text) > _LONGEST_TEXT):
        raise BadInput("bad_field", f"text must be at most {_LONGEST_TEXT} characters")
    return TakeNote(
        agent=agent_if_any(fields),
        contact=contact_if_any(fields),
        text=text,
        by=by_of(fields),
    )


def _show_notes(fields: Fields) -> ShowNotes:
    return ShowNotes(
        agent=agent_of(fields),
        contact=contact_if_any(fields),
        by=by_of(fields),
        seen=word_of(fields, "seen"),
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
