"""Type: one line or a short block of text as a picture, fitted into the room there is.

What sets the text is handed in as a `Typesetter`: `plain` knows the program's own font alone (Latin, Greek, Cyrillic)
and is the same everywhere; `fonts.typesetter()` knows every script and every font of the system.
"""

import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal, Protocol

from PIL import Image, ImageDraw, ImageFont

from ..model import RGB

Weight = Literal["medium", "bold"]

FONT_FAMILY = "Manrope"
FONT_FILES: dict[Weight, Path] = {
    "medium": Path(__file__).with_name("type") / "Manrope-Medium.ttf",
    "bold": Path(__file__).with_name("type") / "Manrope-Bold.ttf",
}

ASCENT = 1.066
LEADING = 1.366
"""Where a line stands in its height, and this height, in parts of the size of its type: the font's own."""

# What is too long for its line is set smaller, then broken into lines where there may be some, then smaller again, and
# only then shortened.
_ONE_LINE = 0.75
_SMALLEST = 0.6
_ELLIPSIS = "…"
# No two lines hold more; what comes after is not even tried.
_LONGEST = 300

# Nothing that any font has a picture for: controls, surrogates, private use, unassigned. Format characters stay:
# joiners make emoji and Arabic what they are.
_UNPRINTABLE = {"Cc", "Cs", "Co", "Cn"}


# A letter that no font has, and the size at which letters are compared with its box.
_NO_LETTER = "\uffff"
_TRIAL_PX = 40


class Typesetter(Protocol):
    """Sets text, wrapped into `width_px` when that is given; the picture (RGBA) is as wide as its ink."""

    def __call__(
        self, text: str, size_px: int, color: RGB, weight: Weight = "medium", width_px: int | None = None
    ) -> Image.Image: ...

    def __hash__(self) -> int: ...  # a function is kept with what it has set


def plain(text: str, size_px: int, color: RGB, weight: Weight = "medium", width_px: int | None = None) -> Image.Image:
    """A `Typesetter` with the program's own font alone; what it lacks is left out."""
    text = without(text, _is_missing)
    font = own_font(size_px, weight)
    lines = [text] if width_px is None else _wrapped(text, width_px, {one: font.getlength(one) for one in set(text)})
    boxes = [font.getbbox(line) for line in lines]
    left = min((box[0] for box in boxes), default=0)
    width = max(1, *(round(box[2] - left) for box in boxes)) if boxes else 1
    leading = round(size_px * LEADING)
    mask = Image.new("L", (width, leading * max(1, len(lines))))
    draw = ImageDraw.Draw(mask)
    for i, line in enumerate(lines):
        draw.text((-left, leading * i + round(size_px * ASCENT)), line, 255, font, anchor="ls")
    picture = Image.new("RGBA", mask.size, (*color, 0))
    picture.putalpha(mask)
    return picture


@lru_cache(maxsize=64)
def own_font(size_px: int, weight: Weight = "medium") -> ImageFont.FreeTypeFont:
    """The program's own font; laid out by Pillow itself, so that every system gives the same pixels."""
    return ImageFont.truetype(FONT_FILES[weight], size_px, layout_engine=ImageFont.Layout.BASIC)


def without(text: str, is_missing: Callable[[str], bool]) -> str:
    """Text without the symbols that no font has, as emoji on a bare system, nor what only changed or joined them.

    Letters stay: a box in their place says that a name goes on.
    """
    kept: list[str] = []
    is_after_missing = False
    for letter in text:
        if _belongs_before(letter):
            if not is_after_missing:
                kept.append(letter)
            continue
        is_after_missing = unicodedata.category(letter)[0] not in "LN" and is_missing(letter)
        if not is_after_missing:
            kept.append(letter)
    return text if len(kept) == len(text) else " ".join("".join(kept).split())


def _belongs_before(letter: str) -> bool:
    return unicodedata.category(letter) in {"Mn", "Mc", "Me", "Cf"} or "\U0001f3fb" <= letter <= "\U0001f3ff"


@lru_cache(maxsize=4096)
def _is_missing(letter: str) -> bool:
    """Whether the program's own font shows its box in place of a letter."""
    font = own_font(_TRIAL_PX)
    box, mask = font.getmask(_NO_LETTER), font.getmask(letter)
    return letter != " " and mask.size == box.size and bytes(mask) == bytes(box)


def clean(text: str) -> str:
    """Text on one line, without what no font can show."""
    kept = "".join(" " if unicodedata.category(one) in {"Zl", "Zp"} or one in "\t\r\n" else one for one in text)
    kept = "".join(one for one in kept if unicodedata.category(one) not in _UNPRINTABLE)
    return " ".join(unicodedata.normalize("NFC", kept).split())


def fitted(
    typesetter: Typesetter,
    text: str,
    size_px: int,
    width_px: int,
    color: RGB,
    weight: Weight = "medium",
    lines: int = 1,
) -> Image.Image | None:
    """Text within `width_px` and at most `lines` lines, as large as it goes up to `size_px`; None for no text.

    It is set somewhat smaller first, then broken into lines of about equal length, then cut with an ellipsis.
    """
    text = clean(text)
    if not text or width_px < 1:
        return None
    if len(text) > _LONGEST:
        text = text[:_LONGEST].rstrip() + _ELLIPSIS
    line = typesetter(text, size_px, color, weight)
    part = width_px / line.width
    if part >= (_ONE_LINE if lines > 1 else _SMALLEST):
        size = size_px
        while line.width > width_px and size > 1:
            size = min(size - 1, int(size_px * part))
            line = typesetter(text, size, color, weight)
        return line

    def fits(picture: Image.Image, size: int) -> bool:
        return picture.width <= width_px and picture.height <= size * LEADING * (lines + 0.5)

    likely = 0.0
    for one in (_ONE_LINE, _SMALLEST):
        size = max(1, round(size_px * one))
        likely = 1.1 * lines * part / one
        if lines > 1 and likely >= 1 and fits(whole := typesetter(text, size, color, weight, width_px), size):
            return _balanced(partial(typesetter, text, size, color, weight), whole)
    text = _shortened(text, lambda some: fits(typesetter(some, size, color, weight, width_px), size), likely)
    return typesetter(text, size, color, weight, width_px)


def is_right_to_left(text: str) -> bool:
    """Whether a line begins on the right: its first letter with a direction has that one. Unicode UAX 9, P2 and P3."""
    directions = (unicodedata.bidirectional(one) for one in text)
    return next((one in {"R", "AL"} for one in directions if one in {"L", "R", "AL"}), False)


def _balanced(block: Callable[[int], Image.Image], whole: Image.Image) -> Image.Image:
    """The narrowest block of the same number of lines: no last line of one word."""
    low, high = whole.width // 2, whole.width
    while high - low > max(2, whole.width // 50):
        middle = (low + high) // 2
        trial = block(middle)
        if trial.height <= whole.height * 1.1 and trial.width <= middle + 2:
            whole, high = trial, middle
        else:
            low = middle
    return whole


def _shortened(text: str, fits: Callable[[str], bool], likely: float) -> str:
    """The longest beginning that fits with an ellipsis after it, cut between letters and not inside of one.

    The search begins at the `likely` part of the text: setting all of it costs many times as much.
    """
    places = [i for i in range(1, len(text)) if _may_cut(text, i)]
    low, high = -1, len(places)
    middle = min(high - 1, int(likely * high))
    while high - low > 1:
        if fits(text[: places[middle]].rstrip() + _ELLIPSIS):
            low = middle
        else:
            high = middle
        middle = (low + high) // 2
    return (text[: places[low]].rstrip() if low >= 0 else "") + _ELLIPSIS


def _may_cut(text: str, i: int) -> bool:
    """Whether a letter ends before place i: not before combining marks, selectors and skin tones, not at joiners."""
    before, after = text[i - 1], text[i]
    if "\u200d" in (before, after) or unicodedata.combining(after) or unicodedata.category(after) in {"Mn", "Mc", "Me"}:
        return False
    pair = "\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= after <= "\U0001f1ff"
    return not (pair or "\U0001f3fb" <= after <= "\U0001f3ff" or after == "\ufe0f")


def _wrapped(text: str, width_px: float, advances: Mapping[str, float]) -> list[str]:
    """Text broken at its spaces, and inside a word that is longer than a line; a line is as wide as its letters."""
    lines, left = [""], width_px
    for word in text.split(" "):
        wide = sum(advances[letter] for letter in word)
        space = advances[" "] if lines[-1] else 0.0
        if space + wide <= left:
            lines[-1] += f" {word}" if space else word
            left -= space + wide
            continue
        if lines[-1]:
            lines.append("")
            left = width_px
        for letter in word:
            if lines[-1] and advances[letter] > left:
                lines.append("")
                left = width_px
            lines[-1] += letter
            left -= advances[letter]
    return lines
