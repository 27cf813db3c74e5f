"""A session's collage on disk, and the small pictures that make drawing it cheap.

Only stills that are written are drawn. A page on which the picture of one is missing shows a field of its first color
there; neither that field nor such a page is ever taken for the real one.

Each still has a few tiles, halved from one to the next, in `.tiles` in its session's folder; a page is drawn from those
that are just larger than it needs. They can be deleted at any time: what is missing is made from the still again.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

import cv2
import numpy as np

from ..errors import UnreadableImage
from ..model import Progress, Session, Size, Still
from ..picture import letterbox, reading, writing
from . import collage, typesetting
from .sheet import Entry, Heading
from .style import PRINT_DPI, CardStyle, CollageStyle

log = logging.getLogger(__name__)

FOLDER = ".tiles"
COLLAGE = "collage.png"
THUMBNAIL = f"{FOLDER}/collage.jpg"
"""The running page in small, for the gallery."""
THUMBNAIL_PX = 640

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

# Longer sides of a still's tiles. A page of 12 megapixels shows 100 stills 400 pixels wide, and 10 of them 1200.
LEVELS_PX = (1280, 640, 320)
# Without loss that shows: 4:4:4, and the page halves what errors there are.
_JPEG = [cv2.IMWRITE_JPEG_QUALITY, 94, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]


@dataclass(frozen=True)
class Page:
    """One page of a session's collage."""

    name: str
    """`collage.png` for the last one, the running page; the full ones before it are `collage 1.png`, ..."""
    stills: tuple[Still, ...]
    heading: Heading
    digest: str
    """Of all that its picture follows from."""


def pages(session: Session, card: CardStyle, style: CollageStyle) -> list[Page]:
    """The pages of a session; none when it shows no still that is written."""
    session = session.as_written
    stills = in_order(session.stills, style)
    step = collage.page_size(style)
    groups = [stills[i : i + step] for i in range(0, len(stills), step)]
    found = []
    for i, group in enumerate(groups, 1):
        last = i == len(groups)
        heading = _heading(session, group, (i - 1) * step)
        facts = [
            heading,
            card,
            style,
            [_drawn_from(one) for one in group],
        ]
        digest = hashlib.blake2b(repr(facts).encode(), digest_size=12).hexdigest()
        found.append(Page(COLLAGE if last else f"collage {i}.png", tuple(group), heading, digest))
    return found


def _drawn_from(still: Still) -> tuple[object, ...]:
    """What of a still its picture on a page follows from.

    Shares as session.json keeps them: a still that was read from there must not look like another.
    """
    swatches = [(one.rgb, round(one.share, 5)) for one in still.swatches]
    return still.n, still.still, still.box, still.size, still.label, swatches


def in_order(stills: Sequence[Still], style: CollageStyle) -> list[Still]:
    """The stills as the collage shows them; those without a position in the film come last, as they were pressed."""
    if style.order == "pressed":
        return list(stills)
    return sorted(stills, key=lambda one: (one.time_s is None, one.time_s or 0.0))


def redraw(
    root: Path,
    session: Session,
    card: CardStyle,
    style: CollageStyle,
    typesetter: typesetting.Typesetter = typesetting.plain,
    progress: Progress | None = None,
) -> Path:
    """Draws the pages that are behind, into the session's folder `root`; gives the running page's path."""
    wanted = pages(session, card, style)
    known = _read_digests(root)
    behind = [one for one in wanted if known.get(one.name) != one.digest or not (root / one.name).exists()]
    digests = {one.name: one.digest for one in wanted}
    step = counted(sum(len(one.stills) for one in behind), progress)
    for page in behind:
        pixels, is_whole = draw(root, page, card, style, typesetter, step)
        writing.write_png(root / page.name, pixels, PRINT_DPI)
        if page.name == COLLAGE:
            _keep_jpeg(
                root / THUMBNAIL, _resized(pixels, _level_size((pixels.shape[1], pixels.shape[0]), THUMBNAIL_PX))
            )
        if not is_whole:
            del digests[page.name]
    for name in known.keys() - {one.name for one in wanted}:
        (root / name).unlink(missing_ok=True)
    _write_digests(root, digests)
    return root / COLLAGE


def counted(total: int, progress: Progress | None) -> Callable[[], None]:
    """What is to be called after each of `total` stills, for `progress` to be called with their count."""
    counts = count(1)

    def step() -> None:
        done = next(counts)
        if progress:
            progress(done, total)

    return step


def is_behind(root: Path, session: Session, card: CardStyle, style: CollageStyle) -> bool:
    """Whether `redraw` would draw or delete anything."""
    wanted = {one.name: one.digest for one in pages(session, card, style)}
    return _read_digests(root) != wanted or not all((root / name).exists() for name in wanted)


def draw(
    root: Path,
    page: Page,
    card: CardStyle,
    style: CollageStyle,
    typesetter: typesetting.Typesetter = typesetting.plain,
    step: Callable[[], None] = lambda: None,
) -> tuple[np.ndarray, bool]:
    """One page as pixels (height, width, 3), and whether all its pictures were there; `step` is called after each."""
    entries = [entry(one) for one in page.stills]
    plan = collage.plan(entries, card, style, page.heading, typesetter)
    is_whole = True

    def picture(i: int, size: Size) -> np.ndarray:
        nonlocal is_whole
        try:
            pixels = _tile(root, page.stills[i], size)
        except UnreadableImage as error:
            log.warning("%s; the collage shows its first color instead", error)
            is_whole, pixels = False, _stand_in(page.stills[i], size)
        step()
        return pixels

    return collage.draw(plan, entries, picture, style, typesetter), is_whole


def entry(still: Still) -> Entry:
    """What a page shows of a still: the picture inside its bars."""
    left, top, right, bottom = letterbox.inside(still.box, still.size)
    return Entry((right - left, bottom - top), still.swatches, still.label)


def caption(still: Still, title: str) -> str:
    """What stands below a still's card: its session's title, if it has one, and its position or name."""
    return f"{title}  {still.label}".strip()


def small(still: Still) -> str | None:
    """Where a still's largest tile is, as a path with `/` below its session's folder; None where it has none so large.

    It need not be there.
    """
    if max(entry(still).size) <= LEVELS_PX[0]:
        return None
    return _tile_path(Path(), still, LEVELS_PX[0]).as_posix()


def keep_tiles(root: Path, still: Still, rgb: np.ndarray) -> None:
    """Writes a still's tiles from its pixels, so that it need not be decoded again."""
    left, top, right, bottom = letterbox.inside(still.box, still.size)
    inner = rgb[top:bottom, left:right]
    for level in LEVELS_PX:
        if max(inner.shape[:2]) <= level:
            continue
        inner = _resized(inner, _level_size((inner.shape[1], inner.shape[0]), level))
        _keep_jpeg(_tile_path(root, still, level), inner)


def _keep_jpeg(path: Path, rgb: np.ndarray) -> None:
    done, data = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), _JPEG)
    if done:
        writing.write_whole(path, data.tobytes())


def _tile(root: Path, still: Still, size: Size) -> np.ndarray:
    """A still's picture at just that size; raises `UnreadableImage` where neither it nor a tile of it can be read."""
    full = entry(still).size
    fitting = [one for one in LEVELS_PX if one >= max(size) and one < max(full)]
    if not fitting:
        return _resized(_inner(root, still), size)
    path = _tile_path(root, still, min(fitting))
    pixels = _decoded(path)
    if pixels is None:
        keep_tiles(root, still, _whole(root, still))
        pixels = _decoded(path)
    return _resized(_inner(root, still) if pixels is None else pixels, size)


def _inner(root: Path, still: Still) -> np.ndarray:
    left, top, right, bottom = letterbox.inside(still.box, still.size)
    return _whole(root, still)[top:bottom, left:right]


def _whole(root: Path, still: Still) -> np.ndarray:
    rgb = reading.read(root / still.still).rgb
    if (rgb.shape[1], rgb.shape[0]) == still.size:
        return rgb
    log.warning("%s: has another size than when it was taken", root / still.still)
    return _resized(rgb, still.size)


def _stand_in(still: Still, size: Size) -> np.ndarray:
    field = np.empty((size[1], size[0], 3), np.uint8)
    field[:] = still.swatches[0].rgb if still.swatches else (128, 128, 128)
    return field


def _decoded(path: Path) -> np.ndarray | None:
    try:
        data = np.fromfile(path, np.uint8)
    except OSError:
        return None
    return cv2.imdecode(data, cv2.IMREAD_COLOR_RGB) if data.size else None


def _resized(rgb: np.ndarray, size: Size) -> np.ndarray:
    if (rgb.shape[1], rgb.shape[0]) == size:
        return rgb
    smaller = size[0] <= rgb.shape[1] and size[1] <= rgb.shape[0]
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)


def _level_size(size: Size, level: int) -> Size:
    scale = level / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _tile_path(root: Path, still: Still, level: int) -> Path:
    stem = Path(still.still).stem
    mark = hashlib.blake2b(repr((still.fingerprint, still.size, still.box)).encode(), digest_size=4).hexdigest()
    return root / FOLDER / f"{stem} {mark} {level}.jpg"


def _heading(session: Session, stills: Sequence[Still], before: int) -> Heading:
    """What stands above a page; `before` stills stand on the pages before it.

    A full page does not say how many come after it, or each still would draw all pages again.
    """
    shown = len(stills)
    if shown == len(session.stills):
        which = "1 still" if shown == 1 else f"{shown:,} stills"
    else:
        which = f"Still {before + 1:,}" if shown == 1 else f"Stills {before + 1:,}–{before + shown:,}"
    return Heading(session.title, f"{which}  ·  {_day(session.started_at)}")


def _day(moment: datetime) -> str:
    """21 November 2026, whatever the system's language."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def _read_digests(root: Path) -> dict[str, str]:
    try:
        data = json.loads((root / FOLDER / "pages.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(digest) for name, digest in data.items()} if isinstance(data, dict) else {}


def _write_digests(root: Path, digests: dict[str, str]) -> None:
    writing.write_whole(root / FOLDER / "pages.json", json.dumps(digests, indent=0))
