"""Words under the viewfinder: what the person could do so that the camera can read, English and Korean."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "camera.hint.closer": ("Hold it closer", "조금 더 가까이 보여 주세요"),
    "camera.hint.back": ("Move it back a little", "조금만 뒤로 떼어 주세요"),
    "camera.hint.glare": ("Tilt it a little: the light reflects", "빛이 비쳐요. 살짝 기울여 주세요"),
    "camera.hint.dark": ("Too dark: turn the screen brighter", "너무 어두워요. 화면을 더 밝게 해 주세요"),
    "camera.hint.still": ("Hold it still for a moment", "잠시만 가만히 들고 있어 주세요"),
}
