"""The wave: the film's sound as height, its color as color."""

from collections.abc import Sequence

import numpy as np

from .mount import Mount, Pin, Span, time_axis
from .page import Page
from .pins import below, pinned

# Bars stand this far apart at least, in parts of the type's size; the space between them is this part of it.
_PITCH, _FREE = 0.42, 0.3
# Frames shown where the viewer has kept no stills.
PICTURES = 9
# Silence is still a line.
_LEAST = 0.012


def bars_that_fit(mount: Mount) -> int:
    """How many bars there is room for."""
    return max(10, int(mount.room.width / max(2.0, _PITCH * mount.type_px)))


def wave(mount: Mount, height: np.ndarray, rgb: np.ndarray, span_s: Span, pins: Sequence[Pin] = ()) -> Page:
    """Draws a bar for each of equal parts of the time: `height` (n,) 0-1, `rgb` (n, 3) uint8."""
    room = below(mount.room) if pins else mount.room
    pitch = room.width / len(height)
    wide = pitch * (1 - _FREE)
    middle = (room.top + room.bottom) / 2
    half = np.maximum(height, _LEAST) * (room.bottom - room.top) / 2
    x = room.left + (np.arange(len(height)) + 0.5) * pitch
    for at, reach, color in zip(x, half, rgb, strict=True):
        red, green, blue = (int(one) for one in color)
        mount.page.rect(at - wide / 2, middle - reach, at + wide / 2, middle + reach, (red, green, blue))
    time_axis(mount, span_s, room.left, room.right, mount.room.bottom)
    pinned(mount, pins, span_s, x, np.stack([middle - half, middle + half], axis=1))
    return mount.page
