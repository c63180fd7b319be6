"""The far end of the camera's cable: an HTTP server that films a hand-held phone or package over a counter.

==========================  ===========================================================================
``GET /stream``             MJPEG (multipart/x-mixed-replace), as network cameras serve it
``GET /frame.jpg``          one frame
``GET /state``              JSON: what is held up, the fault, frames sent
``POST /show``              ``{"text", "symbology": qr|ean13|code128, "kind": phone|product|paper}`` and any field of
                            `camera_scene.Look` by its name
``POST /image``             a PNG or JPEG (a screenshot of a phone's page) held up as a phone
``POST /clear``             an empty counter
``POST /fault``             ``{"name": unplug|freeze|black|slow|silent|none}``
==========================  ===========================================================================

`CameraPeer` does the same from the same process. It listens on 127.0.0.1 only. What is shown is never logged: it may
be a personal code.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Any, Final

import cv2

from sim.peers.camera_scene import Look, Scene
from sim.peers.camera_symbols import BadSymbol
from sim.peers.camera_things import BadThing, Grey, Thing, picture, thing

FAULTS: Final = ("none", "unplug", "freeze", "black", "slow", "silent")
BOUNDARY: Final = "frame"
BODY_MAX = 8_000_000  # a screenshot of the largest phone is under 4 MB
SLOW_S = 1.5  # between two frames when the camera is ill: below the driver's patience, above a person's
JPEG_QUALITY = 88
CLIENT_TIMEOUT_S = 5.0  # a client that takes nothing for this long is gone


class BadOrder(ValueError):
    """A request that names no known thing, symbology, fault or look."""


@dataclass(frozen=True, slots=True)
class State:
    """What the camera sees and how it is: `version` counts orders, so that a frame can be told from an older one."""

    held: Thing | None = None
    look: Look = dataclasses.field(default_factory=Look)
    fault: str = "none"
    label: str = ""
    version: int = 0


class CameraPeer:
    """The camera. Films only while somebody watches; a new order is in the next frame, drawn at once."""

    def __init__(self, *, seed: int = 1, width: int = 1280, height: int = 720, fps: int = 20, port: int = 0) -> None:
        self._scene = Scene(seed, width, height)
        self._fps = fps
        self._began_s = monotonic()
        self._change = threading.Condition()
        self._state = State()
        self._sent = 0
        self._visible = (-1, 0.0)
        self._stopping = False
        peer = self

        class Handler(_Handler):
            camera = peer

        self._server = _Server(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="camera-peer")
        self._thread.start()

    @property
    def url(self) -> str:
        """The stream's address: what a camera driver's `port` names."""
        return f"{self.base_url}/stream"

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def state(self) -> State:
        return self._state

    @property
    def frames_sent(self) -> int:
        return self._sent

    @property
    def visible_s(self) -> float | None:
        """When the first frame with the newest order in it was handed to the line (monotonic); None before that."""
        version, at_s = self._visible
        return at_s if version == self._state.version else None

    def show(self, text: str, symbology: str = "qr", kind: str = "phone", **look: float) -> None:
        """Hold up a thing with this code. Raises `BadOrder`."""
        try:
            held = thing(kind, symbology, text)
        except (BadThing, BadSymbol) as error:
            raise BadOrder(str(error)) from None
        self._order(held=held, label=f"{kind} {symbology}", look=_look(look))

    def hold(self, image: bytes, **look: float) -> None:
        """Hold up a phone whose screen is this PNG or JPEG. Raises `BadOrder`."""
        try:
            held = picture(image)
        except BadThing as error:
            raise BadOrder(str(error)) from None
        # A page is much larger than its code: it is held so that it fills most of the frame.
        self._order(held=held, label="phone image", look=_look({"fill": 0.9, "glare": 0.0, **look}))

    def clear(self) -> None:
        self._order(held=None, label="")

    def fault(self, name: str) -> None:
        """One of `FAULTS`; "none" heals. Raises `BadOrder`."""
        if name not in FAULTS:
            raise BadOrder(f"fault must be one of {', '.join(FAULTS)}")
        self._order(fault=name)

    def _order(self, **changes: Any) -> None:
        with self._change:
            self._state = dataclasses.replace(self._state, **changes, version=self._state.version + 1)
            self._change.notify_all()

    def frame(self) -> Grey:
        """What the camera sees now."""
        state = self._state
        if state.fault == "black":
            return self._scene.frame(0.0, None, Look(light=0.0, noise=0.4))
        return self._scene.frame(monotonic() - self._began_s, state.held, state.look)

    def jpeg(self) -> bytes:
        good, data = cv2.imencode(".jpg", self.frame(), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        assert good, "a grey frame can always be encoded"
        return data.tobytes()

    def frames(self) -> Iterator[bytes]:
        """JPEG frames at the camera's pace until it is unplugged or closed; an order cuts the pause short."""
        version, last = -1, b""
        while True:
            state = self._state
            if self._stopping or state.fault == "unplug":
                return
            if state.fault != "silent":
                if state.fault != "freeze" or not last:
                    last = self.jpeg()
                self._sent += 1
                if self._visible[0] != state.version:
                    self._visible = (state.version, monotonic())
                yield last
            version = state.version
            pause_s = SLOW_S if state.fault == "slow" else 1 / self._fps
            self._pause(version, pause_s)

    def _pause(self, version: int, pause_s: float) -> None:
        """Until the next frame is due, or an order came after `version`."""
        with self._change:
            self._change.wait_for(lambda: self._state.version != version or self._stopping, pause_s)

    def close(self) -> None:
        """Stop serving; every open stream ends."""
        with self._change:
            self._stopping = True
            self._change.notify_all()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _look(fields: dict[str, float]) -> Look:
    known = {field.name for field in dataclasses.fields(Look)}
    wrong = sorted(fields.keys() - known)
    if wrong:
        raise BadOrder(f"{wrong[0]} is not one of {', '.join(sorted(known))}")
    if not all(isinstance(value, int | float) for value in fields.values()):
        raise BadOrder("every field of a look is a number")
    return Look(**{name: float(value) for name, value in fields.items()})


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # closing waits for open streams to end, so that no socket is left behind
    block_on_close = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle is ordinary for a camera; anything else is a defect and is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    camera: CameraPeer
    timeout = CLIENT_TIMEOUT_S
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        match self.path.partition("?")[0]:
            case "/stream" if self.camera.state.fault != "unplug":
                self._stream()
            case "/stream" | "/frame.jpg" if self.camera.state.fault == "unplug":
                self._say(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "the camera is unplugged"})
            case "/frame.jpg":
                self._send(HTTPStatus.OK, "image/jpeg", self.camera.jpeg())
            case "/state":
                state = self.camera.state
                sent = self.camera.frames_sent
                self._say(HTTPStatus.OK, {"held": state.label, "fault": state.fault, "frames": sent})
            case _:
                self._say(HTTPStatus.NOT_FOUND, {"error": "no such page"})

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            return
        try:
            self._obey(self.path, body)
        except BadOrder as error:
            self._say(HTTPStatus.UNPROCESSABLE_ENTITY, {"error": str(error)})

    def _obey(self, path: str, body: bytes) -> None:
        match path:
            case "/show":
                fields = _object(body)
                text = fields.pop("text", None)
                if not isinstance(text, str):
                    raise BadOrder("text is missing")
                symbology, kind = str(fields.pop("symbology", "qr")), str(fields.pop("kind", "phone"))
                self.camera.show(text, symbology, kind, **fields)
            case "/image":
                self.camera.hold(body)
            case "/clear":
                self.camera.clear()
            case "/fault":
                self.camera.fault(str(_object(body).get("name", "")))
            case _:
                self._say(HTTPStatus.NOT_FOUND, {"error": "no such order"})
                return
        self._say(HTTPStatus.OK, {"version": self.camera.state.version})

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > BODY_MAX:
            self.close_connection = True
            self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": f"at most {BODY_MAX} bytes"})
            return None
        return self.rfile.read(int(length))

    def _stream(self) -> None:
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        for jpeg in self.camera.frames():
            head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            self.wfile.write(head.encode() + jpeg + b"\r\n")

    def _say(self, status: HTTPStatus, answer: dict[str, object]) -> None:
        self._send(status, "application/json", json.dumps(answer).encode())

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the bench says what it wants known, and a request may carry a personal code."""


def _object(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body or b"{}")
    except ValueError:
        raise BadOrder("the body is not JSON") from None
    if not isinstance(fields, dict):
        raise BadOrder("the body must be an object")
    return fields
