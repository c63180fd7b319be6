"""Words of joining and signing in."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "join.title": ("Join or sign in", "가입 또는 로그인"),
    "join.lead": ("We send you six digits. That is all it takes.", "숫자 여섯 자리를 보내 드려요. 그걸로 충분해요."),
    "join.contact": ("E-mail or mobile number", "이메일 또는 휴대폰 번호"),
    "join.contact_hint": ("For example name@mail.example or 010 1234 5678", "예: name@mail.example, 010 1234 5678"),
    "join.send": ("Send me the digits", "인증번호 받기"),
    "join.wallet_note": (
        "If you are new, a wallet is made for you at once.",
        "처음이라면 지갑이 바로 만들어져요.",
    ),
    "join.code_title": ("Type the six digits", "인증번호를 입력해 주세요"),
    "join.code_lead": (
        "We sent them to {contact}. They are good for 10 minutes.",
        "{contact}(으)로 보냈어요. 10분 동안 쓸 수 있어요.",
    ),
    "join.digits": ("Six digits", "인증번호 6자리"),
    "join.enter": ("Continue", "계속"),
    "join.other_contact": ("Use another address or send again", "다른 주소 쓰기 또는 다시 받기"),
    "join.bad_contact": (
        "Check the address: that is neither an e-mail nor a mobile number.",
        "이메일이나 휴대폰 번호가 맞는지 확인해 주세요.",
    ),
    "join.operator_title": ("Operator sign-in", "운영자 로그인"),
    "join.operator_lead": (
        "For people who own machines. The first operator is made on the server itself.",
        "기기를 운영하는 분을 위한 곳이에요. 첫 운영자는 서버에서 직접 등록해요.",
    ),
    "join.welcome": ("Your wallet is ready.", "지갑이 만들어졌어요."),
}
