"""Words of the personal code."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "code.title": ("Your code", "내 코드"),
    "code.show": ("Show this at the counter", "계산대에서 보여 주세요"),
    "code.changes": ("seconds until the code changes", "초 뒤에 코드가 바뀌어요"),
    "code.qr": ("QR code of your personal code", "내 코드의 QR 코드"),
    "code.bars": ("Barcode of your personal code", "내 코드의 바코드"),
    "code.digits": ("Your code in digits", "내 코드 숫자"),
    "code.online": ("Connected", "연결됨"),
    "code.offline": ("Offline. Codes for {minutes} more min.", "오프라인이에요. {minutes}분 더 쓸 수 있어요."),
    "code.last_minute": ("Offline. This is the last minute of codes.", "오프라인이에요. 코드가 1분 안에 끝나요."),
    "code.gone": ("The codes have run out", "코드를 다 썼어요"),
    "code.gone_how": (
        "Connect to the internet once and new codes come by themselves.",
        "인터넷에 한 번 연결하면 새 코드가 저절로 와요.",
    ),
    "code.signed_out": ("You are signed out", "로그아웃됐어요"),
    "code.signed_out_how": ("Sign in to see your code.", "로그인하면 코드가 보여요."),
    "code.read": ("Code read. Look at the terminal.", "코드를 읽었어요. 단말기를 봐 주세요."),
    "code.no_script": (
        "Without scripts this page loads a new code each half minute.",
        "스크립트가 꺼져 있으면 30초마다 새로 고쳐요.",
    ),
    "code.close": ("Close", "닫기"),
    "code.clock": ("Your phone's clock differs from ours; we use ours.", "휴대폰 시계가 달라서 저희 시계를 써요."),
}
