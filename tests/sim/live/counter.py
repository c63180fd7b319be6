"""A counter for the live page's tests: it draws a screen, and writes down what is done to it."""

from __future__ import annotations

import io
import threading

from PIL import Image, ImageDraw

from sim.live.world import CannotDo, Frame, Knob, Letter, Product, Switch, Urls


def picture(text: str, size: tuple[int, int] = (800, 480), kind: str = "JPEG") -> bytes:
    made = Image.new("RGB", size, (244, 247, 247))
    ImageDraw.Draw(made).text((40, 40), text, fill=(12, 28, 32), font_size=40)
    out = io.BytesIO()
    made.save(out, kind)
    return out.getvalue()


class Counter:
    """Every act is a line of `done`; the screen shows how many there are."""

    def __init__(self, phone: str = "http://127.0.0.1:9/me") -> None:
        self.done: list[tuple[object, ...]] = []
        self.papers = [picture("Corner Shop", (400, 600), "PNG")]
        self.faults = {"paper_out": False, "camera_unplugged": False}
        self.price = 10_000
        self.mail: list[Letter] = []
        self.phone = phone
        self._changed = threading.Condition()

    def _do(self, *line: object) -> None:
        with self._changed:
            self.done.append(line)
            self._changed.notify_all()

    def wait_for(self, line: tuple[object, ...], timeout_s: float = 5.0) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: line in self.done, timeout_s), f"{line} is not in {self.done}"

    def wait_for_act(self, name: str, timeout_s: float = 5.0) -> tuple[object, ...]:
        with self._changed:
            assert self._changed.wait_for(lambda: any(one[0] == name for one in self.done), timeout_s), self.done
            return next(one for one in reversed(self.done) if one[0] == name)

    def frame(self, after: int, timeout_s: float) -> Frame | None:
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.done) + 1 > after, timeout_s):
                return None
            number = len(self.done) + 1
        return Frame(number, 800, 480, picture(f"screen {number}"), "idle", ("Ready", f"screen {number}"))

    def finger(self, phase: int, x: int, y: int) -> None:
        self._do("finger", phase, x, y)

    def key(self, name: str) -> None:
        self._do("key", name)

    def show_code(self, text: str, symbology: str, kind: str) -> None:
        if self.faults["camera_unplugged"]:
            raise CannotDo("the camera is unplugged")
        self._do("show", text, symbology, kind)

    def take_away(self) -> None:
        self._do("away")

    def tap(self, code: str) -> None:
        self._do("tap", code)

    def products(self) -> tuple[Product, ...]:
        return (
            Product("tea", "Green tea", "3,500 ₩", "ean13", "8801234567893"),
            Product("coffee", "Americano", "4,500 ₩", "qr", "TMP1:KRW:4500:Americano"),
        )

    def paper_count(self) -> int:
        return len(self.papers)

    def paper(self, number: int) -> bytes:
        return self.papers[number - 1]

    def knobs(self) -> tuple[Knob, ...]:
        return (Knob("TIL/KRW", self.price, 5_000, 20_000),)

    def set_price(self, pair: str, price: int) -> None:
        self.price = price
        self._do("price", pair, price)

    def switches(self) -> tuple[Switch, ...]:
        return tuple(Switch(name, on) for name, on in self.faults.items())

    def set_fault(self, name: str, on: bool) -> None:
        self.faults[name] = on
        self._do("fault", name, on)

    def letters(self) -> tuple[Letter, ...]:
        return tuple(reversed(self.mail))

    def transfer(self, reference: str, amount: str) -> None:
        self._do("transfer", reference, amount)

    def visitor(self) -> dict[str, str]:
        return {"tillmark_session": "somebody"}

    def urls(self) -> Urls:
        origin = "/".join(self.phone.split("/")[:3])
        return Urls(self.phone, f"{origin}/shop", f"{origin}/operator")
