"""Sessions as they are: `add`, `sessions`, `stills`, `delete` and `open`."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

from .. import config as settings
from ..errors import SessionError, UsageError
from ..model import one_line
from ..session.folder import Folder
from ..session.store import Store
from . import sources
from .output import bar, count, each, shows_colors
from .shared import (
    Command,
    add_session,
    pipeline_in_force,
    session_folder,
)
from .sources import Source

# Of a picture's name, where its stills are listed.
_LABEL_CHARS = 32


def add(arguments: Namespace) -> int:
    """`add`."""
    _, _, pipeline = pipeline_in_force()
    touched: list[Folder] = []

    def take(source: Source) -> str:
        if source.path is None:
            raise UsageError("add takes files: a still has a name")
        admitted = pipeline.add(source.path, arguments.session)
        if admitted.folder not in touched:
            touched.append(admitted.folder)
        return admitted.text

    texts, code = each(sources.found(arguments.images), take)
    for text in texts:
        print(text)
    for folder in touched:
        print(pipeline.redraw(folder, bar("collage")))
    return code


def sessions(arguments: Namespace) -> int:
    """`sessions`."""
    from ..export import data

    store = Store(settings.load().output)
    store.drive.check()
    found = store.sessions()
    if arguments.json:
        print(
            json.dumps(
                [data.session_data(folder.path, session) for folder, session in found], ensure_ascii=False, indent=1
            )
        )
    elif not found:
        print("There is no session yet: press Shift+C while a film plays in VLC.")
    for number, (folder, session) in enumerate([] if arguments.json else found, 1):
        title = "" if session.title in folder.name else f"  ({session.title})"
        print(f"{number:>3}{count(len(session.stills)):>12}  {folder.name}{title}")
    return 0


def stills(arguments: Namespace) -> int:
    """`stills`."""
    from ..export import data, text

    store = Store(settings.load().output)
    folder = session_folder(store, arguments.session)
    session = store.load(folder)
    if arguments.json:
        print(
            json.dumps([data.still_data(folder.path, still) for still in session.stills], ensure_ascii=False, indent=1)
        )
        return 0
    print(f"{session.title}: {count(len(session.stills))}  ({folder.path})")
    width = max((len(str(still.n)) for still in session.stills), default=1)
    labels = [one_line(still.label, _LABEL_CHARS) for still in session.stills]
    label_width = max(map(len, labels), default=0)
    for still, label in zip(session.stills, labels, strict=True):
        colors = "  ".join(text.color_code(swatch, color=shows_colors()) for swatch in still.swatches)
        print(f"{still.n:>{width}}  {label:{label_width}}  {colors}")
    return 0


def delete(arguments: Namespace) -> int:
    """`delete`."""
    from ..daemon import page

    store = Store(settings.load().output)
    folder = session_folder(store, arguments.session)
    stills = count(len(store.load(folder).stills))
    # Both, or a collage that is being drawn would make the folder again.
    with store.drawing():
        with store.lock():
            _to_trash(folder.path)
        page.write(store)
    print(f"{folder.name} ({stills}) is in the trash.")
    return 0


def _to_trash(path: Path) -> None:
    from send2trash import TrashPermissionError, send2trash

    try:
        send2trash(path)
    except (TrashPermissionError, OSError) as error:
        raise SessionError(f"{path}: cannot be moved to the trash ({error}); delete it by hand") from error


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


def _add_words(parser: ArgumentParser) -> None:
    sources.add_pictures(parser, "a picture, or a folder of pictures without its subfolders")
    parser.add_argument(
        "--session",
        metavar="NAME",
        help="title or folder of the session, begun where there is none (default: today's Stills)",
    )


def _sessions_words(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


def _delete_words(parser: ArgumentParser) -> None:
    parser.add_argument("session", metavar="SESSION", help="title, folder, or number in the list of sessions")


def _stills_words(parser: ArgumentParser) -> None:
    add_session(parser)
    parser.add_argument("--json", action="store_true", help="for programs")


COMMANDS = {
    "add": Command(add, _add_words),
    "sessions": Command(sessions, _sessions_words),
    "stills": Command(stills, _stills_words),
    "delete": Command(delete, _delete_words),
    "open": Command(open_session, add_session),
}
