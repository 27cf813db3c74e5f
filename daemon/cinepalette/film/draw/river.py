"""The river: the film's colors as streams through time, each as wide as its share, the viewer's stills pinned on it."""

from collections.abc import Sequence

import numpy as np

from ...drawing import paper
from ...model import RGB
from ..follow import Streams
from .mount import Mount, Pin, Room, time_axis
from .page import Gradient, Page, width_of
from .pins import below, pinned

STREAMS = 11
COLUMNS = 900
# A moment's neighbors within this part of the film flow into it.
BLEND = 0.006

# The river takes this part of the height, its bends the rest.
_WIDTH = 0.66
# Fine lines of paper between the streams, in parts of the river's width.
_GAP = 0.0022
# Columns for each stop of a gradient.
_STOP_EVERY = 6
# Lines of type that a stream must be wide for its code to stand in it.
_LINES_FOR_CODE = 2.6


def river(mount: Mount, streams: Streams, pins: Sequence[Pin] = ()) -> Page:
    """Draws the streams into the room, time from left to right."""
    room = mount.room
    span_s = float(streams.time_s[0]), float(streams.time_s[-1])
    time_axis(mount, span_s, room.left, room.right, room.bottom)
    if pins:
        room = below(room)
    x = np.linspace(room.left, room.right, len(streams.time_s))
    lower, upper = _edges(streams, room)
    gap = max(0.7, _GAP * _WIDTH * room.height)
    for number in range(streams.share.shape[1]):
        _stream(mount.page, x, lower[:, number], upper[:, number], streams.rgb[:, number], gap)
    for number in range(streams.share.shape[1]):
        _code(mount, x, lower[:, number], upper[:, number], streams.name_rgb[number])
    banks = np.stack([upper.min(axis=1), lower.max(axis=1)], axis=1)
    pinned(mount, pins, span_s, x, banks)
    return mount.page


def _edges(streams: Streams, room: Room) -> tuple[np.ndarray, np.ndarray]:
    """(lower, upper) edge of each stream, (columns, streams), in pixels."""
    top = np.cumsum(streams.share, axis=1) + streams.base[:, None]
    bottom = top - streams.share
    swing = max(1e-9, float(top.max() - bottom.min()))
    scale = min(_WIDTH, 1.0 / swing) * room.height
    middle = (float(top.max()) + float(bottom.min())) / 2
    center = (room.top + room.bottom) / 2
    return center - (bottom - middle) * scale, center - (top - middle) * scale


def _stream(page: Page, x: np.ndarray, lower: np.ndarray, upper: np.ndarray, rgb: np.ndarray, gap: float) -> None:
    """One stream, drawn where it flows, tapering to nothing where it runs dry."""
    wide = lower - upper
    flows = np.flatnonzero(wide > 1e-6)
    if not len(flows):
        return
    for part in np.split(flows, np.flatnonzero(np.diff(flows) > 1) + 1):
        first, last = max(0, part[0] - 1), min(len(x) - 1, part[-1] + 1)
        these = slice(first, last + 1)
        # Where a stream is as thin as the gaps beside it, they give way.
        inset = np.minimum(gap / 2, wide[these] / 4)
        edge = np.concatenate(
            [
                np.stack([x[these], upper[these] + inset], axis=1),
                np.stack([x[these], lower[these] - inset], axis=1)[::-1],
            ]
        )
        page.area(edge, _flow(x[these], rgb[these]))


def _flow(x: np.ndarray, rgb: np.ndarray) -> Gradient | RGB:
    """A stream's colors along its way."""
    if len(x) < 2 or (rgb == rgb[0]).all():
        red, green, blue = (int(one) for one in rgb[len(rgb) // 2])
        return (red, green, blue)
    places = sorted({*range(0, len(x), _STOP_EVERY), len(x) - 1})
    length = float(x[-1] - x[0])
    stops = tuple((float(x[i] - x[0]) / length, (int(rgb[i, 0]), int(rgb[i, 1]), int(rgb[i, 2]))) for i in places)
    return Gradient((float(x[0]), 0), (float(x[-1]), 0), stops)


def _code(mount: Mount, x: np.ndarray, lower: np.ndarray, upper: np.ndarray, rgb: np.ndarray) -> None:
    """A stream's code, where it is widest for the length of the code."""
    red, green, blue = (int(one) for one in rgb)
    text = f"#{red:02x}{green:02x}{blue:02x}"
    size = mount.type_px * 0.82
    columns = max(1, round(width_of(text, size) * 1.3 / float(x[1] - x[0])))
    if columns >= len(x):
        return
    # The room for a line of text is what is free all along it.
    windows = np.lib.stride_tricks.sliding_window_view
    free = windows(lower, columns).min(axis=1) - windows(upper, columns).max(axis=1)
    at = int(free.argmax())
    if free[at] < _LINES_FOR_CODE * size:
        return
    middle = (windows(lower, columns)[at].min() + windows(upper, columns)[at].max()) / 2
    ink = paper.ink((red, green, blue), 3.2)
    mount.page.text((float(x[at + columns // 2]), middle + 0.35 * size), text, size, ink, anchor=0.5)
