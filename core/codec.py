"""Dataclasses to plain JSON values and back, strictly.

Used for the journal (events and effects) and for the messages between device and backend. Rules:
unknown fields are ignored (a newer peer may say more), a missing field without a default and a value of
the wrong type are refused, and an unknown value of an enumeration is refused by its own name, so that a
state we do not know is never taken for success. Where a field may be one of several dataclasses, the
class name is written as ``"is"``. Fields marked *secret* are masked when `mask` is set.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from enum import Enum
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
MASK = "*"
DEPTH_MAX = 16  # our deepest message has five levels; deeper input is an attack on the stack


class BadMessage(ValueError):
    """Plain data that is not the dataclass asked for; `path` is where (``quote.price.amount``)."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path or 'message'}: {problem}")
        self.path = path
        self.problem = problem


class UnknownValue(BadMessage):
    """An enumeration carried a value that this version does not know. Never success."""


def to_plain(value: object, *, mask: bool = False) -> Any:
    """JSON-ready form of a dataclass, enumeration or scalar."""
    return _write(value, type(value), mask)


def tagged(value: object, *, mask: bool = False) -> Any:
    """As `to_plain`, with the class name as ``"is"``: for one member of a union."""
    return {"is": type(value).__name__, **_write(value, type(value), mask)}


def _write(value: object, hint: Any, mask: bool) -> Any:
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | str():
            return value
        case tuple():
            inner = typing.get_args(hint)[0]
            return [_write(item, inner, mask) for item in value]
    kind = type(value)
    if not dataclasses.is_dataclass(kind):
        raise TypeError(f"{kind.__name__} has no plain form")
    hints = _hints(kind)
    plain: dict[str, Any] = {"is": kind.__name__} if _is_union_of_classes(hint) else {}
    for item in dataclasses.fields(kind):
        hidden = mask and item.metadata.get("secret")
        plain[item.name] = MASK if hidden else _write(getattr(value, item.name), hints[item.name], mask)
    return plain


def from_plain(kind: type[T], data: object) -> T:
    """Rebuild `kind`. Raises `BadMessage` (or `UnknownValue`) and nothing else for bad data."""
    return typing.cast(T, _read(kind, data, "", 0))


def from_tagged(union: object, data: object) -> Any:
    """Rebuild one member of a union of dataclasses from its ``"is"``."""
    return _read(union, data, "", 0)


def _read(kind: Any, data: object, path: str, depth: int) -> Any:
    if depth > DEPTH_MAX:
        raise BadMessage(path, f"nested deeper than {DEPTH_MAX}")
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _read_union(typing.get_args(kind), data, path, depth)
    if origin is tuple:
        return _read_tuple(typing.get_args(kind), data, path, depth)
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(data)
        except ValueError:
            raise UnknownValue(path, f"unknown {kind.__name__}") from None
    if dataclasses.is_dataclass(kind):
        return _read_class(kind, data, path, depth)
    if kind in (int, str, bool):
        if type(data) is not kind:
            raise BadMessage(path, f"must be {kind.__name__}, not {type(data).__name__}")
        return data
    raise TypeError(f"{kind!r} has no plain form")


def _read_union(options: tuple[Any, ...], data: object, path: str, depth: int) -> Any:
    if data is None:
        if type(None) in options:
            return None
        raise BadMessage(path, "must not be null")
    real = [option for option in options if option is not type(None)]
    if len(real) == 1:
        return _read(real[0], data, path, depth)
    name = data.get("is") if isinstance(data, dict) else None
    for option in real:
        if option.__name__ == name:
            return _read(option, data, path, depth + 1)
    raise UnknownValue(path, "unknown kind of object")


def _read_tuple(args: tuple[Any, ...], data: object, path: str, depth: int) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise BadMessage(path, "must be a list")
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(_read(args[0], item, f"{path}[{i}]", depth + 1) for i, item in enumerate(data))
    if len(args) != len(data):
        raise BadMessage(path, f"must have {len(args)} items")
    return tuple(_read(kind, item, f"{path}[{i}]", depth + 1) for i, (kind, item) in enumerate(zip(args, data)))


def _read_class(kind: Any, data: object, path: str, depth: int) -> Any:
    if not isinstance(data, dict):
        raise BadMessage(path, "must be an object")
    hints = _hints(kind)
    values: dict[str, Any] = {}
    for item in dataclasses.fields(kind):
        inner = f"{path}.{item.name}" if path else item.name
        if item.name in data:
            values[item.name] = _read(hints[item.name], data[item.name], inner, depth + 1)
        elif item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING:
            raise BadMessage(inner, "is missing")
    try:
        return kind(**values)
    except (ValueError, TypeError) as error:
        raise BadMessage(path, str(error)) from None


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _is_union_of_classes(hint: Any) -> bool:
    if typing.get_origin(hint) not in (typing.Union, types.UnionType):
        return False
    real = [option for option in typing.get_args(hint) if option is not type(None)]
    return len(real) > 1
