"""A color as stylesheets write it, and its contrast to white and black."""

import colorsys
import math

from ..model import RGB
from .spaces import linear_from_srgb, oklab_from_srgb

# Below this chroma a hue is rounding noise.
_GRAY_CHROMA = 0.0005
# Relative luminance of sRGB; WCAG 2.2, "relative luminance".
_LUMINANCE = (0.2126, 0.7152, 0.0722)
# WCAG 2.2, "contrast ratio": the light that a screen scatters.
_FLARE = 0.05


def hsl(rgb: RGB) -> str:
    """`hsl(180 43% 21%)`; CSS Color 4, section 7."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in rgb))
    return f"hsl({hue * 360:.0f} {saturation:.0%} {lightness:.0%})"


def oklch(rgb: RGB) -> str:
    """`oklch(39.5% 0.0536 195.1)`; CSS Color 4, section 9."""
    lightness, a, b = oklab_from_srgb(rgb).tolist()
    chroma = math.hypot(a, b)
    hue = math.degrees(math.atan2(b, a)) % 360 if chroma >= _GRAY_CHROMA else 0.0
    return f"oklch({lightness * 100:.1f}% {chroma if hue else 0:.4f} {hue:.1f})"


def contrast(rgb: RGB) -> tuple[float, float]:
    """The contrast ratios, 1-21, to white and to black."""
    linear = linear_from_srgb(rgb).tolist()
    light = sum(weight * channel for weight, channel in zip(_LUMINANCE, linear, strict=True)) + _FLARE
    return round((1 + _FLARE) / light, 2), round(light / _FLARE, 2)
