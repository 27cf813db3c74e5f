"""Frames in rows: the contact sheet with palettes and timecodes, the wallpaper edge to edge, the script of scenes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from ...model import Palette, Size, timecode
from .mount import Mount, Room
from .page import Page

# A palette's height, and the gap above it, in parts of a frame's height.
_STRIP, _GAP = 0.13, 0.025
_LEADING = 1.9


@dataclass(frozen=True)
class Grid:
    """Frames of one size in rows."""

    columns: int
    rows: int
    cell: Size
    """Of a frame, in pixels."""

    @property
    def count(self) -> int:
        return self.columns * self.rows


def sheet_grid(mount: Mount, ratio: float, columns: int) -> Grid:
    """The grid of a contact sheet, frames of that ratio (width to height)."""
    room = mount.room
    gap = _gap(room)
    width = (room.width - gap * (columns - 1)) // columns
    height = round(width / ratio)
    full = _row(mount, height)
    rows = max(1, int((room.height + gap) // (full + gap)))
    return Grid(columns, rows, (width, height))


def sheet(
    mount: Mount, grid: Grid, moments_s: Sequence[float], frames: Sequence[np.ndarray], palettes: Sequence[Palette]
) -> Page:
    """Draws frames with their palettes below and their timecodes."""
    room, gap = mount.room, _gap(mount.room)
    width, height = grid.cell
    across = (room.width - grid.columns * width) / max(1, grid.columns - 1)
    full = _row(mount, height)
    down = (room.height - grid.rows * full) / max(1, grid.rows - 1) if grid.rows > 1 else 0
    down = min(down, 3.0 * gap)
    for number, (moment_s, frame, palette) in enumerate(zip(moments_s, frames, palettes, strict=True)):
        row, column = divmod(number, grid.columns)
        left, top = round(room.left + column * (width + across)), round(room.top + row * (full + down))
        mount.page.picture((left, top), frame)
        strip_top = top + height + max(1, round(_GAP * height))
        strip_bottom = strip_top + max(2, round(_STRIP * height))
        _strip(mount.page, palette, Room(left, strip_top, left + width, strip_bottom))
        size = mount.type_px * 0.78
        mount.page.text((left, strip_bottom + 1.25 * size), timecode(moment_s), size, mount.inks.quiet)
    return mount.page


def wallpaper_grid(size: Size, ratio: float, columns: int) -> Grid:
    """The grid that fills a size edge to edge, frames of about that ratio."""
    width, height = size
    rows = max(1, round(height / (width / columns / ratio)))
    return Grid(columns, rows, (ceil(width / columns), ceil(height / rows)))


def wallpaper(page: Page, grid: Grid, frames: Sequence[np.ndarray]) -> Page:
    """Draws frames edge to edge, exactly filling the page."""
    width, height = page.size
    for number, frame in enumerate(frames):
        row, column = divmod(number, grid.columns)
        left, right = round(column * width / grid.columns), round((column + 1) * width / grid.columns)
        top, bottom = round(row * height / grid.rows), round((row + 1) * height / grid.rows)
        page.picture((left, top), frame[: bottom - top, : right - left])
    return page


def script_grid(mount: Mount, count: int, ratio: float) -> tuple[int, int, int]:
    """(columns, rows, a frame's height) in which `count` scenes are largest."""
    room = mount.room
    best = (1, count, 1)
    for columns in range(1, 9):
        rows = ceil(count / columns)
        height = int(room.height / rows * 0.86)
        wide = (room.width - (columns - 1) * 2 * mount.type_px) / columns
        # The palette is to be at least twice as wide as the frame.
        height = min(height, int(wide / (3.2 * ratio)))
        if height > best[2]:
            best = (columns, rows, height)
    return best


def script(
    mount: Mount,
    place: tuple[int, int, int],
    spans_s: Sequence[tuple[float, float]],
    frames: Sequence[np.ndarray],
    palettes: Sequence[Palette],
) -> Page:
    """Draws a line a scene: its frame, its palette by share, as long as the scene is, and where it begins."""
    room = mount.room
    columns, rows, height = place
    between = 2 * mount.type_px
    wide = (room.width - (columns - 1) * between) / columns
    longest = max(end - start for start, end in spans_s)
    for number, ((start_s, end_s), frame, palette) in enumerate(zip(spans_s, frames, palettes, strict=True)):
        column, row = divmod(number, rows)
        left = round(room.left + column * (wide + between))
        top = round(room.top + row * room.height / rows)
        mount.page.picture((left, top), frame)
        begin = left + frame.shape[1] + max(1, round(0.08 * height))
        space = left + wide - begin
        # Long scenes are ten times as long as short ones; the root keeps both in sight.
        length = max(0.12, sqrt((end_s - start_s) / longest)) * space
        size = min(mount.type_px * 0.78, 0.3 * height)
        is_captioned = size >= 8 and height > 3 * size
        bottom = top + height - (round(1.5 * size) if is_captioned else 0)
        _strip(mount.page, palette, Room(begin, top, round(begin + length), bottom))
        if is_captioned:
            mount.page.text((begin, top + height - 0.1 * size), timecode(start_s), size, mount.inks.quiet)
    return mount.page


def _strip(page: Page, palette: Palette, room: Room) -> None:
    """A palette by share that fills its room to the pixel."""
    total = sum(swatch.share for swatch in palette)
    at, reached = room.left, 0.0
    for swatch in palette:
        reached += swatch.share / total
        end = round(room.left + room.width * reached)
        page.rect(at, room.top, end, room.bottom, swatch.rgb)
        at = end


def _row(mount: Mount, height: int) -> int:
    """The height of a frame with its palette and timecode."""
    return round(height * (1 + _GAP + _STRIP) + _LEADING * 0.78 * mount.type_px)


def _gap(room: Room) -> int:
    return max(2, round(0.011 * room.width))
