"""Time from left to right: the barcode, one color a sample, and bands, the palettes stacked by share."""

from collections.abc import Sequence

import numpy as np

from .mount import Mount, Pin, Span, time_axis
from .page import Page
from .pins import below, pinned


def edges(time_s: np.ndarray, span_s: Span, left: float, right: float) -> np.ndarray:
    """Where each sample's part of the axis begins and ends, (n + 1,): halfway between it and its neighbors."""
    middles = (time_s[1:] + time_s[:-1]) / 2
    moments = np.concatenate([[span_s[0]], middles, [span_s[1]]])
    places: np.ndarray = left + (right - left) * np.clip((moments - span_s[0]) / (span_s[1] - span_s[0]), 0, 1)
    return places


def barcode(mount: Mount, time_s: np.ndarray, rgb: np.ndarray, span_s: Span, pins: Sequence[Pin] = ()) -> Page:
    """A bar a sample, as high as the room; `rgb` (n, 3) uint8."""
    room = below(mount.room) if pins else mount.room
    places = np.rint(edges(time_s, span_s, room.left, room.right))
    for i, color in _runs(places, rgb):
        mount.page.rect(places[i.start], room.top, places[i.stop], room.bottom, color)
    time_axis(mount, span_s, room.left, room.right, room.bottom)
    ends = np.array([[room.top, room.top]])
    pinned(mount, pins, span_s, np.array([float(room.right)]), ends)
    return mount.page


def bands(
    mount: Mount, time_s: np.ndarray, rgb: np.ndarray, share: np.ndarray, span_s: Span, pins: Sequence[Pin] = ()
) -> Page:
    """The palettes of the samples, dark below and light above, each swatch as high as its share.

    `rgb` is (n, swatches, 3) uint8, dark to light, `share` (n, swatches), 0 for none.
    """
    room = below(mount.room) if pins else mount.room
    places = np.rint(edges(time_s, span_s, room.left, room.right))
    part = np.cumsum(share, axis=1) / np.maximum(share.sum(axis=1, keepdims=True), 1e-9)
    heights = np.rint(room.bottom - part * room.height)
    for i in range(len(time_s)):
        bottom = float(room.bottom)
        for swatch in np.flatnonzero(share[i] > 0):
            red, green, blue = (int(one) for one in rgb[i, swatch])
            mount.page.rect(places[i], heights[i, swatch], places[i + 1], bottom, (red, green, blue))
            bottom = float(heights[i, swatch])
    time_axis(mount, span_s, room.left, room.right, room.bottom)
    ends = np.array([[room.top, room.top]])
    pinned(mount, pins, span_s, np.array([float(room.right)]), ends)
    return mount.page


def _runs(places: np.ndarray, rgb: np.ndarray) -> list[tuple[slice, tuple[int, int, int]]]:
    """Neighboring samples of one color, and those that share a column, put together: (from, to) and the color."""
    found: list[tuple[slice, tuple[int, int, int]]] = []
    for i in range(len(rgb)):
        if places[i + 1] <= places[i]:
            continue
        red, green, blue = (int(one) for one in rgb[i])
        if found and found[-1][1] == (red, green, blue) and places[found[-1][0].stop] == places[i]:
            found[-1] = slice(found[-1][0].start, i + 1), (red, green, blue)
        else:
            found.append((slice(i, i + 1), (red, green, blue)))
    return found
