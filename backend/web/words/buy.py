"""Words of buying coins."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "buy.title": ("Buy coins", "코인 사기"),
    "buy.lead": ("At the market price now.", "지금 시세로 사요."),
    "buy.coin": ("Which coin", "어떤 코인"),
    "buy.amount": ("For how much", "얼마어치"),
    "buy.have": ("You have {sum}", "쓸 수 있는 돈 {sum}"),
    "buy.everything": ("Everything", "전부"),
    "buy.quote": ("See what I get", "얼마나 받는지 보기"),
    "buy.no_money": ("Transfer money in first", "먼저 입금해 주세요"),
    "buy.no_money_how": ("You buy coins with money in your wallet.", "지갑에 있는 돈으로 코인을 살 수 있어요."),
    "buy.confirm_title": ("Is this right?", "이대로 살까요?"),
    "buy.you_get": ("You get", "받는 코인"),
    "buy.you_pay": ("You pay", "내는 돈"),
    "buy.sources": ("Price from", "가격 출처"),
    "buy.holds": ("This price holds for {seconds} s", "이 가격은 {seconds}초 동안 유지돼요"),
    "buy.seconds": ("seconds left", "초 남았어요"),
    "buy.confirm": ("Buy", "사기"),
    "buy.over": ("The price has expired. Nothing was taken.", "시세가 만료됐어요. 돈은 빠져나가지 않았어요."),
    "buy.new_price": ("See the new price", "새 시세 보기"),
    "buy.done": ("You bought {sum}", "{sum} 샀어요"),
    "buy.done_for": ("For {sum}. It is in your wallet.", "{sum}에 샀어요. 지갑에 들어 있어요."),
    "buy.to_code": ("To your code", "내 코드로"),
    "buy.bad_amount": (
        "Type an amount in whole {unit}, such as 10000.",
        "금액을 {unit} 단위 숫자로 입력해 주세요. 예: 10000",
    ),
    "buy.bad_coin": ("Choose a coin.", "코인을 골라 주세요."),
}
