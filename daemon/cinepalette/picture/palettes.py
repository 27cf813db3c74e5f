"""The palette of a picture as a viewer sees it: of what is inside its letterbox bars."""

from collections.abc import Iterable

import numpy as np

from ..model import Box, Palette
from ..palette.extraction import DEFAULTS, Options, extract
from . import letterbox


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
    counted = letterbox.inside(letterbox.decided_box(bars, size) or box, size)
    return extract(rgb, box=counted, options=options), box
