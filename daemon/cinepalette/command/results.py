"""A session for other eyes and programs: `collage` and `export`."""

import sys
import tempfile
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..drawing.style import CollageStyle
from ..model import Session
from ..session.folder import Folder
from .output import bar, check_target, deliver
from .shared import (
    Command,
    add_force,
    add_session,
    file_name,
    in_force,
    palette_options,
    pipeline_in_force,
    session_folder,
    swatch_format,
    values,
    whole_number,
)


def collage(arguments: Namespace) -> int:
    """`collage`."""
    from ..daemon import results

    config, store, pipeline = pipeline_in_force()
    folder = session_folder(store, arguments.session)
    chosen: dict[str, Any] = {}
    if arguments.layout is not None:
        chosen["layout"] = arguments.layout
    if arguments.size is not None:
        chosen["size"] = arguments.size
    style = in_force(config.collage, "collage", **chosen)
    config = replace(config, collage=style)
    if arguments.swatches is not None:
        session = pipeline.with_palettes(folder, palette_options(config, arguments), bar("palettes"))
    else:
        with store.lock():
            session = store.load(folder)
    target = Path(arguments.output) if arguments.output else None
    own_file = target is None
    if target is None and (chosen or arguments.swatches is not None or arguments.uncorrected):
        # The running collage stays as the settings say; another look gets a file of its own.
        words = [style.layout, style.size, f"{arguments.swatches} swatches" if arguments.swatches else ""]
        words.append("uncorrected" if arguments.uncorrected else "")
        target = folder.path / f"collage {' '.join(filter(None, words))}.png"
    if target is None:
        print(pipeline.redraw(folder, bar("collage")))
        return 0
    check_target(target, _files_of(folder, session), force=own_file or arguments.force)
    with tempfile.TemporaryDirectory() as scratch:
        if arguments.uncorrected:
            saved = Folder(Path(scratch))
            session, without_way = results.as_saved(folder, session, config, saved)
            if without_way:
                print(f"cinepalette: {without_way} tone-mapped: no way back, shown as kept", file=sys.stderr)
            folder = saved
        for path in results.draw_to(target, folder, session, config, bar("collage")):
            print(path)
    return 0


def export(arguments: Namespace) -> int:
    """`export`."""
    from ..daemon import results

    output = Path(arguments.output) if arguments.output else None
    form = swatch_format(arguments.format, output)
    config, store, _ = pipeline_in_force()
    folder = session_folder(store, arguments.session)
    with store.lock():
        session = store.load(folder)
    # The session's own palette is the first, for formats that hold no more.
    groups = results.groups(session, config)
    if left_out := form.leaves_out(groups):
        print(f"cinepalette: {left_out}", file=sys.stderr)
    if output is not None:
        check_target(output, _files_of(folder, session), force=arguments.force)
    deliver(form.encode(groups, session.title), output)
    return 0


def _files_of(folder: Folder, session: Session) -> list[Path]:
    """What a session is made of, which nothing may replace."""
    return [folder.file, *(folder.path / name for still in session.stills for name in (still.still, still.card))]


def _collage_words(parser: ArgumentParser) -> None:
    add_session(parser)
    parser.add_argument("--layout", metavar="L", help=values(CollageStyle, "layout"))
    parser.add_argument("--size", metavar="S", help="3840x2160, 4k, A3, A4-landscape, letter, 30x40cm or 8x10in")
    parser.add_argument(
        "-n", "--swatches", type=whole_number, metavar="N", help="find the palettes again with N swatches"
    )
    parser.add_argument("--uncorrected", action="store_true", help="the colors as the player saved them, to compare")
    parser.add_argument("-o", "--output", type=file_name, metavar="FILE", help="a file; its ending chooses the format")
    add_force(parser)


def _export_words(parser: ArgumentParser) -> None:
    from ..export.formats import FORMATS

    add_session(parser)
    parser.add_argument("--format", metavar="F", help=f"{', '.join(FORMATS)} (default: by the ending of FILE)")
    parser.add_argument("-o", "--output", type=file_name, metavar="FILE", help="where to (default: standard output)")
    add_force(parser)


COMMANDS = {"collage": Command(collage, _collage_words), "export": Command(export, _export_words)}
