"""How far apart two colors are to the eye."""

import numpy as np
from numpy.typing import ArrayLike


def delta_e_2000(lab: ArrayLike, other: ArrayLike) -> np.ndarray:
    """CIEDE2000 between CIELAB colors, float64, with all weights 1; the arrays' axes but the last broadcast.

    Sharma, Wu, Dalal: "The CIEDE2000 color-difference formula", Color Research and Application 30 (2005), equations
    2-22; its 34 published pairs are in the tests.
    """
    l1, a1, b1 = np.moveaxis(np.asarray(lab, float), -1, 0)
    l2, a2, b2 = np.moveaxis(np.asarray(other, float), -1, 0)

    mean_chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2  # 2, 3
    gray = 0.5 * (1 - np.sqrt(_chroma_weight(mean_chroma)))  # 4
    a1, a2 = (1 + gray) * a1, (1 + gray) * a2  # 5
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)  # 6
    h1, h2 = np.arctan2(b1, a1) % (2 * np.pi), np.arctan2(b2, a2) % (2 * np.pi)  # 7

    colored = (c1 > 0) & (c2 > 0)
    turn = np.where(colored, (h2 - h1 + np.pi) % (2 * np.pi) - np.pi, 0.0)  # 10
    delta_l, delta_c = l2 - l1, c2 - c1  # 8, 9
    delta_h = 2 * np.sqrt(c1 * c2) * np.sin(turn / 2)  # 11

    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2  # 12, 13
    apart = colored & (np.abs(h1 - h2) > np.pi)
    mean_h = np.where(colored, (h1 + h2 + np.where(apart, 2 * np.pi, 0.0)) / 2, h1 + h2)  # 14
    t = (
        1
        - 0.17 * np.cos(mean_h - np.radians(30))
        + 0.24 * np.cos(2 * mean_h)
        + 0.32 * np.cos(3 * mean_h + np.radians(6))
        - 0.20 * np.cos(4 * mean_h - np.radians(63))
    )  # 15
    degrees = np.degrees(mean_h) % 360
    rotation = np.radians(60 * np.exp(-(((degrees - 275) / 25) ** 2)))  # 16, doubled as 21 wants it
    r_c = 2 * np.sqrt(_chroma_weight(mean_c))  # 17
    lightness_term = (mean_l - 50) ** 2
    s_l = 1 + 0.015 * lightness_term / np.sqrt(20 + lightness_term)  # 18
    s_c = 1 + 0.045 * mean_c  # 19
    s_h = 1 + 0.015 * mean_c * t  # 20
    r_t = -np.sin(rotation) * r_c  # 21
    x_l, x_c, x_h = delta_l / s_l, delta_c / s_c, delta_h / s_h
    delta: np.ndarray = np.sqrt(np.maximum(x_l**2 + x_c**2 + x_h**2 + r_t * x_c * x_h, 0.0))  # 22
    return delta


def distances(uniform: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Each row of `uniform` (`spaces.uniform_from_oklab`) to each of `other`, about CIEDE2000, float32 (count, count).

    Summed channel by channel and not as a matrix product, which would round otherwise on each processor.
    """
    one, other = uniform.astype(np.float32), other.astype(np.float32)
    total = np.zeros((len(one), len(other)), np.float32)
    for channel in range(one.shape[1]):
        total += (one[:, channel, None] - other[None, :, channel]) ** 2
    return np.sqrt(total)


def _chroma_weight(chroma: np.ndarray) -> np.ndarray:
    """C^7 / (C^7 + 25^7) of CIEDE2000's equations 4 and 17."""
    seventh = chroma**7
    return seventh / (seventh + 25.0**7)
