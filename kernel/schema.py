"""Located text becomes typed models: the schema gives the types, each mistake its file, line and nearest known name."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails

from kernel.errors import BadInput
from kernel.ids import checked_id
from kernel.located import ConfigError, ConfigErrors, Located, Placed
from kernel.number import parse_dialled

#: A file with more mistakes than this has one cause; the rest is noise, and did-you-mean costs time.
MAX_ERRORS = 50
_LONGEST_GUESSED = 64
#: Names looked through for the nearest; comparing one takes some 15 µs, and a file may have 50 mistakes.
_MOST_GUESSED = 500
_FEW = 8
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(\d{1,6})(ms|s|m|h)")
_COUNT = re.compile(r"0|[1-9]\d{0,8}")


class WrongInside(ValueError):
    """A text that is wrong at one of its characters; ``offset`` counts from 0."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


class Schema(BaseModel):
    """What a part of a file may hold: frozen, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _seconds(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not (found := _DURATION.fullmatch(value)):
        raise ValueError("a duration is written like 5s, 2m, 1h or 500ms")
    return int(found[1]) * _UNITS[found[2]]


def _yes_no(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value not in {"yes", "no", "true", "false"}:
        raise ValueError("write yes or no")
    return value in {"yes", "true"}


def _count(value: object) -> object:
    # Not int(): it reads "0300", "1_000" and " 7 " as numbers.
    if isinstance(value, str) and not _COUNT.fullmatch(value):
        raise ValueError("a whole number is expected, without a leading zero")
    return value


def _checker(check: Callable[[str], str]) -> Callable[[str], str]:
    """Let pydantic see a ``BadInput`` as its own kind of error."""

    def checked(value: str) -> str:
        try:
            return check(value)
        except BadInput as error:
            raise ValueError(error.message) from None

    return checked


#: ``5s``, ``2m``, ``500ms`` -> seconds.
Duration = Annotated[
    float, BeforeValidator(_seconds), WithJsonSchema({"type": "string", "pattern": "^\\d+(ms|s|m|h)$"})
]
#: ``yes`` or ``no``.
YesNo = Annotated[bool, BeforeValidator(_yes_no), WithJsonSchema({"enum": ["yes", "no"]})]
#: A whole number from 0; digits with a leading zero are a telephone number, not a count.
Count = Annotated[int, BeforeValidator(_count), WithJsonSchema({"type": "integer", "minimum": 0})]
#: A name that is safe in file names, channel variables and AMI headers.
Id = Annotated[str, AfterValidator(_checker(lambda text: checked_id(text, "a name")))]
#: A telephone number as dialled; text, so that its leading zero stays.
Number = Annotated[str, AfterValidator(_checker(parse_dialled))]

M = TypeVar("M", bound=BaseModel)


def fill(tree: Located, model: type[M]) -> M:
    """Build ``model`` from ``tree``. Raises ``ConfigErrors`` with everything that is wrong, each at its place."""
    return filled(tree.plain(), model, tree)


def filled(value: object, model: type[M], places: Placed, within: tuple[str | int, ...] = ()) -> M:
    """Build ``model`` from ``value``, which stands at ``within``. Raises as ``fill``."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise ConfigErrors([_translated(places, model, detail, within) for detail in details[:MAX_ERRORS]]) from None


def did_you_mean(word: str, known: Collection[str]) -> str | None:
    """Return a hint naming the nearest of ``known``, or all of them when they are few, or None."""
    ending = [name for name in known if name.endswith(f".{word}")]
    near = ending[:1] or (_nearest(word, known) if len(word) <= _LONGEST_GUESSED else [])
    if near:
        return f"did you mean '{near[0]}'?"
    return f"known: {', '.join(sorted(known))}" if 0 < len(known) <= _FEW else None


def _nearest(word: str, known: Collection[str]) -> list[str]:
    if len(known) > _MOST_GUESSED:
        known = list(itertools.islice((name for name in known if name[:1] == word[:1]), _MOST_GUESSED))
    return difflib.get_close_matches(word, known, n=1)


def _translated(
    tree: Placed, model: type[BaseModel], detail: ErrorDetails, within: tuple[str | int, ...]
) -> ConfigError:
    path, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    name = next((part for part in reversed(path) if isinstance(part, str) and part != "[key]"), "the file")
    place = tree.at((*within, *path))
    if kind == "extra_forbidden":
        return ConfigError(
            place, "unknown_key", f"unknown key '{name[:40]}'", did_you_mean(name, _keys(model, path[:-1]))
        )
    if kind == "missing":
        return ConfigError(place, "missing_key", f"'{name}' is missing")
    if kind == "union_tag_not_found":
        return ConfigError(place, "missing_key", f"{context['discriminator']} is missing")
    if kind == "union_tag_invalid":
        tags = re.findall(r"'([^']*)'", str(context["expected_tags"]))
        word, at = str(context["tag"]), tree.at((*within, *path, str(context["discriminator"]).strip("'")))
        return ConfigError(
            at, "unknown_word", f"unknown {context['discriminator']} '{word[:40]}'", did_you_mean(word, tags)
        )
    if kind in {"literal_error", "enum"}:
        known, word = re.findall(r"'([^']*)'", str(context["expected"])), str(detail["input"])[:40]
        return ConfigError(place, "bad_value", f"'{name}': unknown word '{word}'", did_you_mean(word, known))
    wrong = context.get("error") if kind == "value_error" else None
    if isinstance(wrong, WrongInside):
        place = place.inside(wrong.offset)
    return ConfigError(place, "bad_value", f"'{name}': {_sentence(detail) if wrong is None else wrong}")


def _sentence(detail: ErrorDetails) -> str:
    if detail["type"] == "string_pattern_mismatch":
        pattern = str(detail["ctx"]["pattern"])
        return _PATTERNS.get(pattern, f"this must fit {pattern}")
    return _SENTENCES.get(detail["type"], detail["msg"])


_NAME = "up to 32 small letters, digits and '_', a letter first"
_PATTERNS: Mapping[str, str] = {
    "^[0-9*#]$": "one key of the telephone: 0 to 9, * or #; the last two in quotes",
    "^[0-9]$": "one digit",
    "^[a-z]{2}$": "two small letters, like en",
    "^[a-z][a-z0-9_]{0,31}$": _NAME,
    r"^(\*|[a-z][a-z0-9_]{0,31})$": f"{_NAME}; or * in quotes",
    "^[a-z][0-9]{2,6}$": "a small letter and 2 to 6 digits, like a101",
}
_SENTENCES: Mapping[str, str] = {
    "string_type": "text is expected, without keys or a list under it",
    "list_type": "a list is expected",
    "tuple_type": "a list is expected",
    "dict_type": "keys with values are expected",
    "mapping_type": "keys with values are expected",
    "model_type": "keys with values are expected",
    "model_attributes_type": "keys with values are expected",
    "float_type": "a duration is expected, like 5s",
    "int_type": "a whole number is expected",
    "bool_type": "write yes or no",
}


def _keys(model: type[BaseModel], path: Iterable[str | int]) -> Collection[str]:
    """The keys the schema knows at ``path``: pydantic says which key is unknown, but not what it would have taken."""
    kind: Any = model
    for part in path:
        kind = _inner(kind, part)
    kind = _bare(kind)
    return tuple(kind.model_fields) if isinstance(kind, type) and issubclass(kind, BaseModel) else ()


def _inner(kind: Any, part: str | int) -> Any:  # noqa: ANN401 - type annotations have no common type
    """The type at ``part`` of ``kind``."""
    kind = _bare(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        known = kind.model_fields.get(str(part))
        return known.annotation if known is not None else None
    arguments = [argument for argument in get_args(kind) if argument is not Ellipsis]
    tagged = [one for one in arguments if isinstance(one, type) and part in _tags(one)]
    if tagged:
        return tagged[0]
    return arguments[-1] if arguments else None


def _bare(kind: Any) -> Any:  # noqa: ANN401 - the same
    """``kind`` without ``Annotated`` and without ``| None``."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in {Union, UnionType}:
        real = [one for one in get_args(kind) if one is not type(None)]
        return _bare(real[0]) if len(real) == 1 else kind
    return kind


def _tags(model: type) -> Collection[object]:
    """The words of the literal fields of a model: what tells it apart in a union."""
    fields = model.model_fields.values() if issubclass(model, BaseModel) else ()
    return [word for one in fields if get_origin(one.annotation) is Literal for word in get_args(one.annotation)]
