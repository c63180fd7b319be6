"""The exchange with a real broker: the broker is the one of the line's tests."""

from tests.sync.conftest import mosquitto

__all__ = ["mosquitto"]
