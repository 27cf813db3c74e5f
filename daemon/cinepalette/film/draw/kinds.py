"""The kinds of drawings by name: what of a record each takes, and the size it has unless another is asked for."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ...drawing.style import Background
from ...model import Palette, Size
from .. import follow, whole
from ..record import Record
from . import bars
from .mount import Caption, Mount, mounted
from .page import Page


@dataclass(frozen=True)
class Pin:
    """A still of the viewer's, to be marked on a drawing."""

    time_s: float
    palette: Palette = ()
    rgb: np.ndarray | None = None
    """Its picture, uint8 (height, width, 3), where a drawing shows it."""


@dataclass(frozen=True)
class Style:
    """What a person may ask of a drawing."""

    size: Size | None = None
    background: Background | None = None
    """None for the one that suits the drawing."""
    mean: bool = False
    """The mean of each sample's light where one of its colors would be chosen."""
    smooth: float = 0.0
    """Over so many samples neighbors are blended."""
    title: str | None = None
    pins: tuple[Pin, ...] = field(default=())


Draw = Callable[[Record, Style, Caption], Page]


@dataclass(frozen=True)
class Kind:
    """A kind of drawing."""

    draw: Draw
    text: str
    """What it shows, for the help."""
    size: Size = (3840, 2160)


def caption_of(record: Record, style: Style) -> Caption:
    """Title, facts and palette for below a drawing."""
    facts = record.facts
    minutes = facts.duration_s / 60
    length = f"{facts.duration_s:.0f} s" if minutes < 2 else f"{minutes:.0f} min"
    return Caption(
        facts.title if style.title is None else style.title,
        f"{length} · {len(record):,} samples",
        whole.palette(record, facts.sampling.swatches),
    )


def leaders(record: Record, style: Style) -> np.ndarray:
    """The color of each sample where there is to be one, (n, 3) uint8."""
    rgb = record.mean_rgb if style.mean else follow.leading(record.swatch_rgb, record.swatch_share)
    return follow.smoothed(rgb, style.smooth)


def _mount(kind: Kind, style: Style, caption: Caption, background: Background = "white", *, axis: bool = True) -> Mount:
    return mounted(style.size or kind.size, caption, style.background or background, axis=axis)


def _barcode(record: Record, style: Style, caption: Caption) -> Page:
    mount = _mount(KINDS["barcode"], style, caption)
    return bars.barcode(mount, record.time_s, leaders(record, style), record.facts.duration_s)


def _bands(record: Record, style: Style, caption: Caption) -> Page:
    mount = _mount(KINDS["bands"], style, caption)
    return bars.bands(mount, record.time_s, record.swatch_rgb, record.swatch_share, record.facts.duration_s)


KINDS: dict[str, Kind] = {
    "barcode": Kind(_barcode, "one color a moment, chosen and not averaged"),
    "bands": Kind(_bands, "the palettes of all moments, stacked by share"),
}


def drawn(kind: str, record: Record, style: Style) -> Page:
    """A drawing of a record."""
    return KINDS[kind].draw(record, style, caption_of(record, style))
