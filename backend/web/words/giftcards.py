"""Words of the pages about gift cards: the member's own, and the operator's stock."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "giftcards.title": ("Gift cards", "상품권"),
    "giftcards.mine": ("Your gift cards", "내 상품권"),
    "giftcards.none": ("No gift card yet", "아직 상품권이 없어요"),
    "giftcards.none_how": ("You can buy one at a Tillmark machine.", "Tillmark 기기에서 살 수 있어요."),
    "giftcards.secret": (
        "Whoever has the code can use it. Show it only where you pay.",
        "코드를 아는 사람은 누구나 쓸 수 있어요. 결제할 때만 보여 주세요.",
    ),
    "giftcards.show": ("Show the code", "코드 보기"),
    "giftcards.qr": ("The code as a QR code", "QR 코드로 된 상품권 코드"),
    "giftcards.number": ("Number", "번호"),
    "giftcards.stock": ("Stock", "재고"),
    "giftcards.no_stock": ("Nothing loaded yet", "아직 등록한 코드가 없어요"),
    "giftcards.no_stock_how": (
        "Load a file on the host: tillmark backend giftcards load FILE",
        "서버에서 등록하세요: tillmark backend giftcards load FILE",
    ),
    "giftcards.issuer": ("Issuer", "발행사"),
    "giftcards.face": ("Value", "금액"),
    "giftcards.left": ("Left", "남음"),
    "giftcards.sold": ("Sold", "판매"),
    "giftcards.sales": ("Newest sales", "최근 판매"),
    "giftcards.no_sales": ("Nothing sold yet", "아직 판매가 없어요"),
    "giftcards.owed": ("Owed to the issuers", "발행사에 줄 금액"),
}
