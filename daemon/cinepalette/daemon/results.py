"""What follows from a session as a whole, drawn again after each change: collage and swatch files.

All of it can be made anew from session.json and the stills; nothing here is the only copy of anything.
"""

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..config import Config
from ..drawing import fonts, pages
from ..drawing.style import PRINT_DPI
from ..errors import UnreadableImage, UsageError
from ..export import formats
from ..model import Progress, Session, Sidecar, Still, Video
from ..palette import extraction
from ..picture import encoding, planes, reading, truth, writing
from ..picture.stills import palette_of
from ..picture.writing import write_whole
from ..session.folder import Folder


def collage_path(folder: Folder) -> Path:
    """Where a session's running collage is."""
    return folder.path / pages.COLLAGE


def is_behind(folder: Folder, session: Session, config: Config) -> bool:
    """Whether a session was changed since its collage was drawn, as after a crash or with other settings."""
    return pages.is_behind(folder.path, session, config.card, config.collage)


def groups(session: Session, config: Config) -> tuple[formats.Group, ...]:
    """The session's own palette and those of its stills, as swatch files take them."""
    session = session.as_written
    whole = extraction.combined([still.swatches for still in session.stills], options=config.palette)
    return formats.groups_of(session, whole)


def redraw(folder: Folder, session: Session, config: Config, progress: Progress | None = None) -> Path:
    """Draws the collage and writes the swatch files of a session; gives the collage's path."""
    collage = pages.redraw(folder.path, session, config.card, config.collage, fonts.typesetter(), progress)
    if session.stills:
        write_swatches(folder, session, config)
    else:
        _tidy(folder, session)
    return collage


def _tidy(folder: Folder, session: Session) -> None:
    """Removes what the folder of a session that shows no still does not need to have one put back."""
    for name in formats.SESSION_FORMATS:
        _swatch_file(folder, name).unlink(missing_ok=True)
    if not session.removed:
        shutil.rmtree(folder.path / pages.FOLDER, ignore_errors=True)
    for name in ("stills", "cards", "originals"):
        with suppress(OSError):  # only where it is empty
            (folder.path / name).rmdir()


def _swatch_file(folder: Folder, name: str) -> Path:
    return folder.path / f"palette{formats.FORMATS[name].extension}"


def draw_to(
    target: Path, folder: Folder, session: Session, config: Config, progress: Progress | None = None
) -> list[Path]:
    """Draws a collage into another file, whose ending chooses the format; a page more gets a number in its name.

    Raises `UsageError` for an ending that is no format, or a picture larger than the format holds.
    """
    if target.suffix.lower() not in encoding.FORMATS:
        raise UsageError(f"{target}: a collage can be written as {', '.join(encoding.FORMATS)}")
    found = pages.pages(session, config.card, config.collage)
    if not found:
        raise UsageError(f"{session.title}: has no still to draw")
    step, written = pages.counted(sum(len(page.stills) for page in found), progress), []
    for number, page in enumerate(found, 1):
        path = target if len(found) == 1 else target.with_stem(f"{target.stem} {number}")
        try:
            pixels, _ = pages.draw(folder.path, page, config.card, config.collage, fonts.typesetter(), step)
            write_whole(path, encoding.encoded(pixels, path.suffix.lower(), PRINT_DPI))
        except MemoryError:
            asked = config.collage.size or f"{config.collage.megapixels:g} megapixels"
            raise UsageError(f"{asked}: is more than this computer's memory holds") from None
        written.append(path)
    return written


def as_saved(folder: Folder, session: Session, config: Config, into: Folder) -> tuple[Session, int]:
    """A session as it would be without the correction of its colors, its stills written below `into`.

    Tone mapping is taken back by the picture that arrived; the second value counts the stills where that is gone, which
    stay corrected.
    """
    stills, without_way = [], 0
    for still in session.stills:
        kept = reading.read(folder.path / still.still).rgb
        rgb = truth.undone(kept, still.correction)
        if rgb is None:
            rgb = _as_arrived(folder, still)
        if rgb is None:
            without_way += 1
            rgb = kept
        writing.write_png(into.path / still.still, rgb)
        size = (rgb.shape[1], rgb.shape[0])
        swatches, box = palette_of(rgb, [still.box], config.palette)
        stills.append(replace(still, swatches=swatches, size=size, box=box))
    return replace(session, stills=tuple(stills)), without_way


def original_path(folder: Folder, still: Still) -> Path:
    """Where a picture is kept as it came."""
    source = Path(still.source)
    return folder.path / "originals" / writing.short_name(f"{still.n:04} {source.stem}", source.suffix)


def _as_arrived(folder: Folder, still: Still) -> np.ndarray | None:
    """The picture of a still as VLC 3 saves it, out of what arrived; None where that is gone."""
    path = original_path(folder, still)
    try:
        if path.suffix == planes.SUFFIX:
            return truth.from_planes(reading.read_planes(path), Sidecar(video=Video(matrix="bt601")))[0]
        return reading.read(path).rgb
    except UnreadableImage:
        return None


def write_swatches(folder: Folder, session: Session, config: Config) -> None:
    """Writes the swatch files that are kept up to date beside the collage."""
    palettes = groups(session, config)
    for name in formats.SESSION_FORMATS:
        form = formats.FORMATS[name]
        write_whole(_swatch_file(folder, name), form.encode(palettes, session.title))
