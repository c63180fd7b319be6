"""Words of the operator's pages."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "operator.title": ("Overview", "현황"),
    "operator.books": ("The books", "장부"),
    "operator.zero": ("All assets sum to zero", "모든 자산의 합이 0이에요"),
    "operator.not_zero": ("The books do not balance. Stop and look.", "장부가 맞지 않아요. 멈추고 확인하세요."),
    "operator.asset": ("Asset", "자산"),
    "operator.sum": ("Sum of all entries", "전체 기록의 합"),
    "operator.accounts": ("Accounts", "계정 수"),
    "operator.trouble": ("{count} violated rules", "어긋난 규칙 {count}개"),
    "operator.venues": ("Price sources", "가격 출처"),
    "operator.venue_good": ("Believed", "정상"),
    "operator.venue_age": ("{seconds} s ago", "{seconds}초 전"),
    "operator.venue_never": ("Not heard of yet", "아직 응답 없음"),
    "operator.no_venues": (
        "No price source is configured. Nothing can be quoted.",
        "가격 출처가 설정되지 않았어요. 시세를 낼 수 없어요.",
    ),
    "operator.members": ("Members", "회원"),
    "operator.shops": ("Shops", "가게"),
    "operator.active": ("Active terminals", "사용 중 단말기"),
    "operator.waiting": ("Devices waiting to be paired", "연결을 기다리는 기기"),
    "operator.waiting_how": (
        "Only a shop's owner can approve, with the code on the device's screen.",
        "가게 주인만 기기 화면의 코드로 승인할 수 있어요.",
    ),
    "operator.approve": ("Approve for my shop", "내 가게에 승인"),
    "operator.no_waiting": ("None", "없음"),
    "operator.until": ("until {when}", "{when}까지"),
    "operator.quiet": ("Not heard of for {minutes} min", "{minutes}분째 응답 없음"),
    "operator.here": ("Here now", "연결됨"),
    "operator.online": ("Online", "연결됨"),
    "operator.offline": ("Offline", "연결 끊김"),
    "operator.stuck": ("On, but it does not move", "켜져 있지만 멈춰 있어요"),
    "operator.down": ("Not connected: {devices}", "연결되지 않음: {devices}"),
    "operator.store": ("Store", "저장소"),
    "operator.store_good": ("Writing", "정상 기록 중"),
}
