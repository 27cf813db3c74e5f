"""Sessions as they are: `add`, `sessions`, `collage`, `export` and `open`."""

import json
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import config as settings
from ..drawing.style import CollageStyle
from ..model import Session
from ..session.store import Folder, Store
from .output import bar, count, deliver, each, refuse_inputs
from .shared import (
    add_pictures,
    name_session,
    palette_options,
    pipeline_in_force,
    session_folder,
    swatch_format,
    values,
)
from .table import Command


def add(arguments: Namespace) -> int:
    """`add`."""
    _, _, pipeline = pipeline_in_force()
    touched: list[Folder] = []

    def take(path: Path) -> str:
        admitted = pipeline.admit(path, None, arguments.session)
        pipeline.keep(admitted)
        if admitted.folder not in touched:
            touched.append(admitted.folder)
        return admitted.text

    texts, code = each(arguments.images, take)
    for text in texts:
        print(text)
    for folder in touched:
        print(pipeline.redraw(folder, bar("collage")))
    return code


def sessions(arguments: Namespace) -> int:
    """`sessions`."""
    found = Store(settings.load().output).sessions()
    if arguments.json:
        print(json.dumps([session_facts(folder, session) for folder, session in found], ensure_ascii=False, indent=1))
    elif not found:
        print("There is no session yet: press Shift+C while a film plays in VLC.")
    for folder, session in () if arguments.json else found:
        print(f"{count(session):>12}  {folder.name}" + ("" if session.title in folder.name else f"  ({session.title})"))
    return 0


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
    style = settings.checked(config.collage, "collage", **chosen)
    config = replace(config, collage=style)
    if arguments.swatches is not None:
        session = pipeline.with_palettes(folder, palette_options(config, arguments), bar("palettes"))
    else:
        with store.lock():
            session = store.load(folder)
    target = arguments.output
    if target is None and (chosen or arguments.swatches is not None or arguments.uncorrected):
        # The running collage stays as the settings say; another look gets a file of its own.
        words = [style.layout, style.size, f"{arguments.swatches} swatches" if arguments.swatches else ""]
        words.append("uncorrected" if arguments.uncorrected else "")
        target = folder.path / f"collage {' '.join(filter(None, words))}.png"
    if target is None:
        print(pipeline.redraw(folder, bar("collage")))
        return 0
    refuse_inputs(target, files_of(folder, session))
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

    found = swatch_format(arguments.format, arguments.output)
    config, store, _ = pipeline_in_force()
    folder = session_folder(store, arguments.session)
    with store.lock():
        session = store.load(folder)
    groups = results.groups(session, config)
    if not found.holds_groups:
        groups = groups[:1]  # the session's own palette
    if arguments.output is not None:
        refuse_inputs(arguments.output, files_of(folder, session))
    deliver(found.encode(groups, session.title), arguments.output)
    return 0


def open_session(arguments: Namespace) -> int:
    """`open`."""
    from ..daemon import desktop

    config = settings.load()
    store = Store(config.output)
    known = arguments.session is not None or store.folders()
    path = session_folder(store, arguments.session).path if known else config.output
    desktop.open_folder(path)
    print(path)
    return 0


def files_of(folder: Folder, session: Session) -> list[Path]:
    """What a session is made of, which nothing may replace."""
    return [folder.file, *(folder.path / name for still in session.stills for name in (still.still, still.card))]


def session_facts(folder: Folder, session: Session) -> dict[str, Any]:
    return {
        "name": folder.name,
        "title": session.title,
        "path": str(folder.path),
        "started_at": session.started_at.isoformat(),
        "stills": len(session.stills),
    }


def _add_words(parser: ArgumentParser) -> None:
    add_pictures(parser)
    parser.add_argument(
        "--session",
        metavar="NAME",
        help="title or folder of the session, begun where there is none (default: today's Stills)",
    )


def _sessions_words(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


def _collage_words(parser: ArgumentParser) -> None:
    _add_session(parser)
    parser.add_argument("--layout", metavar="L", help=values(CollageStyle, "layout"))
    parser.add_argument("--size", metavar="WxH", help="for layouts of a given size, e.g. 3840x2160")
    parser.add_argument("-n", "--swatches", type=int, metavar="N", help="find the palettes again with so many swatches")
    parser.add_argument("--uncorrected", action="store_true", help="the colors as the player saved them, to compare")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="another file; its ending chooses the format")


def _export_words(parser: ArgumentParser) -> None:
    from ..export.formats import FORMATS

    _add_session(parser)
    parser.add_argument("--format", metavar="F", help=f"{', '.join(FORMATS)} (default: by the ending of FILE)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to (default: standard output)")


def _add_session(parser: ArgumentParser) -> None:
    parser.add_argument("session", metavar="SESSION", nargs="?", help="title or folder (default: the latest)")


COMMANDS = {
    "add": Command(add, _add_words),
    "sessions": Command(sessions, _sessions_words),
    "collage": Command(collage, _collage_words),
    "export": Command(export, _export_words),
    "open": Command(open_session, name_session),
}
