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
from collections.abc import Callable
from enum import Enum
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

T = TypeVar("T")
MASK = "*"
DEPTH_MAX = 16  # our deepest message has five levels; deeper input is an attack on the stack


class BadMessage(ValueError):
    """Plain data that is not the dataclass asked for; `path` is where (``quote.price.amount``)."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path or 'message'}: {problem}")
        self.path = path
        self.problem = problem

    def within(self, place: str) -> BadMessage:
        """The same, told from one level further out: `place` is a field's name or ``[3]``."""
        inner = self.path
        return type(self)(f"{place}{inner}" if not inner or inner[0] == "[" else f"{place}.{inner}", self.problem)


class UnknownValue(BadMessage):
    """An enumeration carried a value that this version does not know. Never success."""


Reader = Callable[[object, int], Any]  # (data, depth) -> value; built once for each kind
_SCALARS: Final = (str, int, bool, type(None))


def to_plain(value: object, *, mask: bool = False) -> Any:
    """JSON-ready form of a dataclass, enumeration or scalar."""
    return _write(value, type(value), mask)


def tagged(value: object, *, mask: bool = False) -> Any:
    """As `to_plain`, with the class name as ``"is"``: for one member of a union."""
    return {"is": type(value).__name__, **_write(value, type(value), mask)}


class _Field(NamedTuple):
    """One field as it is written."""

    name: str
    hint: Any
    secret: bool


def _write(value: object, hint: Any, mask: bool) -> Any:
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is tuple:
        inner = typing.get_args(hint)[0]
        return [_write(item, inner, mask) for item in value]  # type: ignore[attr-defined]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, _SCALARS):
        return value
    return _write_class(value, kind, mask, named=_is_union_of_classes(hint))


def _write_class(value: object, kind: type, mask: bool, *, named: bool) -> dict[str, Any]:
    plain: dict[str, Any] = {"is": kind.__name__} if named else {}
    for field in _fields(kind):
        inner = getattr(value, field.name)
        if mask and field.secret:
            plain[field.name] = MASK
        elif type(inner) in _SCALARS:
            plain[field.name] = inner
        else:
            plain[field.name] = _write(inner, field.hint, mask)
    return plain


@cache
def _fields(kind: type) -> tuple[_Field, ...]:
    if not dataclasses.is_dataclass(kind):
        raise TypeError(f"{kind.__name__} has no plain form")
    hints = typing.get_type_hints(kind)
    return tuple(
        _Field(one.name, hints[one.name], bool(one.metadata.get("secret"))) for one in dataclasses.fields(kind)
    )


def from_plain(kind: type[T], data: object) -> T:
    """Rebuild `kind`. Raises `BadMessage` (or `UnknownValue`) and nothing else for bad data."""
    return typing.cast(T, _reader(typing.cast(Any, kind))(data, 0))


def from_tagged(union: object, data: object) -> Any:
    """Rebuild one member of a union of dataclasses from its ``"is"``."""
    return _reader(union)(data, 0)


@cache
def _reader(kind: Any) -> Reader:
    """How one kind is read. Built once: looking a type up field by field costs more than reading does."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _union_reader(typing.get_args(kind))
    if origin is tuple:
        return _tuple_reader(typing.get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum_reader(kind)
    if dataclasses.is_dataclass(kind):
        return _class_reader(kind)
    if kind in (int, str, bool):
        return _scalar_reader(kind)
    raise TypeError(f"{kind!r} has no plain form")


def _scalar_reader(kind: Any) -> Reader:
    def read(data: object, depth: int) -> Any:
        if type(data) is not kind:
            raise BadMessage("", f"must be {kind.__name__}, not {type(data).__name__}")
        return data

    return read


def _enum_reader(kind: Any) -> Reader:
    def read(data: object, depth: int) -> Any:
        try:
            return kind(data)
        except ValueError:
            raise UnknownValue("", f"unknown {kind.__name__}") from None

    return read


def _union_reader(options: tuple[Any, ...]) -> Reader:
    real = {option.__name__: option for option in options if option is not type(None)}
    nullable, single = len(real) < len(options), next(iter(real.values())) if len(real) == 1 else None

    def read(data: object, depth: int) -> Any:
        if data is None:
            if nullable:
                return None
            raise BadMessage("", "must not be null")
        if single is not None:
            return _reader(single)(data, depth)
        name = data.get("is") if isinstance(data, dict) else None
        if not isinstance(name, str) or name not in real:
            raise UnknownValue("", "unknown kind of object")
        return _reader(real[name])(data, depth + 1)

    return read


def _tuple_reader(args: tuple[Any, ...]) -> Reader:
    endless = len(args) == 2 and args[1] is Ellipsis

    def read(data: object, depth: int) -> Any:
        _not_too_deep(depth)
        if not isinstance(data, list):
            raise BadMessage("", "must be a list")
        if not endless and len(args) != len(data):
            raise BadMessage("", f"must have {len(args)} items")
        kinds = (args[0],) * len(data) if endless else args
        items: list[Any] = []
        for place, (kind, item) in enumerate(zip(kinds, data)):
            try:
                items.append(_reader(kind)(item, depth + 1))
            except BadMessage as error:
                raise error.within(f"[{place}]") from None
        return tuple(items)

    return read


def _class_reader(kind: Any) -> Reader:
    hints = typing.get_type_hints(kind)
    rows = tuple(
        (
            one.name,
            hints[one.name],
            one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING,
        )
        for one in dataclasses.fields(kind)
    )

    def read(data: object, depth: int) -> Any:
        _not_too_deep(depth)
        if not isinstance(data, dict):
            raise BadMessage("", "must be an object")
        values: dict[str, Any] = {}
        for name, hint, needed in rows:
            if name in data:
                try:
                    values[name] = _reader(hint)(data[name], depth + 1)
                except BadMessage as error:
                    raise error.within(name) from None
            elif needed:
                raise BadMessage(name, "is missing")
        try:
            return kind(**values)
        except (ValueError, TypeError) as error:
            raise BadMessage("", str(error)) from None

    return read


def _not_too_deep(depth: int) -> None:
    if depth > DEPTH_MAX:
        raise BadMessage("", f"nested deeper than {DEPTH_MAX}")


@cache
def _is_union_of_classes(hint: Any) -> bool:
    if typing.get_origin(hint) not in (typing.Union, types.UnionType):
        return False
    real = [option for option in typing.get_args(hint) if option is not type(None)]
    return len(real) > 1
