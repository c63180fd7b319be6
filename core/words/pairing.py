"""Words of a device that is being set up, English and Korean."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "pairing.title": ("Connect this terminal", "단말기 연결하기"),
    "pairing.asking": ("Asking the exchange for a code", "거래소에서 코드를 받고 있어요"),
    "pairing.code": ("Type this code on your shop's page: {code}", "판매자 페이지에 이 코드를 입력해 주세요: {code}"),
    "pairing.where": ("Where", "입력할 곳"),
    "pairing.fingerprint": ("Key", "기기 키"),
    "pairing.good_for": ("This code is good for a while", "이 코드는 잠시 쓸 수 있어요"),
    "pairing.refused": ("This terminal was turned down", "이 단말기 연결이 거절됐어요"),
    "pairing.paper_code": ("Code", "코드"),
    "pairing.terminal": ("Terminal", "단말기"),
    "pairing.again": ("Connect again", "다시 연결하기"),
    "pairing.again_title": ("Connect this terminal again?", "이 단말기를 다시 연결할까요?"),
    "pairing.again_why": (
        "It forgets its shop and needs a new code from your shop's page.",
        "판매자 정보가 지워지고, 판매자 페이지에서 새 코드를 입력해야 해요.",
    ),
    "pairing.again_owed": (
        "{count} messages to the exchange can no longer be sent. Coins on hold are released by themselves.",
        "거래소로 보내지 못한 {count}건은 더 이상 보낼 수 없어요. 묶인 코인은 저절로 풀려요.",
    ),
    "device.starting": ("Starting", "시작하고 있어요"),
    "device.out_of_service": ("Out of service", "지금은 사용할 수 없어요"),
}
