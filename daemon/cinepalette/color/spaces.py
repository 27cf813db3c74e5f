"""Color spaces and color differences, for whole arrays at once.

Arrays have the three channels on their last axis and any number of axes before it. sRGB is 0-255 in the order red,
green, blue, as pixels are; linear light is 0-1. Nothing here clips but `srgb_from_linear` and what calls it.
"""

import numpy as np
from numpy.typing import ArrayLike

# IEC 61966-2-1:1999, the sRGB standard: chromaticities (x, y) of red, green and blue, and of its white, D65.
SRGB_PRIMARIES = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
D65 = (0.3127, 0.3290)

# Ottosson, "A perceptual color space for image processing" (2020, matrices of 2021-01-25): linear sRGB to cone
# responses, and their cube roots to L, a, b.
LMS_FROM_LINEAR = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
OKLAB_FROM_LMS_ROOT = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
LINEAR_FROM_LMS = np.linalg.inv(LMS_FROM_LINEAR)
LMS_ROOT_FROM_OKLAB = np.linalg.inv(OKLAB_FROM_LMS_ROOT)

# Fitted to CIEDE2000 over pairs of pixels of films, photographs and paintings; see uniform_from_oklab.
UNIFORM_LIGHT_SCALE, UNIFORM_LIGHT_POWER = 87.0, 1.35
UNIFORM_CHROMA_SCALE, UNIFORM_CHROMA_BEND = 21.7, 19.0

# CIE 15:2004, 8.2.1: where the cube root of CIELAB gives way to a straight line.
LAB_DELTA = 6 / 29


def xyz_from_rgb_matrix(primaries: ArrayLike, white: tuple[float, float]) -> np.ndarray:
    """The (3, 3) matrix from linear RGB to XYZ (white has Y = 1), for chromaticities (x, y) of primaries and white.

    SMPTE RP 177-1993, section 3.3: the primaries are scaled so that they add up to the white.
    """
    columns = np.array([_xyz(xy) for xy in np.asarray(primaries, float)]).T
    return columns * np.linalg.solve(columns, _xyz(white))


def linear_from_srgb(rgb: ArrayLike) -> np.ndarray:
    """sRGB 0-255 (integers or floats) as linear light 0-1, float64. IEC 61966-2-1, 5.2."""
    encoded = np.asarray(rgb)
    if encoded.dtype == np.uint8:
        linear: np.ndarray = _LINEAR_OF_BYTE[encoded]
        return linear
    return _linear(encoded / 255.0)


def srgb_from_linear(linear: ArrayLike) -> np.ndarray:
    """Linear light as sRGB 0-255, float64, each channel clipped to what a screen can show. IEC 61966-2-1, 5.3."""
    light = np.clip(np.asarray(linear, float), 0.0, 1.0)
    rgb: np.ndarray = 255.0 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return rgb


def oklab_from_srgb(rgb: ArrayLike) -> np.ndarray:
    """sRGB 0-255 as OKLab, float64: L 0-1, a (green to red) and b (blue to yellow) within about 0.4."""
    return oklab_from_linear(linear_from_srgb(rgb))


def oklab_from_linear(linear: ArrayLike) -> np.ndarray:
    """Linear light with sRGB primaries as OKLab, float64; light outside of 0-1 is not clipped."""
    oklab: np.ndarray = np.cbrt(np.asarray(linear, float) @ LMS_FROM_LINEAR.T) @ OKLAB_FROM_LMS_ROOT.T
    return oklab


def linear_from_oklab(oklab: ArrayLike) -> np.ndarray:
    """The inverse of `oklab_from_linear`."""
    linear: np.ndarray = (np.asarray(oklab, float) @ LMS_ROOT_FROM_OKLAB.T) ** 3 @ LINEAR_FROM_LMS.T
    return linear


def srgb_from_oklab(oklab: ArrayLike) -> np.ndarray:
    """OKLab as sRGB 0-255, float64, clipped to what sRGB holds. The inverse of `oklab_from_srgb`."""
    return srgb_from_linear(linear_from_oklab(oklab))


def lab_from_srgb(rgb: ArrayLike) -> np.ndarray:
    """sRGB 0-255 as CIELAB under D65, float64: L* 0-100, a* and b* within about 110. CIE 15:2004, 8.2.1."""
    relative = linear_from_srgb(rgb) @ (_XYZ_FROM_SRGB / _xyz(D65)[:, None]).T
    root = np.where(relative > LAB_DELTA**3, np.cbrt(relative), relative / (3 * LAB_DELTA**2) + 4 / 29)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def uniform_from_oklab(oklab: ArrayLike) -> np.ndarray:
    """OKLab bent so that a straight distance is about a CIEDE2000, float64: lightness 0-87, the others within about 40.

    OKLab places hues well but, like CIELAB, spreads vivid colors much wider than CIEDE2000 does. Lightness
    is raised to a power and chroma goes through a logarithm, as DIN 6176 (DIN99) does with CIELAB. The four numbers
    are fitted; how, and how well, is in `daemon/docs/palette.md`.
    """
    light, a, b = np.moveaxis(np.asarray(oklab, float), -1, 0)
    chroma = np.hypot(a, b)
    bend = UNIFORM_CHROMA_SCALE * np.log1p(UNIFORM_CHROMA_BEND * chroma) / np.maximum(chroma, 1e-12)
    return np.stack([UNIFORM_LIGHT_SCALE * np.maximum(light, 0.0) ** UNIFORM_LIGHT_POWER, bend * a, bend * b], axis=-1)


def uniform_from_srgb(rgb: ArrayLike) -> np.ndarray:
    """sRGB 0-255 in the coordinates of `uniform_from_oklab`."""
    return uniform_from_oklab(oklab_from_srgb(rgb))


def _xyz(xy: ArrayLike) -> np.ndarray:
    """XYZ with Y = 1 of a chromaticity."""
    x, y = np.asarray(xy, float)
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _linear(encoded: np.ndarray) -> np.ndarray:
    return np.where(encoded <= 0.04045, encoded / 12.92, ((np.maximum(encoded, 0.0) + 0.055) / 1.055) ** 2.4)


_LINEAR_OF_BYTE = _linear(np.arange(256) / 255.0)
_XYZ_FROM_SRGB = xyz_from_rgb_matrix(SRGB_PRIMARIES, D65)
