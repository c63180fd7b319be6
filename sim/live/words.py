"""Words of the live page, English and Korean side by side."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("Tillmark, live", "Tillmark 체험"),
    "lead": (
        "Everything here is the real thing; only cables and people are simulated.",
        "모두 실제로 동작해요. 케이블과 사람만 흉내 낸 거예요.",
    ),
    "device": ("The terminal", "단말기"),
    "device_how": (
        "Click the screen, or type: Enter, Esc, digits.",
        "화면을 누르거나 키보드를 쓰세요: Enter, Esc, 숫자.",
    ),
    "phone": ("Your phone", "내 휴대폰"),
    "phone_open": ("Open in a window of its own", "새 창에서 열기"),
    "counter": ("At the counter", "계산대에서"),
    "shelf": ("Scan a product", "상품 스캔"),
    "hold": ("Hold the phone to the camera", "휴대폰을 카메라에 대기"),
    "away": ("Take the phone away", "휴대폰 치우기"),
    "tap": ("Tap the phone", "휴대폰 터치하기"),
    "as_qr": ("QR code", "QR 코드"),
    "as_bars": ("Barcode", "바코드"),
    "no_code": ("Join on the phone first: it shows no code yet.", "먼저 휴대폰에서 가입하세요. 아직 코드가 없어요."),
    "paper": ("The receipt", "영수증"),
    "no_paper": ("Nothing has been printed yet.", "아직 인쇄된 것이 없어요."),
    "behind": ("Behind the counter", "계산대 뒤"),
    "prices": ("Market price", "시세"),
    "faults": ("Make something go wrong", "고장 내 보기"),
    "fault.paper_out": ("Paper is out", "용지 없음"),
    "fault.paper_near_end": ("Paper is low", "용지 부족"),
    "fault.cover_open": ("Printer cover is open", "프린터 덮개 열림"),
    "fault.camera_unplugged": ("Camera is unplugged", "카메라 뽑힘"),
    "fault.nfc_unplugged": ("NFC reader is unplugged", "NFC 리더 뽑힘"),
    "fault.backend_paused": ("Servers do not answer", "서버 무응답"),
    "fault.venues_stale": ("Prices stand still", "시세 멈춤"),
    "mailbox": ("Mailbox and SMS", "메일함과 문자"),
    "no_letters": ("Codes you ask for arrive here.", "요청한 인증번호가 여기로 와요."),
    "bank": ("Your bank", "은행"),
    "reference": ("Reference", "받는 분 표시"),
    "amount": ("Amount", "금액"),
    "send": ("Send", "보내기"),
    "sent": ("Sent.", "보냈어요."),
    "shop": ("The shop's pages", "가게 화면"),
    "operator": ("The operator's pages", "운영자 화면"),
    "lost": ("The demonstration has ended, or is starting again.", "체험이 끝났거나 다시 시작하고 있어요."),
    "waiting": ("The terminal is starting", "단말기를 켜고 있어요"),
}


def words(lang: str) -> dict[str, str]:
    """Every word in one language ("en" or "ko")."""
    return {key: both[1 if lang == "ko" else 0] for key, both in WORDS.items()}
