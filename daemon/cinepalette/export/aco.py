"""Photoshop color swatches: versions 1 and 2 in one file, as Photoshop itself writes. Source: docs/swatchfiles.md."""

import struct
from collections.abc import Sequence

from ..model import Swatch, one_line
from .group import Group, swatch_name

_RGB = 0
_LABEL_LIMIT = 60


def encode(groups: Sequence[Group], title: str) -> bytes:
    """One list of swatches; with several groups each name begins with its group's."""
    swatches = [(group, swatch) for group in groups for swatch in group.swatches]
    first = b"".join(_color(swatch) for _, swatch in swatches)
    second = b"".join(_color(swatch) + _string(_name(group, swatch, len(groups))) for group, swatch in swatches)
    return struct.pack(">HH", 1, len(swatches)) + first + struct.pack(">HH", 2, len(swatches)) + second


def _name(group: Group, swatch: Swatch, groups: int) -> str:
    return f"{one_line(group.label, _LABEL_LIMIT)} {swatch_name(swatch)}".strip() if groups > 1 else swatch_name(swatch)


def _color(swatch: Swatch) -> bytes:
    # 0-255 becomes 0-65535 by 257, so that 255 is full.
    return struct.pack(">5H", _RGB, *(channel * 257 for channel in swatch.rgb), 0)


def _string(text: str) -> bytes:
    encoded = (text + "\0").encode("utf-16-be")
    return struct.pack(">I", len(encoded) // 2) + encoded
