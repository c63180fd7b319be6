"""Settings: a table of plain values (from TOML) into a frozen dataclass, strictly.

A key that is not known is an error that names the file, the dotted key and the nearest known name; so is a
value of the wrong type or outside its limits. Nothing is silently ignored: a typing error in a
configuration must never become a default.
"""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from enum import Enum
from typing import Any, TypeVar

T = TypeVar("T")


class BadSetting(ValueError):
    """One thing wrong in a configuration. `key` is dotted; `hint` says what to write instead, or is empty."""

    def __init__(self, file: str, key: str, problem: str, hint: str = "") -> None:
        super().__init__(f"{file}: {key}: {problem}" + (f" ({hint})" if hint else ""))
        self.file = file
        self.key = key
        self.problem = problem
        self.hint = hint


def limits(low: int, high: int) -> dict[str, int]:
    """Metadata of a whole-number field: the smallest and largest value that make sense."""
    return {"low": low, "high": high}


def fill(kind: type[T], table: object, *, file: str, key: str = "") -> T:
    """Build `kind` from `table`. Raises `BadSetting` at the first thing wrong."""
    if not isinstance(table, dict):
        raise BadSetting(file, key or "(top)", "must be a table")
    hints = typing.get_type_hints(kind)
    fields = {item.name: item for item in dataclasses.fields(typing.cast(Any, kind))}
    for name in table:
        if name not in fields:
            near = difflib.get_close_matches(str(name), fields, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(sorted(fields))}"
            raise BadSetting(file, _dotted(key, str(name)), "unknown key", hint)
    values: dict[str, Any] = {}
    for name, item in fields.items():
        where = _dotted(key, name)
        if name in table:
            values[name] = _value(hints[name], table[name], file, where)
            _within(item, values[name], file, where)
        elif item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING:
            raise BadSetting(file, where, "is missing")
    try:
        return kind(**values)
    except ValueError as error:
        raise BadSetting(file, key or "(top)", str(error)) from None


def _value(kind: Any, value: object, file: str, key: str) -> Any:
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        real = [option for option in typing.get_args(kind) if option is not type(None)]
        return _value(real[0], value, file, key)
    if origin is tuple:
        if not isinstance(value, list):
            raise BadSetting(file, key, "must be a list")
        inner = typing.get_args(kind)[0]
        return tuple(_value(inner, item, file, f"{key}[{place}]") for place, item in enumerate(value))
    if origin is dict:
        if not isinstance(value, dict):
            raise BadSetting(file, key, "must be a table")
        inner = typing.get_args(kind)[1]
        return {str(name): _value(inner, item, file, _dotted(key, str(name))) for name, item in value.items()}
    if dataclasses.is_dataclass(kind):
        return fill(typing.cast(Any, kind), value, file=file, key=key)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _choice(kind, value, file, key)
    if kind is Any or kind is object:
        return value
    return _scalar(kind, value, file, key)


def _choice(kind: type[Enum], value: object, file: str, key: str) -> Enum:
    known = [str(member.value) for member in kind]
    if value in known:
        return kind(value)
    near = difflib.get_close_matches(str(value), known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"one of: {', '.join(known)}"
    raise BadSetting(file, key, f"{value!r} is not possible", hint)


def _scalar(kind: Any, value: object, file: str, key: str) -> Any:
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise BadSetting(file, key, f"must be {_WORDS.get(kind, kind.__name__)}, not {value!r}"[:200])
    return value


def _within(item: dataclasses.Field[Any], value: object, file: str, key: str) -> None:
    low, high = item.metadata.get("low"), item.metadata.get("high")
    if low is not None and high is not None and isinstance(value, int) and not low <= value <= high:
        raise BadSetting(file, key, f"{value} is outside {low}-{high}")


def _dotted(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


_WORDS: typing.Final = types.MappingProxyType(
    {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
)
