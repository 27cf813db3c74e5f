"""The cards of a session on disk: each still with its strip, drawn again when it is behind or was deleted."""

import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..drawing import card, fonts, pages
from ..drawing.style import PRINT_DPI, CardStyle
from ..errors import UnreadableImage
from ..model import Progress, Session, Still
from ..picture import reading, writing
from ..session.names import UNTITLED

_KEEPS_TITLES = {"add", "remove", "move", "close"}

log = logging.getLogger(__name__)


def redraw(root: Path, session: Session, style: CardStyle, progress: Progress | None = None) -> None:
    """Draws the cards that are behind, into the session's folder `root`; without its still one stays as it is."""
    behind = list(_behind(root, session, style))
    for number, still in enumerate(behind, 1):
        try:
            draw(root, still, session.title, reading.read(root / still.still).rgb, style)
        except UnreadableImage as error:
            log.warning("%s; its card is not drawn", error)
        if progress:
            progress(number, len(behind))


def are_behind(root: Path, session: Session, style: CardStyle) -> bool:
    """Whether `redraw` would draw any."""
    return any(True for _ in _behind(root, session, style))


def draw(root: Path, still: Still, title: str, rgb: np.ndarray, style: CardStyle) -> None:
    """Draws one card from the still's pixels."""
    pixels = card.draw(rgb, still.swatches, style, _caption(still, title), fonts.typesetter(), still.box)
    writing.write_png(root / still.card, pixels, PRINT_DPI)
    writing.write_whole(_mark(root, still), _digest(still, title, style))


def _behind(root: Path, session: Session, style: CardStyle) -> Iterator[Still]:
    # An older version kept no digest; its cards are current where neither the title nor the session ever changed.
    unknown = all(change.do in _KEEPS_TITLES for change in (*session.done, *session.undone))
    for still in session.as_written.stills:
        drawn = _drawn(root, still)
        current = drawn == _digest(still, session.title, style) if drawn else unknown
        if not current or not (root / still.card).exists():
            yield still


def _drawn(root: Path, still: Still) -> str:
    """By what a card was drawn; empty where that is not known, as of an older version's."""
    try:
        return _mark(root, still).read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""


def _mark(root: Path, still: Still) -> Path:
    return root / pages.FOLDER / f"{Path(still.card).stem}.card"


def _caption(still: Still, title: str) -> str:
    return pages.caption(still, "" if title == UNTITLED else title)


def _digest(still: Still, title: str, style: CardStyle) -> str:
    facts = repr((_caption(still, title), still.swatches, still.box, style))
    return hashlib.blake2b(facts.encode(errors="replace"), digest_size=12).hexdigest()
