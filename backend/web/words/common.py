"""Words of every page."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "common.skip": ("Skip to the page", "본문으로 가기"),
    "common.other_language": ("한국어", "English"),
    "common.back": ("Back", "뒤로"),
    "common.cancel": ("Cancel", "취소"),
    "common.continue": ("Continue", "계속"),
    "common.again": ("Try again", "다시 시도"),
    "common.today": ("Today {clock}", "오늘 {clock}"),
    "common.on_day": ("{year}-{month:02d}-{day:02d} {clock}", "{year}년 {month}월 {day}일 {clock}"),
    "common.menu": ("Menu", "메뉴"),
    "common.code": ("Code", "코드"),
    "common.shop": ("Shop", "내 가게"),
    "common.operator": ("Overview", "현황"),
    "common.sign_in": ("Sign in", "로그인"),
    "common.sign_out": ("Sign out", "로그아웃"),
    "common.staff_number": ("Number for staff: {code}", "직원 확인 번호: {code}"),
    "common.not_done": ("That did not work", "처리하지 못했어요"),
    "common.home": ("To the start", "처음으로"),
    "common.verify": ("Check a receipt", "영수증 확인"),
    "common.fault_pages": ("What a number means", "번호 찾아보기"),
    "common.offline": ("You are offline", "인터넷에 연결되어 있지 않아요"),
    "common.price": ("Price", "금액"),
    "common.fee": ("Fee", "수수료"),
    "common.rate": ("Rate", "시세"),
    "common.time": ("Time", "시각"),
    "common.number": ("Number", "번호"),
    "common.name": ("Name", "이름"),
    "common.per_coin": ("1 {coin} = {price}", "1 {coin} = {price}"),
}
