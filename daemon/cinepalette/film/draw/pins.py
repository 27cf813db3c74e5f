"""Stills pinned on a drawing: small pictures in a row above it, each with a thread down to its moment."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from ...model import timecode
from .mount import Mount, Pin, Room, Span, hair
from .page import Page, Point

# The row of pictures takes this part of a drawing's height, with its threads that.
_HEIGHT, _WITH_THREADS = 0.15, 0.25
# Smaller pictures than this show nothing.
_LEAST_PX = 12


def below(room: Room) -> Room:
    """What is left of a room below the pins."""
    return Room(room.left, room.top + round(_WITH_THREADS * room.height), room.right, room.bottom)


def pinned(mount: Mount, pins: Sequence[Pin], span_s: Span, x: np.ndarray, banks: np.ndarray) -> None:
    """Pins stills to a drawing of that span of time.

    `banks` (columns, 2) are the upper and lower edge of the drawing at the places `x` (columns,).
    """
    page, room = mount.page, mount.room
    shown = sorted((pin for pin in pins if span_s[0] <= pin.time_s <= span_s[1]), key=lambda pin: pin.time_s)
    if not shown:
        return
    height = round(_HEIGHT * room.height)
    gap = max(2, round(0.9 * mount.type_px))
    pictures = [_small(pin, height) for pin in shown]
    while sum(one.shape[1] + gap for one in pictures) - gap > room.width and height > _LEAST_PX:
        height = max(_LEAST_PX, round(height * 0.94))
        pictures = [_small(pin, height) for pin in shown]
    widths = [one.shape[1] for one in pictures]
    places = [room.left + (pin.time_s - span_s[0]) / (span_s[1] - span_s[0]) * room.width for pin in shown]
    lefts = _apart([place - width / 2 for place, width in zip(places, widths, strict=True)], widths, gap, room)
    bottom = room.top + height
    for pin, picture, left, place in zip(shown, pictures, lefts, places, strict=True):
        page.picture((round(left), room.top), picture)
        column = min(len(x) - 1, int(np.searchsorted(x, place)))
        upper, lower = (float(one) for one in banks[column])
        middle = left + picture.shape[1] / 2
        size = mount.type_px * 0.8
        page.text((middle, bottom + 1.7 * size), timecode(pin.time_s), size, mount.inks.quiet, anchor=0.5)
        start_y = bottom + 2.5 * size
        # What lies between the still and its moment is passed above.
        first, last = sorted((min(len(x) - 1, int(np.searchsorted(x, middle))), column))
        clear = float(banks[first : last + 1, 0].min()) - 0.6 * mount.type_px
        turn_y = min(upper, max(clear, start_y + 1.2 * mount.type_px))
        _thread(page, (middle, start_y), (place, turn_y), upper, mount)
        page.line([(place, upper), (place, lower)], mount.inks.hair, 0.6 * hair(mount))
        page.disc((place, upper), 0.26 * mount.type_px, mount.inks.quiet)


def _thread(page: Page, start: Point, turn: Point, end_y: float, mount: Mount) -> None:
    """A line that leaves upright, is above its end at `turn` and goes straight down from there."""
    part = np.linspace(0, 1, 40)
    ease = part * part * (3 - 2 * part)
    points = np.stack([start[0] + (turn[0] - start[0]) * ease, start[1] + (turn[1] - start[1]) * part], axis=1)
    page.line(np.concatenate([points, [[turn[0], end_y]]]), mount.inks.hair, hair(mount))


def _small(pin: Pin, height: int) -> np.ndarray:
    """The still at that height; its leading color where there is no picture."""
    if pin.rgb is None:
        fill = np.array(max(pin.palette, key=lambda one: one.share).rgb if pin.palette else (128, 128, 128), np.uint8)
        return np.broadcast_to(fill, (height, round(height * 16 / 9), 3)).copy()
    width = max(1, round(pin.rgb.shape[1] / pin.rgb.shape[0] * height))
    small: np.ndarray = np.asarray(Image.fromarray(pin.rgb).resize((width, height), Image.Resampling.LANCZOS))
    return small


def _apart(lefts: Sequence[float], widths: Sequence[int], gap: float, room: Room) -> list[float]:
    """Places as near to those wished for as they can be without overlapping, inside the room."""
    placed = list(lefts)
    for i in range(len(placed)):
        placed[i] = max(placed[i], room.left if i == 0 else placed[i - 1] + widths[i - 1] + gap)
    for i in reversed(range(len(placed))):
        most = room.right - widths[i] if i == len(placed) - 1 else placed[i + 1] - gap - widths[i]
        placed[i] = min(placed[i], most)
    return placed
