"""The whole film: `film`."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .. import config as settings
from .. import paths
from ..errors import CinepaletteError, UsageError
from ..film.record import Record, Sampling
from ..model import Size
from .output import bar, check_target, is_terminal, write_result
from .shared import add_force
from .table import Command

if TYPE_CHECKING:
    from ..film.draw.kinds import Film, Style
    from ..film.draw.mount import Pin
    from ..film.sampling import Crew

# A record is a megabyte for each thousand samples; more of them take longer than anyone waits.
_MOST_SAMPLES = 20_000
_MOST_PX = 16_384


def film(arguments: Namespace) -> int:
    """`film`."""
    from ..film import many
    from ..film.sampling import Crew

    settings.load()
    wanted = _wanted(arguments)
    movies = many.part_of(many.movies(arguments.movies), arguments.shard)
    target = _target(arguments, len(movies) * len(wanted))
    if len(movies) == 1 and not arguments.force:
        for kind in wanted:
            check_target(target(movies[0], kind))
    folder: Path = arguments.records or paths.cache_dir() / "film"
    sampling = Sampling(arguments.samples, arguments.swatches, arguments.exact)
    failures: list[CinepaletteError] = []
    with Crew() as crew:
        for path in movies:
            try:
                record = many.record_of(path, sampling, folder, crew, _bar_of(path))
                _tell(record)
                record, span_s = _film_only(record, arguments)
                material = _material(path, record, folder, crew)
                for kind in wanted:
                    if len(movies) > 1 and not arguments.force and target(path, kind).exists():
                        continue  # drawn before the work was cut off
                    _draw(kind, material, _style(arguments, span_s, ()), target(path, kind))
            except CinepaletteError as error:
                if len(movies) == 1:
                    raise
                failures.append(error)
    for failure in failures:
        print(f"cinepalette: {failure}", file=sys.stderr)
    if failures:
        print(f"cinepalette: {len(failures)} of {len(movies)} films could not be read", file=sys.stderr)
    return 1 if failures else 0


def _film_only(record: Record, arguments: Namespace) -> tuple[Record, tuple[float, float]]:
    """The record without what is no film yet, unless all is asked for, and the part of the film that it covers."""
    from ..film import whole

    if arguments.keep_all:
        return record, (0.0, record.facts.duration_s)
    kept = whole.film_only(record)
    for what, start_s, end_s in kept.left_out:
        _note(f"{what} left out, {_span(start_s, end_s)}; --keep-all keeps it")
    return record.only(kept.mask), kept.span_s


def _material(path: Path, record: Record, folder: Path, crew: "Crew") -> "Film":
    """What drawings of a film are made from; sound and scenes are looked for only when a drawing wants them."""
    from ..film import scenes, sound, stills
    from ..film.draw.kinds import Film

    return Film(
        record,
        stills.Frames(path, bar("frames")),
        lambda: sound.loudness(path, folder, bar("sound")),
        lambda: scenes.scenes(path, crew, bar("scenes")),
    )


def _style(arguments: Namespace, span_s: tuple[float, float], pins: tuple["Pin", ...]) -> "Style":
    from ..film.draw.kinds import Style

    return Style(
        size=arguments.size,
        background=arguments.background,
        mean=arguments.mean,
        smooth=arguments.smooth,
        title=arguments.title,
        columns=arguments.columns,
        span_s=span_s,
        pins=pins,
    )


def _draw(kind: str, film: "Film", style: "Style", target: Path) -> None:
    from ..drawing import fonts
    from ..film.draw import canvas, kinds

    page = kinds.drawn(kind, film, style)
    write_result(target, canvas.encoded(page, target.suffix.lower(), fonts.typesetter()))
    print(target)


def _wanted(arguments: Namespace) -> list[str]:
    """The kinds of drawings that are asked for; raises `UsageError` for what cannot be."""
    from ..film.draw import kinds

    wanted = [name.strip() for part in arguments.draw or ["barcode"] for name in part.split(",") if name.strip()]
    for name in wanted:
        if name not in kinds.KINDS:
            raise UsageError(f"--draw {name}: there are {', '.join(kinds.KINDS)}")
    if not 1 <= arguments.samples <= _MOST_SAMPLES:
        raise UsageError(f"--samples {arguments.samples}: from 1 to {_MOST_SAMPLES}")
    if not 1 <= arguments.swatches <= 25:
        raise UsageError(f"--swatches {arguments.swatches}: from 1 to 25")
    return list(dict.fromkeys(wanted))


def _target(arguments: Namespace, count: int) -> Callable[[Path, str], Path]:
    """Where the drawing of a film goes."""
    from ..film.draw import canvas

    where: Path | None = arguments.output
    suffix = ".png"
    if where is not None and not where.is_dir() and where.suffix:
        if not canvas.is_file_format(where):
            raise UsageError(f"{where}: a drawing can be written as {', '.join(canvas.SUFFIXES)}")
        if count > 1:
            raise UsageError(f"{where}: is one file for {count} drawings; name a folder with -o")
        check_target(where, arguments.movies, force=arguments.force)
        return lambda path, kind: where
    if where is not None:
        where.mkdir(parents=True, exist_ok=True)
    folder = where or Path()
    if not os.access(folder, os.W_OK):
        raise UsageError(f"{folder.resolve()}: cannot be written to; name another folder with -o")
    return lambda path, kind: folder / f"{path.stem} {kind}{suffix}"


def _tell(record: Record) -> None:
    """What a person should know of how a film was sampled."""
    facts = record.facts
    if facts.way == "exact" and not facts.sampling.exact:
        _note(f"{facts.title}: has too few key frames for {facts.sampling.samples} samples, so it was decoded in whole")
    if facts.failed:
        _note(f"{facts.title}: {facts.failed} of {facts.failed + len(record)} moments could not be decoded")


def _note(text: str) -> None:
    if is_terminal(sys.stderr):
        print(text, file=sys.stderr)


def _span(start_s: float, end_s: float) -> str:
    from ..model import timecode

    return f"{timecode(start_s)} to {timecode(end_s)}"


def _bar_of(path: Path) -> Callable[[int, int], None] | None:
    return bar(path.name if len(path.name) <= 24 else f"{path.name[:23]}…")


def _size(text: str) -> Size:
    width, _, height = text.lower().partition("x")
    size = int(width), int(height)
    if not all(100 <= side <= _MOST_PX for side in size):
        raise ValueError(text)
    return size


def _words(parser: ArgumentParser) -> None:
    from ..film.draw.kinds import KINDS

    parser.add_argument("movies", metavar="MOVIE", nargs="+", type=Path, help="a film, or a folder of films")
    kinds = "; ".join(f"{name}: {kind.text}" for name, kind in KINDS.items())
    parser.add_argument("--draw", metavar="KIND", action="append", help=f"{kinds} (default: barcode)")
    parser.add_argument("--samples", type=int, default=1000, metavar="N", help="frames to look at (default: 1000)")
    parser.add_argument("-n", "--swatches", type=int, default=6, metavar="N", help="swatches a frame (default: 6)")
    parser.add_argument("--exact", action="store_true", help="the very frames, not the key frames near them: slower")
    parser.add_argument("--keep-all", action="store_true", help="with black leader and credits")
    parser.add_argument("--mean", action="store_true", help="averaged colors, to compare")
    parser.add_argument("--smooth", type=float, default=0.0, metavar="N", help="blend neighbors over N samples")
    parser.add_argument("--size", type=_size, metavar="WxH", help="in pixels, e.g. 7680x4320")
    parser.add_argument("--background", choices=("white", "black", "film"), help="the paper")
    parser.add_argument("--title", metavar="TITLE", help="below the drawing (default: the film's; '' for none)")
    parser.add_argument("--columns", type=int, metavar="N", help="frames in a row of a sheet or wallpaper")
    parser.add_argument("--shard", metavar="i/n", help="this machine's part of many films")
    parser.add_argument("--records", type=Path, metavar="DIR", help="where samples are kept (default: the cache)")
    add_force(parser)
    parser.add_argument(
        "-o", "--output", type=Path, metavar="PATH", help="a file, whose ending chooses the format, or a folder"
    )


COMMANDS = {"film": Command(film, _words)}
