"""What arrived, as a still: decoded, in the colors of the film, upright; and its palette as a viewer sees it."""

import logging
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ..errors import UnreadableImage
from ..model import Box, Palette, Sidecar, Step
from ..palette.extraction import DEFAULTS, Options, extract
from . import decoding, letterbox, planes, reading, truth
from .opening import Contents

log = logging.getLogger(__name__)

Still = tuple[np.ndarray, tuple[Step, ...]]
"""The pixels, (height, width, 3) uint8 sRGB, and what was done to get there."""


def of_picture(contents: Contents, sidecar: Sidecar | None = None) -> Still:
    """A picture's still, and that of a player's snapshot by its sidecar; raises `UnreadableImage`."""
    if contents.path.suffix.lower() == planes.SUFFIX:
        return truth.from_planes(reading.decode_planes(contents.data), sidecar)
    picture = reading.decode(contents.data)
    rgb, steps = truth.corrected(picture.rgb, sidecar)
    return rgb, (*picture.steps, *steps)


def of_snapshot(contents: Contents, sidecar: Sidecar | None, film: Path | None) -> Still:
    """A player's snapshot, out of the film instead where there is nothing in it; raises `UnreadableImage`."""
    rgb, steps = of_picture(contents, sidecar)
    if truth.is_blank(rgb):
        try:
            return of_film(film, sidecar)
        except UnreadableImage as error:
            log.warning("%s: has no picture in it; kept as it is: %s", contents.path.name, error.reason)
    return rgb, steps


def of_film(film: Path | None, sidecar: Sidecar | None) -> Still:
    """The still that the player could not take, out of the film's file; raises `UnreadableImage`."""
    if sidecar is None or film is None or sidecar.time_s is None:
        raise UnreadableImage("could not be taken, and the film is no file that could be read instead")
    try:
        frame = decoding.frame_at(film, sidecar.time_s)
    except UnreadableImage as error:
        raise UnreadableImage(f"could not be taken, and the film {error.reason}") from error
    return frame.rgb, frame.steps


def palette_of(
    rgb: np.ndarray, earlier: Iterable[Box | None] = (), options: Options = DEFAULTS
) -> tuple[Palette, Box | None]:
    """The palette of a still, uint8 (height, width, 3), and the picture inside its bars, None where it has none.

    The one way from pixels to a palette, for a file that is named, a still that arrives and a frame of a film.
    `earlier` are the boxes of the session's stills, as in `letterbox.picture_box`. A still that shows its own bars has
    the same palette in every session: the box may follow the session by a line, so that cards are of one size; the
    palette follows the still.
    """
    size = (rgb.shape[1], rgb.shape[0])
    bars = letterbox.find_bars(rgb)
    box = letterbox.decided_box(bars, size, earlier)
    counted = letterbox.clear_of_bars(rgb, letterbox.decided_box(bars, size) or box)
    return extract(rgb, box=counted, options=options), box
