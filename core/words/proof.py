"""Words of a receipt's check, English and Korean."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "proof.valid": ("VALID", "진짜 영수증이에요"),
    "proof.not_valid": ("NOT VALID", "진짜 영수증이 아니에요"),
    "proof.not_checked": ("NOT CHECKED", "확인하지 못했어요"),
    "proof.signed_by": ("Signed by the exchange, key {name}", "거래소가 서명했어요 (키 {name})"),
    "proof.claims": ("What the code claims (do not believe it):", "코드에 적힌 내용 (믿지 마세요):"),
    "proof.unchecked": ("What the code claims (not checked):", "코드에 적힌 내용 (확인 전):"),
    "proof.kind.sale": ("Sale", "판매"),
    "proof.kind.refund": ("Refund", "환불"),
    "proof.kind.withdrawal": ("Cash withdrawal", "현금 출금"),
    "proof.kind.void": ("Void of a sale", "판매 취소"),
    "proof.kind": ("Receipt of a", "영수증 종류"),
    "proof.number": ("Number", "번호"),
    "proof.shop": ("Shop", "가게"),
    "proof.time": ("Time", "시각"),
    "proof.terminal": ("Terminal", "단말기"),
    "proof.price": ("Price", "금액"),
    "proof.refunded": ("Refunded", "환불 금액"),
    "proof.fee": ("Fee", "수수료"),
    "proof.quantity": ("Coins for the price", "결제 코인"),
    "proof.total": ("Taken from the wallet", "지갑에서 나간 코인"),
    "proof.returned": ("Put back into the wallet", "지갑으로 돌아간 코인"),
    "proof.given": ("Given to the shopper", "손님이 받은 금액"),
    "proof.rate": ("Rate", "시세"),
    "proof.approval": ("Approval", "승인 번호"),
    "proof.txn": ("Transaction", "거래 ID"),
    "proof.sale": ("Of the sale", "원거래 ID"),
}
