"""Settings: strict, and helpful about what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import pytest

from core.settings import BadSetting, fill, limits


class Theme(Enum):
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class Screen:
    width: int = field(default=800, metadata=limits(320, 4096))
    theme: Theme = Theme.LIGHT
    inches: float = 7.0


@dataclass(frozen=True)
class Config:
    name: str
    screen: Screen = Screen()
    tags: tuple[str, ...] = ()
    devices: dict[str, dict[str, Any]] = field(default_factory=dict)
    note: str | None = None

    def __post_init__(self) -> None:
        if self.name == "nobody":
            raise ValueError("name must be somebody")


def test_a_table_becomes_a_frozen_value() -> None:
    table = {
        "name": "till",
        "screen": {"width": 1024, "theme": "dark", "inches": 10},
        "tags": ["a"],
        "devices": {"camera": {"port": 0}},
        "note": "x",
    }
    config = fill(Config, table, file="t.toml")
    assert config.screen == Screen(1024, Theme.DARK, 10.0)
    assert config.devices == {"camera": {"port": 0}}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"name": "x", "screan": {}}, "t.toml: screan: unknown key (did you mean 'screen'?)"),
        ({"name": "x", "screen": {"widht": 1}}, "t.toml: screen.widht: unknown key (did you mean 'width'?)"),
        ({"name": "x", "zzz": 1}, "known here: devices, name, note, screen, tags"),
        ({}, "t.toml: name: is missing"),
        ({"name": 5}, "name: must be text, not 5"),
        ({"name": "x", "screen": {"width": "wide"}}, "screen.width: must be a whole number"),
        ({"name": "x", "screen": {"width": True}}, "screen.width: must be a whole number"),
        ({"name": "x", "screen": {"width": 5}}, "screen.width: 5 is outside 320-4096"),
        ({"name": "x", "screen": {"theme": "drak"}}, "screen.theme: 'drak' is not possible (did you mean 'dark'?)"),
        ({"name": "x", "screen": {"theme": "zzz"}}, "one of: light, dark"),
        ({"name": "x", "screen": []}, "screen: must be a table"),
        ({"name": "x", "tags": "a"}, "tags: must be a list"),
        ({"name": "x", "tags": [1]}, "tags[0]: must be text"),
        ({"name": "x", "devices": []}, "devices: must be a table"),
        ({"name": "x", "devices": {"camera": 1}}, "devices.camera: must be a table"),
        ({"name": "nobody"}, "t.toml: (top): name must be somebody"),
        ([], "t.toml: (top): must be a table"),
    ],
)
def test_what_is_wrong_names_file_key_and_remedy(table: object, words: str) -> None:
    with pytest.raises(BadSetting) as refused:
        fill(Config, table, file="t.toml")
    assert words in str(refused.value)
