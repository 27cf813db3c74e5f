"""What follows from a session as a whole, drawn again after each change: collage, swatch files, the gallery's page.

All of it can be made anew from session.json and the stills; nothing here is the only copy of anything.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from . import fonts, gallery, swatchfile, tiles
from .config import Config
from .images import write_whole
from .model import Session
from .session import Folder

GALLERY_NAME = "index.html"

Progress = Callable[[int, int], None]


def collage_path(folder: Folder) -> Path:
    """Where a session's running collage is."""
    return folder.path / tiles.COLLAGE


def is_behind(folder: Folder, session: Session, config: Config) -> bool:
    """Whether a session was changed since its collage was drawn, as after a crash or with other settings."""
    return tiles.is_behind(folder.path, session, config.card, config.collage)


def groups(session: Session) -> tuple[swatchfile.Group, ...]:
    """The session's own palette and those of its stills, as swatch files take them."""
    return swatchfile.groups_of(session)


def redraw(folder: Folder, session: Session, config: Config, progress: Progress | None = None) -> Path:
    """Draws the collage and writes the swatch files of a session; gives the collage's path."""
    collage = tiles.redraw(folder.path, session, config.card, config.collage, fonts.setter(), progress)
    write_swatches(folder, session)
    return collage


def write_swatches(folder: Folder, session: Session) -> None:
    """Writes the swatch files that are kept up to date beside the collage."""
    palettes = groups(session)
    for name in swatchfile.SESSION_FORMATS:
        form = swatchfile.FORMATS[name]
        write_whole(folder.path / f"palette{form.extension}", form.encode(palettes, session.title))


def write_gallery(output: Path, sessions: Sequence[tuple[Folder, Session]]) -> None:
    """Writes the page of all sessions."""
    page = gallery.page([(os.path.relpath(folder.path, output), session) for folder, session in sessions])
    write_whole(output / GALLERY_NAME, page)
