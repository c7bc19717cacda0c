"""Logging: one JSON object a line, personal fields redacted, for our own lines and for the libraries' alike."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.types import EventDict, Processor

#: Fields whose key starts so hold personal data: numbers, digits, names, speech (docs/security.md V27).
PII_PREFIX = "pii_"
REDACTED = "[redacted]"
#: Marks the handler that is ours, so that a second ``configure`` replaces it and nobody else's.
_OURS = "guildhall"


def configure(target: TextIO | Path, level: str = "info", *, show_pii: bool = False) -> None:
    """Send every log line of the process to ``target`` (an open stream, or a file that is appended to, mode 0600).

    ``level`` is a name of the standard library's. ``show_pii`` is for a test bench with made-up callers only.
    Raises ``ValueError`` for an unknown level and ``OSError`` when the file cannot be opened.
    """
    threshold = logging.getLevelNamesMapping().get(level.upper())
    if threshold is None:
        raise ValueError(f"unknown log level: {level!r}")
    handler = _handler(target)
    handler.set_name(_OURS)
    handler.setFormatter(_formatter(show_pii=show_pii))
    root = logging.getLogger()
    for old in [one for one in root.handlers if one.get_name() == _OURS]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(threshold)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # Not cached: module-level loggers must follow a later configure().
        cache_logger_on_first_use=False,
    )


def _handler(target: TextIO | Path) -> logging.Handler:
    if not isinstance(target, Path):
        return logging.StreamHandler(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600))
    # Watched: logrotate may move the file away under us.
    return WatchedFileHandler(target, encoding="utf-8")


def _formatter(*, show_pii: bool) -> ProcessorFormatter:
    processors: list[Processor] = [ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info]
    if not show_pii:
        processors.append(redact_pii)
    return ProcessorFormatter(foreign_pre_chain=_shared(), processors=[*processors, render])


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def redact_pii(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace the value of every personal field, at any depth."""
    return {key: _redacted(key, value) for key, value in event.items()}


def _redacted(key: object, value: object) -> object:
    if isinstance(key, str) and key.startswith(PII_PREFIX):
        return REDACTED
    if isinstance(value, Mapping):
        return {inner: _redacted(inner, held) for inner, held in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(None, held) for held in value]
    return value


def render(_logger: object, _method: str, event: EventDict) -> str:
    """Write the line as JSON in plain ASCII: no control character or bidi mark of a name reaches a terminal."""
    # json escapes 0x00-0x1f and, with ensure_ascii, everything above 0x7e but DEL itself.
    return json.dumps(event, default=repr, ensure_ascii=True).replace("\x7f", "\\u007f")
