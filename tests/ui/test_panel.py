"""A remote panel over a real line: pictures arrive, touches count, and no panel can hold the face up."""

from __future__ import annotations

import gc
import io
import select
import socket
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from core.events import Event, Pressed
from core.moment import Moment
from core.wire.panel import Key, Shown, encode
from sim.peers.panel import Panel, PanelGone
from tests.ui.samples import samples
from ui.face import TillFace, open_face
from ui.panel import PanelGlass, _jpeg, address_of
from ui.settings import ScreenRefused, Settings

EN = {screen.name: screen for screen in samples("en")}
DEADLINE_S = 30.0


class RealClock:
    def now(self) -> Moment:
        return Moment.parse("2026-03-01T09:30:00Z")

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


@pytest.fixture
def panel() -> Iterator[Panel]:
    with Panel() as far:
        yield far


@pytest.fixture
def face(panel: Panel) -> Iterator[TillFace]:
    near = open_face(Settings(mode="panel", port=panel.address, lang="en", reduced_motion=True), RealClock())
    yield near
    near.close()


def turn_until(face: TillFace, panel: Panel, name: str) -> Shown:
    """Frames of the face until the panel shows that screen."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        face.frame()
        shown = panel.latest()
        if shown is not None and shown.name == name:
            return shown
        time.sleep(0.002)
    raise AssertionError(f"{name} did not reach the panel")


def heard_within(face: TillFace, count: int = 1) -> list[Event]:
    heard: list[Event] = []
    end = time.monotonic() + DEADLINE_S
    while len(heard) < count and time.monotonic() < end:
        heard.extend(face.frame())
        time.sleep(0.002)
    return heard


def test_the_panel_shows_the_screen_and_says_what_it_is(face: TillFace, panel: Panel) -> None:
    from PIL import Image

    face.show(EN["quote"], "en")
    shown = turn_until(face, panel, "quote")
    assert (shown.revision, shown.lang, shown.settled) == (1, "en", True)
    assert "50,000 ₩" in shown.spoken
    with Image.open(io.BytesIO(shown.picture)) as picture:
        assert picture.size == (800, 480)
        near = face.picture().get_at((650, 400))
        far = picture.convert("RGB").getpixel((650, 400))
        assert isinstance(far, tuple)
        assert all(abs(a - b) < 12 for a, b in zip(near[:3], far, strict=True))


def test_a_touch_and_a_key_on_the_panel_are_heard(face: TillFace, panel: Panel) -> None:
    face.show(EN["quote"], "en")
    turn_until(face, panel, "quote")
    panel.press("confirm")
    assert heard_within(face) == [Pressed("confirm")]
    panel.key("escape")
    assert heard_within(face) == [Pressed("cancel")]


def test_a_touch_can_be_waited_for(face: TillFace, panel: Panel) -> None:
    assert face.lines() == ()
    face.show(EN["quote"], "en")
    turn_until(face, panel, "quote")
    (line,) = face.lines()
    assert select.select([line], [], [], 0)[0] == []
    panel.press("confirm")
    assert select.select([line], [], [], DEADLINE_S)[0] == [line]
    assert heard_within(face) == [Pressed("confirm")]
    assert select.select([line], [], [], 0)[0] == []


def test_waiting_for_a_screen_ends_when_it_is_shown_again(face: TillFace, panel: Panel) -> None:
    face.show(EN["quote"], "en")
    first = turn_until(face, panel, "quote")
    assert panel.wait_for("quote") == first
    with pytest.raises(PanelGone, match="'quote' stands there"):
        panel.wait_for("quote", timeout_s=0.01, after_revision=first.revision)


def test_a_button_that_is_not_there_is_named(face: TillFace, panel: Panel) -> None:
    with pytest.raises(PanelGone, match="no screen"):
        panel.press("confirm")
    face.show(EN["idle"], "en")
    turn_until(face, panel, "idle")
    with pytest.raises(PanelGone, match="new_sale"):
        panel.press("confirm")


def test_pictures_that_were_sent_are_forgotten(face: TillFace) -> None:
    face.show(EN["quote"], "en")
    _jpeg(face.picture())
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        assert all(_jpeg(face.picture()).startswith(b"\xff\xd8") for _ in range(20))
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 20_000  # one picture kept would be more


def test_an_unchanged_screen_is_sent_once(face: TillFace, panel: Panel) -> None:
    face.show(EN["approved"], "en")
    turn_until(face, panel, "approved")
    number, _ = panel.newer(0)
    end = time.monotonic() + 0.25
    while time.monotonic() < end:
        face.frame()
        time.sleep(0.005)
    assert panel.newer(number, timeout_s=0.01)[0] - number <= 1


def test_a_panel_that_comes_late_or_comes_back_gets_the_screen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    face = open_face(Settings(mode="panel", port=f"socket://127.0.0.1:{port}", reduced_motion=True), RealClock())
    try:
        face.show(EN["idle"], "en")
        face.frame()
        for _ in range(2):
            with Panel(port) as panel:
                assert turn_until(face, panel, "idle").name == "idle"
    finally:
        face.close()


def test_a_panel_that_reads_nothing_never_holds_the_face_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        port = server.getsockname()[1]
        settings = Settings(1920, 1080, mode="panel", port=f"socket://127.0.0.1:{port}", reduced_motion=True)
        face = open_face(settings, RealClock())
        try:
            slowest = 0.0
            for number in range(60):
                face.show(EN["quote" if number % 2 else "coins"], "en")
                before = time.perf_counter()
                face.frame()
                slowest = max(slowest, time.perf_counter() - before)
            glass = face._glass
            assert isinstance(glass, PanelGlass)
            assert glass.connected
            assert slowest < 5.0  # a full pipe that blocks would block for ever
        finally:
            face.close()


@pytest.mark.parametrize("octets", [b"GET / HTTP/1.1\r\n\r\n", encode(Key("nonsense")), b"\xff" * 64])
def test_a_far_end_that_is_no_panel_is_let_go(octets: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(DEADLINE_S)
        port = server.getsockname()[1]
        face = open_face(Settings(mode="panel", port=f"socket://127.0.0.1:{port}"), RealClock())
        try:
            face.show(EN["idle"], "en")
            face.frame()
            line, _ = server.accept()
            with line:
                line.settimeout(DEADLINE_S)
                line.sendall(octets)
                glass = face._glass
                assert isinstance(glass, PanelGlass)
                end = time.monotonic() + DEADLINE_S
                was_open = False
                while time.monotonic() < end:
                    assert face.frame() == ()
                    if was_open and not glass.connected:
                        return
                    was_open = was_open or glass.connected
                raise AssertionError("the line stayed open")
        finally:
            face.close()


@pytest.mark.parametrize(
    ("port", "code"),
    [
        ("socket://192.168.0.5:9100", "TM-SCR-005"),
        ("socket://example.org:9100", "TM-SCR-005"),
        ("socket://0.0.0.0:9100", "TM-SCR-005"),
        ("127.0.0.1:9100", "TM-SCR-006"),
        ("socket://127.0.0.1:0", "TM-SCR-006"),
        ("socket://127.0.0.1:99999", "TM-SCR-006"),
        ("", "TM-SCR-006"),
    ],
)
def test_a_port_that_is_not_loopback_is_refused_by_name(port: str, code: str) -> None:
    with pytest.raises(ScreenRefused) as refused:
        open_face(Settings(mode="panel", port=port), RealClock())
    assert refused.value.code == code


def test_loopback_in_its_three_spellings_is_taken() -> None:
    assert address_of("socket://127.0.0.1:9100") == ("127.0.0.1", 9100)
    assert address_of("socket://localhost:9100") == ("127.0.0.1", 9100)
    assert address_of("socket://[::1]:9100") == ("::1", 9100)
