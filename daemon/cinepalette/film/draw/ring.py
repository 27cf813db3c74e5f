"""Time as a circle: the ring, palettes stacked outward by share, and the spiral, one color a moment from the middle."""

from math import ceil, cos, pi, sin, tau

import numpy as np

from .bars import edges
from .mount import Mount, Span, hair, moment, step
from .page import Page

# The ring begins and ends beside the top, this part of a turn apart.
_OPEN = 0.008
_INNER, _OUTER = 0.5, 0.94
# The spiral makes a turn for so long, between these counts.
_TURN_S = 600.0
_TURNS = (4.0, 9.0)
_HOLE = 0.16
# A turn of it leaves so much of its pitch free.
_FREE = 0.1
# A curve is drawn in chords of this many turns.
_CHORD = 1 / 720


def ring(mount: Mount, time_s: np.ndarray, rgb: np.ndarray, share: np.ndarray, span_s: Span) -> Page:
    """Draws the palettes (n, swatches, 3), dark inside, clockwise from the top."""
    x, y = mount.room.middle
    radius = min(mount.room.width, mount.room.height) / 2
    inner, outer = _INNER * radius, _OUTER * radius
    turns = edges(time_s, span_s, _OPEN / 2, 1 - _OPEN / 2)
    part = np.cumsum(share, axis=1) / np.maximum(share.sum(axis=1, keepdims=True), 1e-9)
    # The area of a swatch is its share: radii grow as the root.
    reach = np.sqrt(inner**2 + part * (outer**2 - inner**2))
    for i in range(len(time_s)):
        # Each piece goes on below the next one, so that no paper shines through between them.
        start, end = turns[i], min(turns[i + 1] + 0.6 * (turns[i + 1] - turns[i]), 1 - _OPEN / 2)
        begins = inner
        pieces = []
        for swatch in np.flatnonzero(share[i] > 0):
            pieces.append((begins, float(reach[i, swatch]), rgb[i, swatch]))
            begins = float(reach[i, swatch])
        for least, most, color in reversed(pieces):
            red, green, blue = (int(one) for one in color)
            mount.page.area(_wedge((x, y), max(inner, least - 1), most, start, end), (red, green, blue))
    _dial(mount, span_s, (x, y), outer)
    return mount.page


def spiral(mount: Mount, time_s: np.ndarray, rgb: np.ndarray, span_s: Span) -> Page:
    """Draws a color a sample (n, 3) along a spiral from the middle outward; every minute is equally long."""
    x, y = mount.room.middle
    outer = min(mount.room.width, mount.room.height) / 2 * 0.98
    turns = float(np.clip((span_s[1] - span_s[0]) / _TURN_S, *_TURNS))
    hole = _HOLE * outer
    pitch = (outer - hole) / (turns + 1)
    part = edges(time_s, span_s, 0.0, 1.0)

    def curve(parts: np.ndarray, rise: float) -> np.ndarray:
        radius = np.sqrt(hole**2 + parts * ((outer - pitch) ** 2 - hole**2))
        angle = tau * (radius - hole) / pitch - pi / 2
        return np.stack([x + (radius + rise) * np.cos(angle), y + (radius + rise) * np.sin(angle)], axis=1)

    for i in range(len(time_s)):
        end = min(1.0, part[i + 1] + 0.5 * (part[i + 1] - part[i]))
        chords = np.linspace(part[i], end, max(2, ceil((end - part[i]) * turns / _CHORD)))
        way = np.concatenate([curve(chords, 0.0), curve(chords, pitch * (1 - _FREE))[::-1]])
        red, green, blue = (int(one) for one in rgb[i])
        mount.page.area(way, (red, green, blue))
    return mount.page


def _wedge(middle: tuple[float, float], inner: float, outer: float, start: float, end: float) -> np.ndarray:
    """A piece of a ring between two parts of a turn."""
    angle = tau * np.linspace(start, end, max(2, ceil((end - start) / _CHORD) + 1)) - pi / 2
    around = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.concatenate([outer * around, inner * around[::-1]]) + middle


def _dial(mount: Mount, span_s: Span, middle: tuple[float, float], outer: float) -> None:
    """Moments around a ring."""
    start_s, end_s = span_s
    step_s = step(end_s - start_s, 12)
    size = mount.type_px * 0.9
    for n in range(ceil(start_s / step_s), int(end_s / step_s) + 1):
        turn = _OPEN / 2 + (1 - _OPEN) * (n * step_s - start_s) / (end_s - start_s)
        if n == 0 or turn > 0.985:
            continue
        way = np.array([sin(tau * turn), -cos(tau * turn)])
        ends = [middle + way * (outer + gap * mount.type_px) for gap in (0.4, 0.9)]
        mount.page.line([(float(one[0]), float(one[1])) for one in ends], mount.inks.hair, hair(mount))
        x, y = middle + way * (outer + 1.9 * mount.type_px)
        anchor = 0.5 if abs(way[0]) < 0.25 else 0.0 if way[0] > 0 else 1.0
        back = 0.5 * mount.type_px * (1 if way[0] < 0 else -1) if anchor != 0.5 else 0.0
        mount.page.text((x + back, y + 0.35 * size), moment(n * step_s, step_s), size, mount.inks.quiet, anchor=anchor)
