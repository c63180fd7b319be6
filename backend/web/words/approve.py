"""Words of the question a cash machine puts to the member's phone."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "approve.title": ("Withdraw this cash?", "이 현금을 출금할까요?"),
    "approve.gift": ("Buy this gift card?", "이 상품권을 살까요?"),
    "approve.of": ("Gift card", "상품권"),
    "approve.at": ("At this machine", "이 기기에서"),
    "approve.only_here": ("Approve only if you stand there now", "지금 그 기기 앞에 있을 때만 승인하세요"),
    "approve.not_me": (
        "If you did not ask for it, refuse. Nothing is taken then.",
        "직접 요청하지 않았다면 거절하세요. 돈은 빠져나가지 않아요.",
    ),
    "approve.yes": ("Approve", "승인"),
    "approve.no": ("Refuse", "거절"),
    "approve.ends": ("Ends by itself in", "남은 시간"),
    "approve.seconds": ("seconds", "초"),
    "approve.answered_yes": ("Approved. Go on at the machine.", "승인했어요. 기기에서 계속하세요."),
    "approve.answered_no": ("Refused. Nothing was taken.", "거절했어요. 돈은 빠져나가지 않았어요."),
    "approve.answered_late": (
        "The question was over. Nothing was taken by this answer.",
        "이미 끝난 요청이에요. 이 답으로 빠져나간 돈은 없어요.",
    ),
    "approve.counting": ("{sum} is being counted", "{sum} 확인 중이에요"),
    "approve.counting_how": (
        "At {machine}. What you did not get comes back to your wallet.",
        "{machine}에서 확인해요. 받지 못한 돈은 지갑으로 돌아와요.",
    ),
}
