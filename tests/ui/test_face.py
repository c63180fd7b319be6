"""The face on memory glass: what it shows, what it hears, what it forgets."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from core.events import Event, Pressed
from core.screens import Action, Amount, Facts, Keypad, Plain, Role, Screen
from tests.ui.gallery import SetClock
from tests.ui.samples import counter_picture, samples, won
from ui.face import TillFace, open_face
from ui.glass import Memory
from ui.inputs import Down, Input, KeyHit, Moved, Up
from ui.settings import ScreenRefused, Settings

EN = {screen.name: screen for screen in samples("en")}


class Hands:
    """A person before the face: presses things by their name, at a pace."""

    def __init__(self, **settings: object) -> None:
        self.clock = SetClock()
        asked = replace(Settings(mode="headless", lang="en", reduced_motion=True), **settings)  # type: ignore[arg-type]
        self.face: TillFace = open_face(asked, self.clock)
        glass = self.face._glass
        assert isinstance(glass, Memory)
        self.glass = glass
        self.heard: list[Event] = []

    def show(self, screen: Screen) -> None:
        self.face.show(screen, "en")
        self.turn()

    def turn(self, ms: int = 40) -> tuple[Event, ...]:
        self.clock.ms += ms
        events = self.face.frame()
        self.heard.extend(events)
        return events

    def spot(self, action: str) -> tuple[int, int]:
        assert self.face.layout is not None
        return next(t.hit.centre for t in self.face.layout.placed.targets if t.action == action)

    def do(self, *inputs: Input, ms: int = 40) -> tuple[Event, ...]:
        heard: list[Event] = []
        for done in inputs:
            self.glass.put(done)
            heard.extend(self.turn(ms))
        return tuple(heard)

    def tap(self, action: str, ms: int = 40) -> tuple[Event, ...]:
        x, y = self.spot(action)
        return self.do(Down(x, y), Up(x, y), ms=ms)

    def pixels(self) -> bytes:
        return self.glass.surface.get_buffer().raw


@pytest.fixture
def hands() -> Hands:
    return Hands()


def test_a_button_is_pressed_when_let_go_over_it(hands: Hands) -> None:
    hands.show(EN["quote"])
    x, y = hands.spot("confirm")
    assert hands.do(Down(x, y)) == ()
    assert hands.do(Up(x, y)) == (Pressed("confirm"),)


def test_a_button_looks_pressed_while_it_is_held(hands: Hands) -> None:
    hands.show(EN["confirm"])
    before = hands.pixels()
    x, y = hands.spot("confirm")
    hands.do(Down(x, y))
    held = hands.pixels()
    hands.do(Moved(x, 10))
    assert held != before
    assert hands.pixels() == before


def test_moving_out_before_letting_go_presses_nothing(hands: Hands) -> None:
    hands.show(EN["quote"])
    x, y = hands.spot("confirm")
    assert hands.do(Down(x, y), Moved(x, 10), Up(x, 10)) == ()
    assert hands.do(Down(x, y), Moved(x, 10), Moved(x, y), Up(x, y)) == (Pressed("confirm"),)


def test_one_finger_that_bounces_presses_once(hands: Hands) -> None:
    hands.show(EN["ring_up"])
    x, y = hands.spot("digit:7")
    assert hands.do(Down(x, y), Up(x, y), Down(x, y), Up(x, y), ms=15) == (Pressed("digit:7"),)


def test_two_honest_taps_on_a_digit_are_two_digits(hands: Hands) -> None:
    hands.show(EN["ring_up"])
    x, y = hands.spot("digit:0")
    taps = (Down(x, y), Up(x, y), Down(x, y), Up(x, y))
    assert hands.do(*taps, ms=65) == (Pressed("digit:0"), Pressed("digit:0"))


def test_a_nervous_double_tap_on_a_button_counts_once(hands: Hands) -> None:
    hands.show(EN["quote"])
    x, y = hands.spot("confirm")
    assert hands.do(Down(x, y), Up(x, y), Down(x, y), Up(x, y), ms=70) == (Pressed("confirm"),)


def test_the_second_half_of_a_double_tap_does_not_confirm_the_next_screen(hands: Hands) -> None:
    hands.show(EN["quote"])
    hands.tap("confirm")
    hands.show(EN["confirm"])
    assert hands.tap("confirm", ms=50) == ()
    hands.turn(300)
    assert hands.tap("confirm") == (Pressed("confirm"),)


def test_a_new_screen_hears_a_touch_elsewhere_at_once(hands: Hands) -> None:
    hands.show(EN["quote"])
    hands.tap("confirm")
    hands.show(EN["confirm"])
    assert hands.tap("cancel") == (Pressed("cancel"),)


def test_a_finger_held_down_while_the_screen_changes_presses_nothing(hands: Hands) -> None:
    hands.show(EN["quote"])
    x, y = hands.spot("confirm")
    hands.do(Down(x, y))
    hands.show(EN["confirm"])
    assert hands.do(Up(x, y)) == ()


@pytest.mark.parametrize(
    ("screen", "key", "action"),
    [
        ("quote", "enter", "confirm"),
        ("quote", "escape", "cancel"),
        ("ring_up", "7", "digit:7"),
        ("ring_up", "0", "digit:0"),
        ("ring_up", "backspace", "erase"),
        ("coins", "2", "coin:ETH"),
    ],
)
def test_keys_do_what_buttons_do(hands: Hands, screen: str, key: str, action: str) -> None:
    hands.show(EN[screen])
    assert hands.do(KeyHit(key)) == (Pressed(action),)


@pytest.mark.parametrize("name", EN)
def test_every_target_of_every_screen_can_be_pressed_without_touch(hands: Hands, name: str) -> None:
    hands.show(EN[name])
    assert hands.face.layout is not None
    wanted = {target.action for target in hands.face.layout.placed.targets}
    reached = set()
    for _ in range(len(wanted)):
        hands.do(KeyHit("tab"))
        reached.add(hands.face._focus.at)
    assert reached == wanted


def test_arrows_walk_the_number_pad_and_enter_presses_the_key_in_focus(hands: Hands) -> None:
    hands.show(EN["ring_up"])
    hands.face._focus.at = "digit:5"
    assert hands.do(KeyHit("down"), KeyHit("right"), KeyHit("enter")) == (Pressed("digit:9"),)


def test_the_language_button_is_heard_and_the_other_language_is_drawn(hands: Hands) -> None:
    hands.show(EN["quote"])
    english = hands.pixels()
    assert hands.tap("language") == (Pressed("language"),)
    hands.face.show(EN["quote"], "ko")
    hands.turn()
    assert hands.pixels() != english


def test_help_opens_over_a_screen_and_closes_by_itself(hands: Hands) -> None:
    hands.show(EN["approved"])
    assert hands.tap("help") == ()
    assert hands.face.screen is not None
    assert hands.face.screen.name == "help"
    hands.turn(31_000)
    assert hands.face.screen.name == "approved"


def test_a_new_screen_closes_the_help_page(hands: Hands) -> None:
    hands.show(EN["working"])
    hands.tap("help")
    hands.show(EN["quote"])
    assert hands.face.screen is EN["quote"]


def test_a_price_that_moves_does_not_close_the_help_page(hands: Hands) -> None:
    def idle(price: str) -> Screen:
        return Screen("idle", Plain("Ready"), (Facts(((Plain("Market now"), Plain(price)),)),))

    hands.show(idle("1 TIL = 10,000 KRW"))
    hands.tap("help")
    hands.show(idle("1 TIL = 10,010 KRW"))
    assert hands.face.screen is not None
    assert hands.face.screen.name == "help"
    hands.tap("help_back")
    assert hands.face.screen == idle("1 TIL = 10,010 KRW")


def test_nothing_is_drawn_while_nothing_changes(hands: Hands) -> None:
    drawn: list[object] = []
    hands.show(EN["approved"])
    hands.glass.present = drawn.append  # type: ignore[method-assign, assignment]
    for _ in range(20):
        hands.turn()
    assert drawn == []


def test_moving_marks_draw_at_most_thirty_times_a_second(hands: Hands) -> None:
    lively = Hands(reduced_motion=False)
    lively.show(EN["working"])
    lively.turn(500)
    drawn: list[object] = []
    lively.glass.present = drawn.append  # type: ignore[method-assign, assignment]
    for _ in range(1_000):
        lively.turn(1)
    assert 10 <= len(drawn) <= 30


def test_a_countdown_counts_on_the_monotonic_clock_and_ends_at_nought(hands: Hands) -> None:
    hands.show(EN["quote"])
    first = hands.pixels()
    hands.turn(3_000)
    later = hands.pixels()
    hands.turn(60_000)
    assert first != later


def test_the_same_quote_shown_again_starts_its_countdown_anew(hands: Hands) -> None:
    hands.show(EN["quote"])
    first = hands.pixels()
    hands.turn(5_000)
    hands.show(EN["quote"])
    assert hands.pixels() == first


def test_a_countdown_goes_on_through_help_the_other_language_and_the_next_minute(hands: Hands) -> None:
    hands.show(EN["quote"])
    hands.turn(4_000)
    other = Hands()
    other.show(EN["quote"])
    other.tap("help", ms=40)
    other.tap("help_back", ms=400)
    other.face.show(EN["quote"], "ko")
    other.face.show(EN["quote"], "en")
    other.face._clock_text = "the minute before"
    other.turn(4_000 - 2 * 40 - 2 * 400)
    assert other.pixels() == hands.pixels()


def test_after_a_new_screen_no_pixel_of_a_typed_code_is_left() -> None:
    """Wiped at the first frame: not faded out, not kept in memory, not found in a cache."""
    code = Screen("type_code", Plain("Type"), (Keypad("271 829 103 447 112 908"),))
    end = Screen("idle", Plain("Welcome"), (Amount(won(1)),), (Action("go", Plain("Go"), Role.PRIMARY),))
    clean = Hands()
    clean.show(end)
    wanted = clean.pixels()
    for still in (True, False):
        used = Hands(reduced_motion=still)
        used.show(code)
        used.turn(500)
        typed = used.pixels()
        used.face.show(end, "en")
        used.face.frame()
        arriving = used.pixels()
        used.turn(500)
        assert used.pixels() == wanted
        assert used.face._canvas._base.get_buffer().raw == wanted
        assert not any("271" in text for text, _, _ in used.face._canvas.fonts._widths)
        left = 800 * 4 * 100 + 24 * 4  # in the row of the typed figures, where the end screen has paper
        assert typed != wanted
        assert arriving[left : left + 800] != typed[left : left + 800] or still


def test_a_camera_picture_is_gone_with_its_screen(hands: Hands) -> None:
    hands.show(EN["show_code"])
    hands.face.preview(counter_picture(64, 48))
    hands.turn()
    hands.show(EN["quote"])
    assert hands.face._canvas._preview is None
    hands.face.preview(counter_picture(64, 48))
    assert hands.face._canvas._preview is None


def test_the_camera_picture_is_mirrored(hands: Hands) -> None:
    from core.ports import Preview

    hands.show(EN["show_code"])
    hands.face.preview(Preview(64, 48, bytes([255] * 32 + [0] * 32) * 48, ""))
    hands.turn()
    assert hands.face.layout is not None
    lens = next(m.box for m in hands.face.layout.placed.marks if type(m).__name__ == "Lens")
    left = hands.glass.surface.get_at((lens.x + 60, lens.y + 20))
    right = hands.glass.surface.get_at((lens.right - 60, lens.y + 20))
    assert left.r < 40
    assert right.r > 215


def test_a_screen_that_stands_for_minutes_wanders_against_burn_in(hands: Hands) -> None:
    hands.show(EN["approved"])
    first = hands.pixels()
    hands.turn(50_000)
    assert hands.glass.surface.get_at((400, 300)) is not None
    hands.turn(70_000)
    assert hands.pixels() != first
    assert hands.tap("done") == (Pressed("done"),)


def test_closing_wipes_the_glass(hands: Hands) -> None:
    hands.show(EN["type_code"])
    hands.face.close()
    assert not any(hands.glass.surface.get_at((x, 120)).r for x in range(0, 800, 8))


def test_a_missing_font_is_refused_by_name() -> None:
    with pytest.raises(ScreenRefused) as refused:
        open_face(Settings(mode="headless", font="/nowhere/font.ttf"), SetClock())
    assert refused.value.code == "TM-SCR-001"


def test_a_font_without_hangul_is_refused_by_name() -> None:
    import pygame

    path = pygame.__path__[0] + "/freesansbold.ttf"
    with pytest.raises(ScreenRefused) as refused:
        open_face(Settings(mode="headless", font=path), SetClock())
    assert refused.value.code == "TM-SCR-002"


def test_the_bitcoin_sign_is_written_out_because_the_font_lacks_it() -> None:
    from ui.fonts import Fonts

    assert Fonts(Settings()).spelled("5 ₿ · 50,000 ₩", False) == "5 BTC · 50,000 ₩"


def test_pygame_is_not_imported_before_a_face_is_opened() -> None:
    script = "import ui.face, ui.settings, ui.layout, ui.help, sys; sys.exit('pygame' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize("mode", ["window", "fullscreen"])
def test_a_window_and_the_whole_display_hear_mouse_and_keys(mode: str) -> None:
    import pygame

    clock = SetClock()
    face = open_face(Settings(mode=mode, lang="en", reduced_motion=True), clock)
    try:
        face.show(EN["quote"], "en")
        face.frame()
        assert face.layout is not None
        spot = next(t.hit.centre for t in face.layout.placed.targets if t.action == "confirm")
        pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=spot, button=1, touch=False))
        pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONUP, pos=spot, button=1, touch=False))
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_ESCAPE, mod=0))
        clock.ms += 40
        assert face.frame() == (Pressed("confirm"), Pressed("cancel"))
    finally:
        face.close()
