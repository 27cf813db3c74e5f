"""The kinds of drawings by name: what of a record each takes, and the size it has unless another is asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ...drawing.style import Background
from ...errors import UsageError
from ...model import Size
from .. import follow, sound, whole
from ..record import Record
from ..stills import representative
from . import bars, panel, ring, river, scatter, sheet, wave
from .mount import Caption, Mount, Pin, Span, mounted
from .page import Page


@dataclass(frozen=True)
class Style:
    """What a person may ask of a drawing."""

    size: Size | None = None
    background: Background | None = None
    """None for the one that suits the drawing."""
    mean: bool = False
    """The mean of each sample's light where one of its colors would be chosen."""
    smooth: float = 0.0
    """The number of samples over which neighbors are blended."""
    title: str | None = None
    columns: int | None = None
    """Of frames, where there are rows of them."""
    span_s: Span | None = None
    """The part of the film that is drawn; None for all of it."""
    pins: tuple[Pin, ...] = field(default=())


class Frames(Protocol):
    """Where a drawing gets pictures of the film from."""

    def ratio(self) -> float:
        """Width to height of the picture inside its bars."""

    def pictures(self, moments_s: Sequence[float], size: Size) -> list[np.ndarray]:
        """The frames of moments, each filling a size."""


@dataclass(frozen=True)
class Film:
    """What drawings are made from."""

    record: Record
    frames: Frames
    loudness: Callable[[], np.ndarray | None]
    """Its sound's level in dB, `sound.RATE` values a second."""
    scenes: Callable[[], Sequence[Span]]


@dataclass(frozen=True)
class Kind:
    """A kind of drawing."""

    draw: Callable[[Film, Style], Page]
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


def span(record: Record, style: Style) -> Span:
    """The part of the film that is drawn."""
    return style.span_s or (0.0, record.facts.duration_s)


def leaders(record: Record, style: Style) -> np.ndarray:
    """The color of each sample where there is to be one, (n, 3) uint8."""
    rgb = record.mean_rgb if style.mean else follow.leading(record.swatch_rgb, record.swatch_share)
    return follow.smoothed(rgb, style.smooth)


def _mount(kind: str, film: Film, style: Style, background: Background = "white", *, axis: bool = True) -> Mount:
    size = style.size or KINDS[kind].size
    return mounted(size, caption_of(film.record, style), style.background or background, axis=axis)


def _barcode(film: Film, style: Style) -> Page:
    mount, record = _mount("barcode", film, style), film.record
    return bars.barcode(mount, record.time_s, leaders(record, style), span(record, style), style.pins)


def _bands(film: Film, style: Style) -> Page:
    mount, record = _mount("bands", film, style), film.record
    return bars.bands(mount, record.time_s, record.swatch_rgb, record.swatch_share, span(record, style), style.pins)


def _river(film: Film, style: Style) -> Page:
    span_s = span(film.record, style)
    colors = np.array([swatch.rgb for swatch in whole.palette(film.record, river.STREAMS)])
    blend_s = (span_s[1] - span_s[0]) * river.BLEND
    streams = follow.streams(film.record, colors, span_s, river.COLUMNS, blend_s)
    return river.river(_mount("river", film, style), streams, style.pins)


def _ring(film: Film, style: Style) -> Page:
    mount, record = _mount("ring", film, style, axis=False), film.record
    return ring.ring(mount, record.time_s, record.swatch_rgb, record.swatch_share, span(record, style))


def _spiral(film: Film, style: Style) -> Page:
    mount, record = _mount("spiral", film, style, axis=False), film.record
    return ring.spiral(mount, record.time_s, leaders(record, style), span(record, style))


def _wave(film: Film, style: Style) -> Page:
    mount, record = _mount("wave", film, style), film.record
    level = film.loudness()
    if level is None:
        raise UsageError(f"{record.facts.title}: has no sound, so there is no wave to draw")
    edges_s = np.linspace(*span(record, style), wave.bars_that_fit(mount) + 1)
    nearest = np.abs(record.time_s[None] - ((edges_s[1:] + edges_s[:-1]) / 2)[:, None]).argmin(axis=1)
    pins = style.pins
    if not pins:
        moments_s = representative(record, wave.PICTURES).tolist()
        height = round(mount.room.height * 0.3)
        frames = film.frames.pictures(moments_s, (round(height * film.frames.ratio()), height))
        pins = tuple(Pin(at, (), rgb) for at, rgb in zip(moments_s, frames, strict=True))
    return wave.wave(mount, sound.at(level, edges_s), leaders(record, style)[nearest], span(record, style), pins)


def _sheet(film: Film, style: Style) -> Page:
    mount = _mount("sheet", film, style, axis=False)
    grid = sheet.sheet_grid(mount, film.frames.ratio(), style.columns or 6)
    moments_s = _spread(film, style, grid.count)
    palettes = film.record.palettes()
    own = [palettes[int(np.abs(film.record.time_s - at).argmin())] for at in moments_s]
    return sheet.sheet(mount, grid, moments_s, film.frames.pictures(moments_s, grid.cell), own)


def _wallpaper(film: Film, style: Style) -> Page:
    size = style.size or KINDS["wallpaper"].size
    grid = sheet.wallpaper_grid(size, film.frames.ratio(), style.columns or 12)
    moments_s = _spread(film, style, grid.count)
    return sheet.wallpaper(Page(size, (0, 0, 0)), grid, film.frames.pictures(moments_s, grid.cell))


def _script(film: Film, style: Style) -> Page:
    mount, record = _mount("script", film, style, axis=False), film.record
    start_s, end_s = span(record, style)
    spans = [(max(one, start_s), min(other, end_s)) for one, other in film.scenes() if other > start_s and one < end_s]
    ratio = film.frames.ratio()
    place = sheet.script_grid(mount, len(spans), ratio)
    size = round(place[2] * ratio), place[2]
    frames = film.frames.pictures([(one + other) / 2 for one, other in spans], size)
    palettes = [whole.palette_between(record, one, other, record.facts.sampling.swatches) for one, other in spans]
    return sheet.script(mount, place, spans, frames, palettes)


def _scatter(film: Film, style: Style) -> Page:
    return scatter.scatter(_mount("scatter", film, style, axis=False), film.record.color_rgb, film.record.color_share)


def _vectorscope(film: Film, style: Style) -> Page:
    mount = _mount("vectorscope", film, style, "black", axis=False)
    return scatter.vectorscope(mount, film.record.color_rgb, film.record.color_share)


def _spread(film: Film, style: Style, count: int) -> list[float]:
    """The middles of equal parts of what is drawn."""
    start_s, end_s = span(film.record, style)
    return [start_s + (end_s - start_s) * (i + 0.5) / count for i in range(count)]


def panel_of(records: Sequence[tuple[Record, Style]], style: Style) -> Page:
    """Many films on one page; each comes with what is drawn of it."""
    size = style.size or (3000, max(1200, min(8000, 260 * len(records) + 500)))
    rows = []
    for record, own in records:
        palette = whole.palette(record, 8)
        rgb, share = np.array([one.rgb for one in palette]), np.array([one.share for one in palette])
        rows.append(panel.Row(record.facts.title, record.time_s, leaders(record, own), span(record, own), rgb, share))
    caption = Caption(style.title or "", f"{len(rows)} films")
    return panel.panel(mounted(size, caption, style.background or "white", axis=False), rows)


KINDS: dict[str, Kind] = {
    "barcode": Kind(_barcode, "one color a moment, chosen and not averaged"),
    "bands": Kind(_bands, "the palettes of all moments, stacked by share"),
    "river": Kind(_river, "the film's colors as streams, each as wide as its share"),
    "ring": Kind(_ring, "the palettes around a circle", (3000, 3000)),
    "spiral": Kind(_spiral, "one color a moment, from the middle outward", (3000, 3000)),
    "wave": Kind(_wave, "loudness as height, with its most representative frames"),
    "sheet": Kind(_sheet, "a contact sheet with palettes", (3000, 3600)),
    "wallpaper": Kind(_wallpaper, "frames edge to edge"),
    "script": Kind(_script, "a line a scene: its frame and palette", (3000, 4000)),
    "scatter": Kind(_scatter, "all colors by hue, chroma and lightness"),
    "vectorscope": Kind(_vectorscope, "all colors as a vectorscope shows them", (3000, 3000)),
}


def drawn(kind: str, film: Film, style: Style) -> Page:
    """A drawing of a film."""
    return KINDS[kind].draw(film, style)
