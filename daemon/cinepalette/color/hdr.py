"""HDR and wide-gamut video to sRGB: transfer functions, tone mapping and gamut mapping, for whole arrays at once.

Signals are R'G'B' 0-1 with BT.2020 primaries on their last axis, light is in cd/m² on the display. What sRGB cannot
show is brought in along lines of equal hue: highlights by the curve of Report ITU-R BT.2390, colors by giving up
chroma, as CSS Color Module Level 4, 13.2, has it. Nothing is cut off channel by channel, which would turn hues.
"""

import numpy as np
from numpy.typing import ArrayLike

from . import spaces

# Rec. ITU-R BT.2020-2, table 3; the white is D65 as in sRGB.
BT2020_PRIMARIES = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
_XYZ_FROM_BT2020 = spaces.xyz_from_rgb_matrix(BT2020_PRIMARIES, spaces.D65)
SRGB_FROM_BT2020 = np.linalg.solve(spaces.xyz_from_rgb_matrix(spaces.SRGB_PRIMARIES, spaces.D65), _XYZ_FROM_BT2020)
BT2020_LUMINANCE = _XYZ_FROM_BT2020[1]

# The white of SDR and of graphics in HDR: Report ITU-R BT.2408-7, table 1.
WHITE = 203.0
# PQ is defined up to here. Rec. ITU-R BT.2100-2, table 4.
PQ_PEAK = 10000.0
# The display for which HLG is made. Rec. ITU-R BT.2100-2, table 5, note 5e.
HLG_PEAK = 1000.0
# The gamma of SDR displays. Rec. ITU-R BT.1886, annex 1, for a black of 0.
SDR_GAMMA = 2.4

# Rec. ITU-R BT.2100-2, table 4.
_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
# Rec. ITU-R BT.2100-2, table 5.
_A = 0.17883277
_B, _C = 1 - 4 * _A, 0.5 - _A * np.log(4 * _A)

# A difference in OKLab that is not seen: half of what CSS Color Module Level 4, 13.2.1, takes for just noticeable.
_UNSEEN = 0.01
# Each halves what is unknown of the chroma that fits: to 1/256 of it.
_HALVINGS = 9


def light_from_pq(signal: ArrayLike) -> np.ndarray:
    """PQ signal 0-1 as light, 0-10,000 cd/m². Rec. ITU-R BT.2100-2, table 4, EOTF."""
    power = np.clip(signal, 0.0, 1.0) ** (1 / _M2)
    light: np.ndarray = PQ_PEAK * (np.maximum(power - _C1, 0.0) / (_C2 - _C3 * power)) ** (1 / _M1)
    return light


def pq_from_light(light: ArrayLike) -> np.ndarray:
    """The inverse of `light_from_pq`."""
    power = np.clip(np.asarray(light) / PQ_PEAK, 0.0, 1.0) ** _M1
    signal: np.ndarray = ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2
    return signal


def light_from_hlg(signal: ArrayLike) -> np.ndarray:
    """HLG R'G'B' 0-1 as light on a display of 1,000 cd/m². Rec. ITU-R BT.2100-2, table 5, EOTF with gamma 1.2."""
    signal = np.clip(signal, 0.0, 1.0)
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - _C) / _A) + _B) / 12)
    light: np.ndarray = HLG_PEAK * (scene @ BT2020_LUMINANCE)[..., None] ** 0.2 * scene
    return light


def light_from_sdr(signal: ArrayLike) -> np.ndarray:
    """SDR R'G'B' 0-1 as light up to `WHITE`. Rec. ITU-R BT.1886."""
    light: np.ndarray = WHITE * np.clip(signal, 0.0, 1.0) ** SDR_GAMMA
    return light


def rolled_off(light: ArrayLike, peak: float, target: float = WHITE) -> np.ndarray:
    """Light up to `peak` brought below `target`, in cd/m²; what is well below that stays as it is.

    The EETF of Report ITU-R BT.2390-10, 5.4.1, for a black of 0: in PQ, a Hermite spline above a knee.
    """
    light = np.asarray(light, float)
    if peak <= target:
        return light.clip(max=target)
    source = pq_from_light(peak)
    signal = np.minimum(pq_from_light(light) / source, 1.0)
    top = pq_from_light(target) / source
    knee = 1.5 * top - 0.5
    t = (signal - knee) / (1 - knee)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * top
    return light_from_pq(np.where(signal < knee, signal, spline) * source)


def tone_mapped(light: ArrayLike, peak: float) -> np.ndarray:
    """Light with BT.2020 primaries, up to `peak` cd/m², as linear light 0-1 with the same primaries and hues.

    All three channels are scaled alike. The curve is read at the mean of luminance and largest channel: luminance
    alone would leave saturated lights far too bright to be shown with any color, the largest alone darken them.
    """
    light = np.asarray(light, float)
    level = (light @ BT2020_LUMINANCE + light.max(axis=-1)) / 2
    gain = rolled_off(level, peak) / np.maximum(level, 1e-9)
    linear: np.ndarray = light * (gain / WHITE)[..., None]
    return linear


def in_srgb(linear: ArrayLike) -> np.ndarray:
    """Linear light with sRGB primaries that may lie outside of 0-1, brought inside.

    Hue and lightness (of OKLab) stay. Chroma is reduced until cutting off what still sticks out is no longer seen.
    Brighter than white becomes white.
    """
    linear = np.asarray(linear, float)
    outside = ((linear < 0) | (linear > 1)).any(axis=-1)
    if not outside.any():
        return linear
    lab = spaces.oklab_from_linear(linear[outside])
    lab[:, 0] = np.clip(lab[:, 0], 0.0, 1.0)
    kept, step = np.zeros(len(lab)), 1.0
    for _ in range(_HALVINGS):
        tried = np.minimum(kept + step, 1.0)
        wanted = lab * np.column_stack([np.ones_like(tried), tried, tried])
        cut = np.clip(spaces.linear_from_oklab(wanted), 0.0, 1.0)
        fits = ((spaces.oklab_from_linear(cut) - wanted) ** 2).sum(axis=1) < _UNSEEN**2
        kept = np.where(fits, tried, kept)
        step /= 2
    result = linear.copy()
    result[outside] = np.clip(
        spaces.linear_from_oklab(lab * np.column_stack([np.ones_like(kept), kept, kept])), 0.0, 1.0
    )
    return result


def srgb_from_signal(signal: ArrayLike, transfer: str, peak: float = HLG_PEAK) -> np.ndarray:
    """R'G'B' 0-1 with BT.2020 primaries as sRGB 0-255, float64.

    `transfer` is "pq", "hlg" or another, which is SDR; `peak` is the brightest light of PQ, in cd/m². SDR keeps the
    code values of its grays, as a screen shows them, and only changes primaries.
    """
    if transfer not in {"pq", "hlg"}:
        linear = in_srgb(light_from_sdr(signal) / WHITE @ SRGB_FROM_BT2020.T)
        return 255 * linear ** (1 / SDR_GAMMA)
    light = light_from_pq(signal) if transfer == "pq" else light_from_hlg(signal)
    linear = tone_mapped(light, peak if transfer == "pq" else HLG_PEAK) @ SRGB_FROM_BT2020.T
    return spaces.srgb_from_linear(in_srgb(linear))
