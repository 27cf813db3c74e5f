"""The table for people at a terminal."""

from collections.abc import Sequence

from ..color.names import color_name
from ..model import Swatch, one_line
from .group import Group, percent

_LABEL_LIMIT = 200


def table(groups: Sequence[Group], *, color: bool) -> str:
    """Each group's label, and under it a line a swatch: hex, red green blue, share, name.

    With `color` a patch of the color itself stands before the hex, for a terminal with 24-bit colors.
    """
    blocks = []
    for group in groups:
        label = [one_line(group.label, _LABEL_LIMIT)] if group.label else []
        blocks.append("\n".join([*label, *(_line(swatch, color) for swatch in group.swatches)]) + "\n")
    return "\n".join(blocks)


def encode(groups: Sequence[Group], title: str) -> bytes:
    """The table without patches, as it goes into a file or a pipe."""
    return table(groups, color=False).encode()


def color_code(swatch: Swatch, *, color: bool) -> str:
    """A swatch's hex code, behind a patch of its color for a terminal that shows it."""
    patch = "\x1b[48;2;{};{};{}m      \x1b[0m  ".format(*swatch.rgb) if color else ""
    return f"{patch}{swatch.hex}"


def _line(swatch: Swatch, color: bool) -> str:
    channels = " ".join(f"{channel:3}" for channel in swatch.rgb)
    return f"  {color_code(swatch, color=color)}  {channels}  {percent(swatch.share):>6}  {color_name(swatch.rgb)}"
