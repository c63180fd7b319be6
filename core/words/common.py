"""Words used on many screens, English and Korean."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "common.cancel": ("Cancel", "취소"),
    "common.back": ("Back", "뒤로"),
    "common.confirm": ("Confirm", "확인"),
    "common.done": ("Done", "완료"),
    "common.again": ("Try again", "다시 시도"),
    "common.reason": ("Reason", "이유"),
    "common.code": ("Code", "코드"),
    "common.staff_number": ("Number for staff", "직원 확인 번호"),
    "common.no_money_moved": ("No money has moved.", "돈은 움직이지 않았어요."),
    "common.won": ("{amount} ₩", "{amount}원"),
    "common.reference": ("Number for staff: {reference}", "직원 확인 번호: {reference}"),
}
