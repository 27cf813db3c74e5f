"""Procreate swatches: a ZIP archive with one palette of at most 30 colors as JSON. Source: docs/swatchfiles.md."""

import colorsys
import io
import json
import zipfile
from collections.abc import Sequence

from ..model import Swatch, one_line
from .group import Group

SLOTS = 30
_NAME_LIMIT = 60


def encode(groups: Sequence[Group], title: str) -> bytes:
    """The swatches of the only group, in its order."""
    swatches = [_color(swatch) for group in groups for swatch in group.swatches]
    name = one_line(title, _NAME_LIMIT) or "Palette"
    text = json.dumps([{"name": name, "swatches": swatches + [None] * (SLOTS - len(swatches))}], ensure_ascii=False)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        # A fixed date: equal palettes make equal files.
        file.writestr(zipfile.ZipInfo("Swatches.json", (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def _color(swatch: Swatch) -> dict[str, float]:
    hue, saturation, brightness = colorsys.rgb_to_hsv(*(channel / 255 for channel in swatch.rgb))
    return {"hue": hue, "saturation": saturation, "brightness": brightness, "alpha": 1, "colorSpace": 0}
