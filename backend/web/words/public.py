"""Words of the pages anybody may see."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "home.title": ("Pay at the counter with your coins", "코인으로 계산대에서 결제하세요"),
    "home.lead": (
        "Show a code. The shop gets its price, you see exactly how many coins it takes, before you say yes.",
        "코드를 보여 주세요. 가게는 가격만큼 받고, 코인이 얼마나 나가는지 먼저 확인해요.",
    ),
    "home.join": ("Get a wallet", "지갑 만들기"),
    "home.open": ("Open my code", "내 코드 열기"),
    "home.sell": ("I have a shop", "가게를 운영해요"),
    "home.one": ("Show your code", "코드를 보여 주세요"),
    "home.one_how": (
        "QR, barcode, a tap or eighteen digits. It changes every half minute and works without a network.",
        "QR, 바코드, 터치, 숫자 18자리 모두 돼요. 30초마다 바뀌고 인터넷이 없어도 돼요.",
    ),
    "home.two": ("See the price in coins", "코인 가격을 확인하세요"),
    "home.two_how": (
        "Coins, rate, fee and where the price comes from. It holds while you read it.",
        "코인 수량, 시세, 수수료, 가격 출처를 보여 드려요. 읽는 동안 가격은 그대로예요.",
    ),
    "home.three": ("Take a receipt anyone can check", "누구나 확인할 수 있는 영수증"),
    "home.three_how": (
        "It is signed by the exchange. A changed digit shows at once.",
        "거래소가 서명해요. 한 글자만 바뀌어도 바로 알 수 있어요.",
    ),
    "verify.title": ("Check a receipt", "영수증 확인"),
    "verify.lead": (
        "Paste the text of the receipt's QR code. It begins with TMR1.",
        "영수증 QR 코드의 글자를 붙여 넣어 주세요. TMR1로 시작해요.",
    ),
    "verify.text": ("Text of the QR code", "QR 코드의 글자"),
    "verify.check": ("Check", "확인"),
    "verify.genuine": ("This receipt is genuine", "진짜 영수증이에요"),
    "verify.genuine_how": ("Signed by this exchange; nothing was changed.", "이 거래소가 서명했고 바뀐 것이 없어요."),
    "verify.forged": ("This receipt is not genuine", "진짜 영수증이 아니에요"),
    "verify.forged_how": (
        "It names our key, and the signature does not fit what it says.",
        "저희 키라고 되어 있지만 서명이 내용과 맞지 않아요.",
    ),
    "verify.foreign": ("Signed with a key we do not know", "모르는 키로 서명됐어요"),
    "verify.foreign_how": (
        "It may belong to another exchange, or to nobody. We cannot say.",
        "다른 거래소의 것일 수도, 누구의 것도 아닐 수도 있어요. 저희는 알 수 없어요.",
    ),
    "verify.unreadable": ("That is not the text of a receipt", "영수증의 글자가 아니에요"),
    "verify.unreadable_how": (
        "Copy it whole, from TMR1 to the end. Spaces and line ends do not matter.",
        "TMR1부터 끝까지 모두 복사해 주세요. 빈칸과 줄바꿈은 괜찮아요.",
    ),
    "verify.says": ("What it says", "영수증 내용"),
    "verify.kind.sale": ("Sale", "판매"),
    "verify.kind.refund": ("Refund", "환불"),
    "verify.kind.withdrawal": ("Cash withdrawal", "현금 출금"),
    "verify.kind.void": ("Cancelled sale", "판매 취소"),
    "verify.kind": ("Kind", "종류"),
    "verify.of_sale": ("Of sale", "원거래"),
    "faults.title": ("What a number means", "번호 찾아보기"),
    "faults.lead": (
        "Every no has a number. Here is what each one means and what to do.",
        "모든 거절에는 번호가 있어요. 뜻과 할 일을 알려 드려요.",
    ),
    "faults.customer": ("What you are told", "안내 문구"),
    "faults.meaning": ("What happened", "무슨 일인가요"),
    "faults.technician": ("What the technician does", "기술자가 할 일"),
    "faults.retry": ("Try the same again", "다시 시도해도 되나요"),
    "faults.retry.yes": ("Yes, without harm", "네, 괜찮아요"),
    "faults.retry.no": ("No, the answer stays the same", "아니요, 답이 같아요"),
    "faults.retry.ask": ("Ask the staff first", "직원에게 먼저 물어보세요"),
    "faults.none": ("There is no such number", "그런 번호가 없어요"),
    "faults.english": ("", "아래 기술 설명은 영어로 되어 있어요."),
    "away.title": ("This page needs the internet", "이 화면은 인터넷이 필요해요"),
    "away.how": ("Your code works without it.", "코드는 인터넷 없이도 쓸 수 있어요."),
    "nothing.title": ("There is no such page", "그런 페이지가 없어요"),
    "nothing.how": ("Check the address, or start again.", "주소를 확인하거나 처음부터 시작해 주세요."),
}
