"""Templates become text: the words of the visitor's language, sums and times as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from backend.http.callers import Caller, Kind
from backend.web.files import address
from backend.web.room import Room
from backend.web.words import Lang, word
from core.faults.catalogue import entry
from core.moment import Moment
from core.money import Money, grouped

if TYPE_CHECKING:
    import jinja2

SIGNS: Final = {"KRW": ("₩", "원"), "USD": ("$", "달러"), "EUR": ("€", "유로")}


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks, when and at which page; what every template may ask."""

    room: Room
    lang: Lang
    person: Caller | None
    path: str
    at: Moment


def page_text(look: Look, template: str, values: Mapping[str, object]) -> str:
    """The HTML of `templates/<template>.html`."""
    lang, person = look.lang, look.person
    return str(
        _templates()
        .get_template(f"{template}.html")
        .render(
            lang=lang,
            t=lambda key, **gaps: word(key, lang, **gaps),
            told=lambda code: entry(code).customer_ko if lang == "ko" else entry(code).customer,
            in_fiat=lambda minor: Money(minor, look.room.fiat),
            sum=lambda money: sum_text(money, lang),
            figures=grouped,
            unit=lambda money: unit_text(money, lang),
            when=lambda at: when_text(at, look.room.utc_offset_minutes, look.at, lang),
            address=address,
            path=look.path,
            room=look.room,
            person=person,
            is_member=person is not None and person.kind is Kind.MEMBER,
            is_operator=person is not None and person.kind is Kind.OPERATOR,
            csrf=person.csrf if person else "",
            **values,
        )
    )


def unit_text(money: Money, lang: Lang) -> str:
    """The sign after a sum: "₩" or "원", a coin's code otherwise."""
    code = money.asset.code
    return SIGNS.get(code, (code, code))[1 if lang == "ko" else 0]


def sum_text(money: Money, lang: Lang) -> str:
    """One text: "50,000 ₩", "50,000원", "0.00051234 BTC"."""
    unit = unit_text(money, lang)
    gap = "" if lang == "ko" and unit != money.asset.code else " "
    return f"{grouped(money)}{gap}{unit}"


def when_text(at: Moment, offset_minutes: int, now: Moment, lang: Lang) -> str:
    """A time for people: only the hour today, the day before it otherwise."""
    day, _, clock = at.local(offset_minutes).partition(" ")
    if day == now.local(offset_minutes).partition(" ")[0]:
        return word("common.today", lang, clock=clock[:5])
    year, month, date = day.split("-")
    return word("common.on_day", lang, year=year, month=int(month), day=int(date), clock=clock[:5])


@cache
def _templates() -> jinja2.Environment:
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.PackageLoader("backend.web", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    ours: dict[str, Any] = {"zip": zip}
    made.globals.update(ours)
    return made
