"""The fonts of the system: text of any script as a picture.

Pango does what type needs: the order of right-to-left text, the joining of letters, a second font for what the first
one lacks, color emoji. It comes in libvips, which has wheels for Linux, macOS and Windows.
"""

import logging
import os
import threading
from functools import cache, lru_cache
from html import escape
from types import ModuleType

import numpy as np
from PIL import Image

from ..model import RGB
from . import typesetting

# The program's own font has all letters before this one; those in no font by the length of the number in their box.
_COVERED = "\u0250"
_NO_LETTERS = ("\u0378", "\U00050000")
_TRIAL_PX = 40
# Manrope's space is a fifth of its size, and Pango rounds it down to whole pixels: in small type words run together.
# Below this size each space is so much wider, in parts of the type's size.
_SMALL_PX, _WORD_SPACE = 48, 0.06
_PANGO_UNITS = 1024
"""A pixel's, at 72 dots an inch."""

log = logging.getLogger(__name__)

# Pango and fontconfig share their state between threads, and are not made for that everywhere.
_LOCK = threading.Lock()


def typesetter() -> typesetting.Typesetter:
    """What sets text here: Pango, or where it does not load the program's own font."""
    return typesetting.plain if _vips() is None else set_text


# A title's pictures are a megabyte each; the running page asks for the same few again.
@lru_cache(maxsize=16)
def set_text(
    text: str, size_px: int, color: RGB, weight: typesetting.Weight = "medium", width_px: int | None = None
) -> Image.Image:
    """A `typesetting.Typesetter` for every script, with the system's fonts behind the program's own."""
    vips = _vips()
    text = typesetting.without(text, _is_missing)
    if vips is None or not text:
        return typesetting.plain(text, size_px, color, weight, width_px)
    red, green, blue = color
    spaced = escape(text, quote=False)
    if size_px < _SMALL_PX:
        wider = max(1, round(_WORD_SPACE * size_px)) * _PANGO_UNITS
        spaced = spaced.replace(" ", f'<span letter_spacing="{wider}"> </span>')
    markup = f'<span foreground="#{red:02x}{green:02x}{blue:02x}">{spaced}</span>'
    # Pango gives up on lines wider than an int of its units; far beyond what is ever drawn.
    options = {} if width_px is None else {"width": max(1, width_px), "wrap": "word-char"}
    try:
        with _LOCK:
            picture = vips.Image.text(
                markup,
                font=f"{typesetting.FONT_FAMILY} {weight} {size_px}",
                fontfile=str(typesetting.FONT_FILES[weight]),
                dpi=72,
                rgba=True,
                **options,
            )
            top = picture.get("yoffset")
            pixels = picture.numpy()
    except vips.Error as error:
        log.warning("%r cannot be set with the system's fonts: %s", text, str(error).strip())
        return typesetting.plain(text, size_px, color, weight, width_px)
    leading = round(size_px * typesetting.LEADING)
    lines = max(1, round((top + pixels.shape[0]) / leading))
    # The ink hangs where it would hang in lines of our leading, so that neighbors stand on one line.
    block = Image.new("RGBA", (pixels.shape[1], max(lines * leading, top + pixels.shape[0])), (*color, 0))
    block.paste(Image.fromarray(pixels), (0, top))
    return block


@lru_cache(maxsize=4096)
def _is_missing(letter: str) -> bool:
    """Whether no font of the system has a letter: Pango shows a box with its number then, as large for each of them."""
    if letter < _COVERED:
        return False
    shown, box = (_trial(one) for one in (letter, _NO_LETTERS[ord(letter) > 0xFFFF]))
    if shown is None or box is None or shown.shape != box.shape:
        return False
    frames = [np.concatenate([one[0], one[-1], one[:, 0], one[:, -1]]) for one in (shown, box)]
    return bool((frames[0] == frames[1]).all())


@lru_cache(maxsize=512)
def _trial(letter: str) -> np.ndarray | None:
    """A letter's ink, uint8 (height, width); None for one that has none."""
    vips = _vips()
    if vips is None:
        return None
    try:
        with _LOCK:
            ink: np.ndarray = vips.Image.text(
                escape(letter, quote=False),
                font=f"{typesetting.FONT_FAMILY} {_TRIAL_PX}",
                fontfile=str(typesetting.FONT_FILES["medium"]),
                dpi=72,
            ).numpy()
    except vips.Error:
        return None
    return ink


@cache
def _vips() -> ModuleType | None:
    """libvips, loaded when first needed; None on a system that it has no wheel for."""
    # On a Mac Pango would ask CoreText, which takes no font file of ours.
    os.environ.setdefault("PANGOCAIRO_BACKEND", "fontconfig")
    logging.getLogger("pyvips").setLevel(logging.ERROR)
    try:
        import pyvips
    except (ImportError, OSError) as error:
        log.warning("titles are set in Latin, Greek and Cyrillic only: libvips does not load (%s)", error)
        return None
    pyvips.cache_set_max(0)
    loaded: ModuleType = pyvips
    return loaded
