"""Take the blur of a lens out of focus back out of a frame, as far as its noise allows (Wiener's filter).

N. Wiener, *Extrapolation, Interpolation, and Smoothing of Stationary Time Series* (1949): with blur G and a ratio r of
noise to signal power, the best linear estimate of the sharp picture has the spectrum F * G / (G^2 + r).
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from drivers.kit.sight.readers import Luma

NOISE = 0.003  # noise to signal power of a till camera in a lit shop; lower rings, higher stays blurred


class Spectrum:
    """The spectrum of one picture, made once for several guesses at its blur."""

    def __init__(self, picture: Luma) -> None:
        self._shape = picture.shape
        height, width = (cv2.getOptimalDFTSize(side) for side in picture.shape)
        self._size = (height, width)
        down, right = height - picture.shape[0], width - picture.shape[1]
        whole = cv2.copyMakeBorder(picture, 0, down, 0, right, cv2.BORDER_REFLECT)
        self._values = np.fft.rfft2(whole.astype(np.float32))

    def sharpened(self, sigma: float) -> Luma:
        """The picture as it was before a Gaussian blur of `sigma` pixels."""
        sharp = np.fft.irfft2(self._values * _wiener(self._size, sigma), s=self._size)
        height, width = self._shape
        return np.clip(sharp[:height, :width], 0, 255).astype(np.uint8)


@lru_cache(maxsize=8)  # three guesses at two frame sizes; each is half a megabyte
def _wiener(size: tuple[int, int], sigma: float) -> npt.NDArray[np.float32]:
    fy = np.fft.fftfreq(size[0])[:, None]
    fx = np.fft.rfftfreq(size[1])[None, :]
    blur = np.exp(-2 * (np.pi * sigma) ** 2 * (fy**2 + fx**2))
    return (blur / (blur**2 + NOISE)).astype(np.float32)
