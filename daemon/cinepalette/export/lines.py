"""Formats of one color a line: plain hex, JASC PAL, paint.net; and the Coolors link, one palette a line."""

from collections.abc import Sequence

from ..model import one_line
from .group import Group

JASC_COLORS = 256
PAINT_NET_COLORS = 96
_TEXT_LIMIT = 200


def hex_codes(groups: Sequence[Group], title: str) -> bytes:
    """`#rrggbb` a line; an empty line between groups."""
    return "\n".join("".join(f"{swatch.hex}\n" for swatch in group.swatches) for group in groups).encode()


def jasc(groups: Sequence[Group], title: str) -> bytes:
    """Paint Shop Pro's palette, which holds neither names nor comments."""
    swatches = [swatch for group in groups for swatch in group.swatches]
    lines = ["JASC-PAL", "0100", str(len(swatches)), *("{} {} {}".format(*swatch.rgb) for swatch in swatches)]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def paint_net(groups: Sequence[Group], title: str) -> bytes:
    """paint.net's palette: alpha before the color, comments behind a semicolon."""
    lines = [f"; {one_line(title, _TEXT_LIMIT)}"]
    for group in groups:
        lines += [f"FF{swatch.hex[1:].upper()}" for swatch in group.swatches]
    return "".join(f"{line}\r\n" for line in lines).encode()


def coolors(groups: Sequence[Group], title: str) -> bytes:
    """A link that opens the palette at coolors.co; with several groups each line ends with its group's label."""
    lines = []
    for group in groups:
        link = "https://coolors.co/" + "-".join(swatch.hex[1:] for swatch in group.swatches)
        lines.append(f"{link} {one_line(group.label, _TEXT_LIMIT)}".rstrip() if len(groups) > 1 else link)
    return "".join(f"{line}\n" for line in lines).encode()
