"""The viewfinder's slot: the camera's thread puts the newest picture, the main thread takes it when it draws."""

from __future__ import annotations

from core.ports import Preview


class Viewfinder:
    """Holds one picture, never two. Each is handed out once."""

    def __init__(self) -> None:
        self._latest: Preview | None = None

    def put(self, picture: Preview) -> None:
        self._latest = picture

    def take(self) -> Preview | None:
        picture, self._latest = self._latest, None
        return picture
