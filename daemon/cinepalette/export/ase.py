"""Adobe Swatch Exchange: Illustrator, InDesign, Photoshop, Affinity. Source: docs/swatchfiles.md."""

import struct
from collections.abc import Sequence

from ..model import Swatch, one_line
from .group import Group, swatch_name

_GROUP_START, _GROUP_END, _COLOR = 0xC001, 0xC002, 0x0001

# 0 is a global color and 1 a spot color, which prints with an ink of its own.
_NORMAL = 2

_NAME_LIMIT = 120


def encode(groups: Sequence[Group], title: str) -> bytes:
    """A folder of swatches for each group."""
    blocks = []
    for group in groups:
        blocks.append(_block(_GROUP_START, _string(one_line(group.label, _NAME_LIMIT) or one_line(title, _NAME_LIMIT))))
        blocks += [_color(swatch) for swatch in group.swatches]
        blocks.append(_block(_GROUP_END, b""))
    return b"ASEF" + struct.pack(">HHI", 1, 0, len(blocks)) + b"".join(blocks)


def _color(swatch: Swatch) -> bytes:
    values = (channel / 255 for channel in swatch.rgb)
    return _block(_COLOR, _string(swatch_name(swatch)) + b"RGB " + struct.pack(">fffH", *values, _NORMAL))


def _block(kind: int, content: bytes) -> bytes:
    return struct.pack(">HI", kind, len(content)) + content


def _string(text: str) -> bytes:
    """UTF-16 with a closing null, before it its length in units of two bytes."""
    encoded = (text + "\0").encode("utf-16-be")
    return struct.pack(">H", len(encoded) // 2) + encoded
