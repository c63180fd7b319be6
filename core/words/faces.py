"""Words the screen itself adds: header, number pad, camera, help, speech. English and Korean."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "faces.other_language": ("한국어", "English"),
    "faces.help": ("Help", "도움말"),
    "faces.total": ("Total", "합계"),
    "faces.erase": ("Erase", "지우기"),
    "faces.hold_here": ("Hold the code here", "코드를 여기에 대 주세요"),
    "faces.camera_starting": ("The camera is starting", "카메라를 켜고 있어요"),
    "faces.help.heading": ("How can we help?", "무엇을 도와드릴까요?"),
    "faces.help.money": (
        "You are asked before any coin is taken.",
        "코인이 나가기 전에 꼭 먼저 여쭤볼게요.",
    ),
    "faces.help.cancel": ("To stop", "그만두려면"),
    "faces.help.cancel.how": ("Cancel, bottom left", "왼쪽 아래 취소"),
    "faces.help.keys": ("With keys", "키로 쓰려면"),
    "faces.help.keys.how": ("Enter, Esc, Tab", "Enter, Esc, Tab"),
    "faces.help.staff": ("Anything else", "그 밖에는"),
    "faces.help.staff.how": ("Ask the staff", "직원에게 문의"),
    "faces.tone.good": ("Done.", "완료."),
    "faces.tone.warn": ("Please note.", "확인해 주세요."),
    "faces.tone.stop": ("Stopped.", "중단되었어요."),
    "faces.seconds_left": ("{seconds} seconds left", "{seconds}초 남았어요"),
    "faces.choice": ("{number}: {title}", "{number}번: {title}"),
    "faces.item": ("{count} of {name}, {amount}", "{name} {count}개, {amount}"),
    "faces.total_is": ("Total {amount}", "합계 {amount}"),
    "faces.typed": ("Typed: {shown}", "입력한 값: {shown}"),
    "faces.figures_typed": ("{count} figures typed", "{count}자리를 입력했어요"),
    "faces.nothing_typed": ("Nothing typed yet", "아직 입력하지 않았어요"),
    "faces.viewfinder": ("Camera picture", "카메라 화면"),
    "faces.qr": ("QR code", "QR 코드"),
    "faces.buttons": ("Buttons: {labels}", "버튼: {labels}"),
}
