"""GIMP palette: GIMP, Inkscape, Krita, MyPaint, Scribus, Aseprite. Source: docs/swatchfiles.md."""

from collections.abc import Sequence

from ..model import one_line
from .group import Group, swatch_name

# GIMP reads lines of at most 1024 bytes, Pillow of 100; a character takes up to four bytes.
_TITLE_LIMIT = 200
_LABEL_BYTES = 40


def encode(groups: Sequence[Group], title: str) -> bytes:
    """One list of colors, as wide as the largest group; with several groups each name begins with its group's."""
    columns = max((len(group.swatches) for group in groups), default=0)
    lines = ["GIMP Palette", f"Name: {one_line(title, _TITLE_LIMIT) or 'Palette'}", f"Columns: {min(columns, 64)}", "#"]
    for group in groups:
        label = _cut(one_line(group.label)) + " " if len(groups) > 1 else ""
        lines += [
            "{:3} {:3} {:3}\t{}".format(*swatch.rgb, f"{label}{swatch_name(swatch)}") for swatch in group.swatches
        ]
    return ("\n".join(lines) + "\n").encode()


def _cut(text: str) -> str:
    if len(text.encode()) <= _LABEL_BYTES:
        return text
    return text.encode()[: _LABEL_BYTES - 3].decode(errors="ignore").rstrip() + "…"
