"""The types that several verbs' schemas share: variables and expressions."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema

from ivr.core.expression import Expression, read
from ivr.core.known import ALWAYS

_WORDS = {"and", "or", "not", "in", "yes", "no"}


def _variable(name: str) -> str:
    if name in ALWAYS or name in _WORDS:
        raise ValueError(f"'{name}' is a word of the language and cannot be set")
    return name


def _expression(value: object) -> object:
    return read(value) if isinstance(value, str) else value


#: The name of a variable.
Variable = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$"), AfterValidator(_variable)]
#: An expression, read when the file is.
Formula = Annotated[Expression, BeforeValidator(_expression), WithJsonSchema({"type": "string", "maxLength": 300})]
