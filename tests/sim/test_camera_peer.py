"""The simulated camera: it draws real symbols, films them, and obeys over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import barcode
import cv2
import numpy as np
import pytest
import zxingcpp

from sim.peers.camera import BadOrder, CameraPeer
from sim.peers.camera_scene import Look, Scene
from sim.peers.camera_symbols import BadSymbol, ean13_check, symbol
from sim.peers.camera_things import KINDS, thing

CODE = "271234567895555554"


@pytest.fixture
def peer() -> Iterator[CameraPeer]:
    camera = CameraPeer(seed=2, width=640, height=480, fps=30)
    yield camera
    camera.close()


def ask(peer: CameraPeer, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    line = HTTPConnection(urlsplit(peer.base_url).netloc, timeout=5)
    line.request(method, path, body)
    answer = line.getresponse()
    read = answer.status, answer.read()
    line.close()
    return read


def texts(frame: np.ndarray) -> list[str]:  # type: ignore[type-arg]
    return [code.text for code in zxingcpp.read_barcodes(frame)]


# -- symbols ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["8801234567893", "0036000291452", "4006381333931", "9780201379624"])
def test_ean13_has_the_modules_that_another_library_draws(text: str) -> None:
    theirs = barcode.EAN13(text).build()[0].replace("G", "1")
    assert "".join(map(str, symbol("ean13", text)[0])) == theirs


@pytest.mark.parametrize("text", [CODE, "TM4711ABC", "a b~", "12345"])
@pytest.mark.parametrize("module", [2, 3])
def test_code128_is_read_by_a_library_that_did_not_draw_it(text: str, module: int) -> None:
    row = np.repeat(np.where(symbol("code128", text)[0], 0, 255), module)
    picture = np.tile(np.pad(row, 40, constant_values=255), (60, 1)).astype(np.uint8)
    assert texts(picture) == [text]


def test_an_even_number_of_digits_takes_half_the_room() -> None:
    assert symbol("code128", CODE).shape[1] == (9 + 2) * 11 + 13


@pytest.mark.parametrize(
    ("kind", "text"), [("ean13", "8801234567890"), ("ean13", "88"), ("code128", "한"), ("code128", ""), ("pdf", "x")]
)
def test_what_a_symbol_cannot_carry_is_refused(kind: str, text: str) -> None:
    with pytest.raises(BadSymbol):
        symbol(kind, text)


def test_the_check_digit_is_the_one_of_the_standard() -> None:
    assert ean13_check("629104150021") == "3"  # the worked example of GS1's check digit calculator


# -- the film -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("symbology", "text"), [("qr", CODE), ("code128", CODE), ("ean13", "8801234567893")])
def test_each_thing_can_be_read_off_the_film_where_it_says_its_code_is(kind: str, symbology: str, text: str) -> None:
    scene, held, look = Scene(3), thing(kind, symbology, text), Look(fill=0.5)
    frames = [scene.frame(second / 10, held, look) for second in range(10)]
    assert sum(text in texts(frame) for frame in frames) >= 6
    corners = scene.corners(0.5, held, look)
    assert (corners.min(axis=0) > 0).all()
    assert (corners.max(axis=0) < (1280, 720)).all()


def test_the_same_seed_and_time_give_the_same_frame_and_another_seed_another() -> None:
    held = thing("phone", "qr", CODE)
    first = Scene(5).frame(1.25, held, Look())
    assert np.array_equal(first, Scene(5).frame(1.25, held, Look()))
    assert not np.array_equal(first, Scene(6).frame(1.25, held, Look()))


def test_two_frames_never_have_the_same_noise() -> None:
    scene = Scene(5)
    assert not np.array_equal(scene.frame(1.0, None, Look()), scene.frame(1.01, None, Look()))


def test_a_hand_moves_and_a_stand_does_not() -> None:
    scene, held = Scene(5), thing("phone", "qr", CODE)
    moved = scene.corners(1.0, held, Look()) - scene.corners(1.4, held, Look())
    assert np.abs(moved).max() > 1
    still = scene.corners(1.0, held, Look(shake=0)) - scene.corners(1.4, held, Look(shake=0))
    assert np.abs(still).max() == 0


# -- orders over HTTP ---------------------------------------------------------------------------------


def test_an_order_is_in_the_next_frame(peer: CameraPeer) -> None:
    order = {"text": CODE, "symbology": "qr", "kind": "phone", "shake": 0.2}
    assert ask(peer, "POST", "/show", json.dumps(order).encode())[0] == 200
    status, jpeg = ask(peer, "GET", "/frame.jpg")
    assert status == 200
    assert texts(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)) == [CODE]
    assert ask(peer, "POST", "/clear")[0] == 200
    assert texts(peer.frame()) == []


def test_a_screenshot_can_be_held_up(peer: CameraPeer) -> None:
    screen = np.full((800, 400), 245, np.uint8)
    modules = np.kron(np.where(symbol("qr", CODE), 0, 255), np.ones((10, 10))).astype(np.uint8)
    screen[200 : 200 + modules.shape[0], 95 : 95 + modules.shape[1]] = modules
    png = cv2.imencode(".png", screen)[1].tobytes()
    assert ask(peer, "POST", "/image", png)[0] == 200
    assert texts(peer.frame()) == [CODE]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/show", b"{", 422),
        ("/show", b"[]", 422),
        ("/show", b'{"symbology": "qr"}', 422),
        ("/show", b'{"text": "x", "symbology": "aztec"}', 422),
        ("/show", b'{"text": "x", "kind": "dog"}', 422),
        ("/show", b'{"text": "x", "shiver": 2}', 422),
        ("/show", b'{"text": "x", "shake": "much"}', 422),
        ("/fault", b'{"name": "rust"}', 422),
        ("/image", b"not a picture", 422),
        ("/dance", b"", 404),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(peer: CameraPeer, path: str, body: bytes, status: int) -> None:
    assert ask(peer, "POST", path, body)[0] == status
    assert peer.state.held is None


def test_an_unplugged_camera_serves_nothing_until_it_is_plugged_in(peer: CameraPeer) -> None:
    ask(peer, "POST", "/fault", b'{"name": "unplug"}')
    assert ask(peer, "GET", "/stream")[0] == 503
    ask(peer, "POST", "/fault", b'{"name": "none"}')
    assert ask(peer, "GET", "/frame.jpg")[0] == 200


def test_a_frozen_camera_repeats_its_frame_and_a_black_one_sees_nothing(peer: CameraPeer) -> None:
    peer.fault("freeze")
    frames = peer.frames()
    assert next(frames) == next(frames)
    peer.fault("black")
    assert peer.frame().mean() < 3
    peer.fault("none")
    assert next(frames) != next(frames)
    frames.close()


def test_a_fault_nobody_knows_is_refused(peer: CameraPeer) -> None:
    with pytest.raises(BadOrder, match="fault must be one of"):
        peer.fault("rust")


def test_the_state_does_not_tell_the_code(peer: CameraPeer) -> None:
    peer.show(CODE)
    status, body = ask(peer, "GET", "/state")
    assert status == 200
    assert json.loads(body)["held"] == "phone qr"
    assert CODE.encode() not in body
