"""The whole film: `film`."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .. import config as settings
from .. import paths
from ..config import Config
from ..drawing.style import SIZE_EXAMPLE, in_pixels
from ..errors import CinepaletteError, UsageError
from ..film.record import Record, Sampling
from ..model import timecode
from .output import bar, check_target, write_result
from .shared import Command, add_force, number, whole_number

if TYPE_CHECKING:
    from ..film.draw.kinds import Film, Style
    from ..film.draw.mount import Pin
    from ..film.sampling import Crew
    from ..film.whole import LeftOut

# A record is a megabyte for each thousand samples; more of them take longer than anyone waits.
_MOST_SAMPLES = 20_000
_PANEL = "panel"
_LONGEST_NAME = 24


def film(arguments: Namespace) -> int:
    """`film`."""
    from ..film import many
    from ..film.sampling import Crew

    config = settings.load()
    kinds = _kinds(arguments)
    movies = many.part_of(many.movies(arguments.movies), arguments.shard)
    target = _targets(arguments, len(movies), kinds)
    sampling = Sampling(arguments.samples, arguments.swatches, arguments.exact)
    folder: Path = arguments.records or paths.cache_dir() / "film"
    failures: dict[Path, CinepaletteError] = {}
    if arguments.dask:
        failures |= _on_cluster(arguments.dask, movies, sampling, folder)
    panel: list[tuple[Record, Style]] = []
    with Crew() as crew:
        for path in movies:
            if path in failures:
                continue
            try:
                record = many.record_of(path, sampling, folder, crew, _bar_of(path))
                _tell(record)
                _one(path, record, crew, folder, arguments, config, kinds, target, panel, alone=len(movies) == 1)
            except CinepaletteError as error:
                if len(movies) == 1:
                    raise
                failures[path] = error
    if panel:
        _draw_panel(panel, arguments, target(Path(_PANEL), _PANEL))
    for failure in failures.values():
        print(f"cinepalette: {failure}", file=sys.stderr)
    if failures:
        print(f"cinepalette: {len(failures)} of {len(movies)} films could not be read", file=sys.stderr)
    return 1 if failures else 0


def _one(
    path: Path,
    record: Record,
    crew: "Crew",
    folder: Path,
    arguments: Namespace,
    config: Config,
    kinds: Sequence[str],
    target: Callable[[Path, str], Path],
    panel: list[tuple[Record, "Style"]],
    *,
    alone: bool,
) -> None:
    """All that is asked for of one film."""
    from ..film import data

    record, span_s, left_out = _film_only(record, arguments)
    if arguments.scenes or arguments.stills:
        _into_session(path, record, span_s, crew, arguments)
    material = _material(path, record, folder, crew)
    for kind in kinds:
        if kind == _PANEL:
            panel.append((record, _style(arguments, span_s, ())))
            continue
        where = target(path, kind)
        if not alone and not arguments.force and where.exists():
            continue  # written before the work was cut off
        if where.suffix.lower() in data.FORMATS:
            write_result(where, data.FORMATS[where.suffix.lower()](record, left_out))
            print(where)
        else:
            pins = _pins(config, record, arguments.session, kind)
            _draw(kind, material, _style(arguments, span_s, pins), where)


def _on_cluster(address: str, movies: Sequence[Path], sampling: Sampling, folder: Path) -> dict[Path, CinepaletteError]:
    from ..film import many

    return dict(many.on_cluster(address, movies, sampling, folder, bar("films")))


def _film_only(record: Record, arguments: Namespace) -> tuple[Record, tuple[float, float], tuple["LeftOut", ...]]:
    """The record without what is no film yet, unless all is asked for; the part of the film it covers; what is out."""
    from ..film import whole

    if arguments.keep_all:
        return record, (0.0, record.facts.duration_s), ()
    kept = whole.film_only(record)
    for what, start_s, end_s in kept.left_out:
        start, end = timecode(start_s), timecode(end_s)
        when = f"{start} to {end}" if start != end else f"less than a second at {start}"
        _note(f"{what} left out, {when}; --keep-all keeps it")
    return record.only(kept.mask), kept.span_s, kept.left_out


def _into_session(path: Path, record: Record, span_s: tuple[float, float], crew: "Crew", arguments: Namespace) -> None:
    """Stills of the film into a session of their own, as if a viewer had pressed the key at each of these moments."""
    from ..daemon import frames
    from ..film import scenes, stills
    from .shared import pipeline_in_force

    if arguments.scenes:
        found = scenes.scenes(path, crew, bar("scenes"))
        middles = [(max(start, span_s[0]) + min(end, span_s[1])) / 2 for start, end in found]
        moments_s = [
            at for at, (start, end) in zip(middles, found, strict=True) if end > span_s[0] and start < span_s[1]
        ]
        what = "scenes"
    else:
        moments_s = stills.representative(record, arguments.stills).tolist()
        what = "stills"
    _, _, pipeline = pipeline_in_force()
    session = arguments.session or f"{record.facts.title}, {what}"
    film_folder = frames.into_session(pipeline, path, record.facts.duration_s, moments_s, session, bar(what))
    if film_folder is not None:
        print(pipeline.redraw(film_folder, bar("collage")))


def _pins(config: Config, record: Record, name: str | None, kind: str) -> tuple["Pin", ...]:
    """The viewer's stills to be marked: of the session that is named; on a river else those of this film."""
    from ..film.draw.mount import Pin
    from ..picture import letterbox, reading
    from ..session.store import Store

    store = Store(config.output)
    if name is not None:
        with store.lock():
            folder = store.find(name)
            session = store.load(folder)
    elif kind == "river":
        own = [found for found in store.sessions() if found[1].film and found[1].film.key == record.facts.key]
        if not own:
            return ()
        folder, session = own[-1]
    else:
        return ()
    pins = []
    for still in session.stills:
        if still.time_s is not None:
            rgb = reading.read(folder.path / still.still).rgb
            left, top, right, bottom = letterbox.inside(still.box, still.size)
            pins.append(Pin(still.time_s, still.swatches, rgb[top:bottom, left:right]))
    return tuple(pins)


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
        size=None if arguments.size is None else in_pixels(arguments.size),
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


def _draw_panel(panel: list[tuple[Record, "Style"]], arguments: Namespace, target: Path) -> None:
    from ..drawing import fonts
    from ..film.draw import canvas, kinds

    page = kinds.panel_of(panel, _style(arguments, (0.0, 0.0), ()))
    write_result(target, canvas.encoded(page, target.suffix.lower(), fonts.typesetter()))
    print(target)


def _kinds(arguments: Namespace) -> list[str]:
    """The kinds of drawings that are asked for; raises `UsageError` for what cannot be."""
    from ..film.draw.kinds import KINDS

    known = (*KINDS, _PANEL)
    wanted = [name.strip() for part in arguments.draw or [] for name in part.split(",") if name.strip()]
    for name in wanted:
        if name not in known:
            raise UsageError(f"--draw {name}: there are {', '.join(known)}")
    if not 1 <= arguments.samples <= _MOST_SAMPLES:
        raise UsageError(f"--samples {arguments.samples}: from 1 to {_MOST_SAMPLES}")
    if not 1 <= arguments.swatches <= 25:
        raise UsageError(f"--swatches {arguments.swatches}: from 1 to 25")
    if arguments.stills is not None and not 1 <= arguments.stills <= arguments.samples:
        raise UsageError(f"--stills {arguments.stills}: from 1 to the {arguments.samples} samples")
    if arguments.size is not None:
        in_pixels(arguments.size)  # what is no size is said before hours of work
    if arguments.columns is not None and not 1 <= arguments.columns <= 60:
        raise UsageError(f"--columns {arguments.columns}: from 1 to 60")
    # Stills go to a session; a drawing beside them is made when it is asked for.
    into_session = arguments.scenes or arguments.stills
    return list(dict.fromkeys(wanted)) or ([] if into_session and not arguments.output else ["barcode"])


def _targets(arguments: Namespace, movies: int, kinds: Sequence[str]) -> Callable[[Path, str], Path]:
    """Where each result goes; raises `UsageError` where one cannot."""
    from ..film import data
    from ..film.draw import canvas

    endings = (*canvas.SUFFIXES, *data.FORMATS)
    where: Path | None = arguments.output
    suffix = f".{arguments.format.lstrip('.').lower()}" if arguments.format else ".png"
    if suffix not in endings:
        raise UsageError(f"--format {arguments.format}: there are {', '.join(one[1:] for one in endings)}")
    if where is not None and not where.is_dir() and where.suffix and not arguments.format:
        if where.suffix.lower() not in endings:
            raise UsageError(f"{where}: a film can be written as {', '.join(endings)}")
        results = sum(1 if kind == _PANEL else movies for kind in kinds)
        if results > 1:
            raise UsageError(f"{where}: is one file for {results} results; name a folder with -o")
        check_target(where, arguments.movies, force=arguments.force)
        return lambda path, kind: where
    if where is not None:
        where.mkdir(parents=True, exist_ok=True)
    folder = where or Path()
    if not os.access(folder, os.W_OK):
        raise UsageError(f"{folder.resolve()}: cannot be written to; name another folder with -o")

    def target(path: Path, kind: str) -> Path:
        if kind == _PANEL:
            return folder / f"{_PANEL}{suffix}"
        return folder / (f"{path.stem}{suffix}" if suffix in data.FORMATS else f"{path.stem} {kind}{suffix}")

    if movies == 1 and arguments.movies[0].is_file():
        for kind in kinds:
            check_target(target(arguments.movies[0], kind), force=arguments.force)
    return target


def _tell(record: Record) -> None:
    """What a person should know of how a film was sampled."""
    facts = record.facts
    if facts.way == "exact" and not facts.sampling.exact:
        _note(f"{facts.title}: has too few key frames for {facts.sampling.samples} samples, so all of it was decoded")
    if facts.failed:
        _note(f"{facts.title}: {facts.failed} of {facts.failed + len(record)} moments could not be decoded")


def _note(text: str) -> None:
    print(text, file=sys.stderr)


def _bar_of(path: Path) -> Callable[[int, int], None] | None:
    return bar(path.name if len(path.name) <= _LONGEST_NAME else f"{path.name[: _LONGEST_NAME - 1]}…")


def _words(parser: ArgumentParser) -> None:
    from ..film.draw.kinds import KINDS

    parser.add_argument("movies", metavar="MOVIE", nargs="+", type=Path, help="a film, or a folder of films")
    texts = {**{name: kind.text for name, kind in KINDS.items()}, _PANEL: "many films on one page"}
    kinds = "; ".join(f"{name}: {text}" for name, text in texts.items())
    parser.add_argument("--draw", metavar="KIND", action="append", help=f"{kinds} (default: barcode)")
    parser.add_argument(
        "--samples", type=whole_number, default=1000, metavar="N", help="frames to look at (default: 1000)"
    )
    parser.add_argument(
        "-n", "--swatches", type=whole_number, default=6, metavar="N", help="swatches a frame (default: 6)"
    )
    parser.add_argument("--exact", action="store_true", help="the very frames, not the key frames near them: slower")
    parser.add_argument("--keep-all", action="store_true", help="with black leader and credits")
    parser.add_argument("--mean", action="store_true", help="averaged colors, to compare")
    parser.add_argument("--smooth", type=number, default=0.0, metavar="N", help="blend neighbors over N samples")
    parser.add_argument("--size", metavar="S", help=f"{SIZE_EXAMPLE}")
    parser.add_argument("--columns", type=whole_number, metavar="N", help="frames in a row of a sheet or wallpaper")
    parser.add_argument("--background", choices=("white", "black", "film"), help="the paper")
    parser.add_argument("--title", metavar="TITLE", help="below the drawing (default: the film's; '' for none)")
    parser.add_argument("--scenes", action="store_true", help="a still of each scene into a session")
    parser.add_argument(
        "--stills", type=whole_number, metavar="N", help="the N most representative stills into a session"
    )
    parser.add_argument("--session", metavar="S", help="the session that stills go to, or whose stills are marked")
    parser.add_argument("--shard", metavar="i/n", help="this machine's part of many films")
    parser.add_argument("--records", type=Path, metavar="DIR", help="where samples are kept (default: the cache)")
    parser.add_argument("--dask", metavar="ADDRESS", help="have a Dask cluster sample the films")
    parser.add_argument("--format", metavar="F", help="of results in a folder: png, svg, pdf, ..., json, csv, npz")
    add_force(parser)
    parser.add_argument(
        "-o", "--output", type=Path, metavar="PATH", help="a file, whose ending chooses the format, or a folder"
    )


COMMANDS = {"film": Command(film, _words)}
