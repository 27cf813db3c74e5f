"""What each command does, once its words are understood: one function a command, each gives an exit code."""

import json
import logging
import os
import shutil
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO, TypeVar

from .. import config as settings
from ..config import Config
from ..daemon import process
from ..errors import CinepaletteError, UnreadableImage, UsageError
from ..inbox.protocol import clean_title
from ..model import Palette, Session
from ..session.store import Folder, Store

Item = TypeVar("Item")
Result = TypeVar("Result")

_BAR_WIDTH = 24


def run(arguments: Namespace) -> int:
    """`run`."""
    config = settings.load()
    watched = _is_terminal(sys.stderr)
    process.log_to(config.log, also_terminal=watched)
    try:
        from ..daemon.loop import Daemon
        from ..install import plugin

        plugin.refresh_settings(config)
        Daemon(config).run()
    except Exception as error:
        # Nobody sees what a daemon in the background says last.
        if not watched:
            logging.critical("%s", error, exc_info=not isinstance(error, CinepaletteError))
        raise
    return 0


def start(arguments: Namespace) -> int:
    """`start`."""
    from ..install import background

    config = settings.load()
    if process.watched(config) == [config.inbox]:
        print("The daemon is running already.")
        return 0
    background.start(config)
    print(f"The daemon is watching {config.inbox}")
    return 0


def stop(arguments: Namespace) -> int:
    """`stop`."""
    config = settings.load()
    if not process.watched(config):
        print("The daemon is not running.")
        return 0
    process.stop(config)
    print("The daemon has stopped.")
    return 0


def status(arguments: Namespace) -> int:
    """`status`: 0 also while the daemon is stopped, as it could be told."""
    config = settings.load()
    sessions = Store(config.output).sessions()
    watched = process.watched(config)
    running = config.inbox in watched
    facts: dict[str, Any] = {
        "running": bool(watched),
        "pid": process.pid(watched[0]) if watched else None,
        "inbox": str(config.inbox),
        "output": str(config.output),
        "log": str(config.log),
        "sessions": len(sessions),
        "latest": _session_facts(*sessions[-1]) if sessions else None,
    }
    if arguments.json:
        print(json.dumps(facts, ensure_ascii=False, indent=1))
        return 0
    print(
        f"The daemon is running (process {facts['pid']})."
        if watched
        else "The daemon is not running: cinepalette start"
    )
    if watched and not running:
        print(f"It still watches {watched[0]}: cinepalette start makes it follow the settings.")
    print(f"inbox   {config.inbox}\noutput  {config.output}\nlog     {config.log}")
    if sessions:
        folder, session = sessions[-1]
        print(f"latest  {folder.name}: {_count(session)}")
    return 0


def palette(arguments: Namespace) -> int:
    """`palette`."""
    from ..export import formats
    from ..palette import extraction
    from ..picture import letterbox, reading

    config = settings.load()
    options = _palette_options(config, arguments)
    output: Path | None = arguments.output
    found = _format(arguments.format, output) if arguments.format or output else formats.find("text")
    many = len(arguments.images) > 1
    to_folder = output is not None and (output.is_dir() or (many and not found.holds_groups))
    if many and not found.holds_groups and output is None:
        raise UsageError(f"--format {found.name} holds one palette a file: name a folder for them with -o FOLDER")
    if output is not None and not to_folder:
        _refuse_inputs(output, arguments.images)

    def extract(path: Path) -> tuple[Path, Palette]:
        rgb = reading.read(path).rgb
        return path, extraction.extract(rgb, box=letterbox.picture_box(rgb, []), options=options)

    palettes, code = _each(arguments.images, extract)
    groups = [formats.Group(str(path), swatches) for path, swatches in palettes]
    if to_folder:
        for name, group in zip(_distinct([path for path, _ in palettes], found.extension), groups, strict=True):
            _refuse_inputs(output / name, arguments.images)
            _deliver(found.encode([group], Path(group.label).stem), output / name)
    elif groups and found.name == "text" and output is None:
        print(formats.text.table(groups, color=_shows_colors()), end="")
    elif groups:
        _deliver(found.encode(groups, Path(groups[0].label).stem), output)
    return code


def card(arguments: Namespace) -> int:
    """`card`."""
    import numpy as np

    from ..drawing import strip
    from ..palette import extraction
    from ..picture import letterbox, reading, writing

    config = settings.load()
    options = _palette_options(config, arguments)
    names = dict(zip(arguments.images, _distinct(arguments.images, ".png"), strict=True))

    def draw(path: Path) -> Path:
        rgb = reading.read(path).rgb
        swatches = extraction.extract(rgb, box=letterbox.picture_box(rgb, []), options=options)
        target = arguments.output / names[path]
        _refuse_inputs(target, arguments.images)
        writing.write_png(target, np.asarray(strip.card(rgb, swatches, config.card)))
        return target

    cards, code = _each(arguments.images, draw)
    for path in cards:
        print(path)
    return code


def add(arguments: Namespace) -> int:
    """`add`."""
    _, _, line = _line()
    touched: list[Folder] = []

    def take(path: Path) -> str:
        admitted = line.admit(path, None, arguments.session)
        line.keep(admitted)
        if admitted.folder not in touched:
            touched.append(admitted.folder)
        return admitted.text

    texts, code = _each(arguments.images, take)
    for text in texts:
        print(text)
    for folder in touched:
        print(line.redraw(folder, _bar("collage")))
    return code


def sessions(arguments: Namespace) -> int:
    """`sessions`."""
    found = Store(settings.load().output).sessions()
    if arguments.json:
        print(json.dumps([_session_facts(folder, session) for folder, session in found], ensure_ascii=False, indent=1))
    elif not found:
        print("There is no session yet: press Shift+C while a film plays in VLC.")
    for folder, session in () if arguments.json else found:
        print(
            f"{_count(session):>12}  {folder.name}" + ("" if session.title in folder.name else f"  ({session.title})")
        )
    return 0


def collage(arguments: Namespace) -> int:
    """`collage`."""
    from ..daemon import results

    config, store, line = _line()
    folder = _found(store, arguments.session)
    chosen: dict[str, Any] = {}
    if arguments.layout is not None:
        chosen["layout"] = arguments.layout
    if arguments.size is not None:
        chosen["size"] = arguments.size
    style = settings.checked(config.collage, "collage", **chosen)
    config = replace(config, collage=style)
    if arguments.swatches is not None:
        session = line.with_palettes(folder, _palette_options(config, arguments), _bar("palettes"))
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
        print(line.redraw(folder, _bar("collage")))
        return 0
    _refuse_inputs(target, _files_of(folder, session))
    with tempfile.TemporaryDirectory() as scratch:
        if arguments.uncorrected:
            saved = Folder(Path(scratch))
            session, without_way = results.as_saved(folder, session, config, saved)
            if without_way:
                print(f"cinepalette: {without_way} tone-mapped: no way back, shown as kept", file=sys.stderr)
            folder = saved
        for path in results.draw_to(target, folder, session, config, _bar("collage")):
            print(path)
    return 0


def export(arguments: Namespace) -> int:
    """`export`."""
    from ..daemon import results

    found = _format(arguments.format, arguments.output)
    config, store, _ = _line()
    folder = _found(store, arguments.session)
    with store.lock():
        session = store.load(folder)
    groups = results.groups(session, config)
    if not found.holds_groups:
        groups = groups[:1]  # the session's own palette
    if arguments.output is not None:
        _refuse_inputs(arguments.output, _files_of(folder, session))
    _deliver(found.encode(groups, session.title), arguments.output)
    return 0


def change(arguments: Namespace) -> int:
    """`undo`, `redo`, `new`, `remove`, `move`, `rename`, `merge`, `split`."""
    from ..session import changes

    _, store, line = _line()
    folder = _found(store, arguments.session)
    verbs: dict[str, Callable[[], changes.Outcome]] = {
        "undo": lambda: changes.undo(store, folder),
        "redo": lambda: changes.redo(store, folder),
        "new": lambda: changes.new(store, folder),
        "remove": lambda: changes.remove(store, folder, arguments.n),
        "move": lambda: changes.move(store, folder, arguments.n, arguments.to),
        "rename": lambda: changes.rename(store, folder, _title(arguments.title)),
        "merge": lambda: changes.merge(store, folder, _found(store, arguments.other)),
        "split": lambda: changes.split(store, folder, arguments.n),
    }
    outcome = verbs[arguments.do]()
    print(outcome.text)
    if outcome.renamed:
        line.draw_cards(folder, _bar("cards"))
    for one in outcome.redraw:
        line.redraw(one, _bar("collage"))
    return 0


def open_session(arguments: Namespace) -> int:
    """`open`."""
    from ..daemon import desktop

    config = settings.load()
    store = Store(config.output)
    known = arguments.session is not None or store.folders()
    path = _found(store, arguments.session).path if known else config.output
    desktop.open_folder(path)
    print(path)
    return 0


def setup(arguments: Namespace) -> int:
    """`setup`."""
    from ..install import setup as room

    return room.run(uninstall=arguments.uninstall, dry_run=arguments.dry_run)


def config(arguments: Namespace) -> int:
    """`config`."""
    print(settings.text(settings.load()), end="")
    return 0


def _line() -> tuple[Config, Store, Any]:
    """The settings, the store and the pipeline."""
    from ..daemon.pipeline import Pipeline

    config = settings.load()
    store = Store(config.output)
    return config, store, Pipeline(config, store)


def _found(store: Store, name: str | None) -> Folder:
    with store.lock():
        return store.find(name)


def _palette_options(config: Config, arguments: Namespace) -> Any:
    named = {name: getattr(arguments, name, None) for name in ("swatches", "sort", "method")}
    return settings.checked(
        config.palette, "palette", **{name: value for name, value in named.items() if value is not None}
    )


def _format(name: str | None, output: Path | None) -> Any:
    """The swatch file's format: as named, or by the ending of the file it goes to."""
    from ..export import formats

    if name is not None:
        return formats.find(name)
    if output is None:
        raise UsageError(f"name a format with --format: {', '.join(formats.FORMATS)}")
    if output.is_dir() or not output.suffix:
        return formats.find("text")
    for form in formats.FORMATS.values():
        if output.name.lower().endswith(form.extension):
            return form
    raise UsageError(f"{output}: no format has this ending; name one with --format: {', '.join(formats.FORMATS)}")


def _refuse_inputs(target: Path, inputs: Sequence[Path]) -> None:
    """Raises `UsageError` where a result would replace a picture that it is made from."""
    for path in inputs:
        if target.exists() and path.exists() and target.samefile(path):
            raise UsageError(f"{target}: -o names a picture that is read; it would be replaced")


def _files_of(folder: Folder, session: Session) -> list[Path]:
    """What a session is made of, which nothing may replace."""
    return [folder.file, *(folder.path / name for still in session.stills for name in (still.still, still.card))]


def _each(paths: Sequence[Path], work: Callable[[Path], Result]) -> tuple[list[Result], int]:
    """The results of all pictures that could be read, a line on stderr for each that could not, and the exit code."""
    results = []
    for path in _progress(paths, "pictures"):
        try:
            results.append(work(path))
        except UnreadableImage as error:
            if len(paths) == 1:
                raise
            print(f"cinepalette: {error}", file=sys.stderr)
    return results, 0 if len(results) == len(paths) else 1


def _deliver(data: bytes, output: Path | None) -> None:
    """To a file, or to standard output."""
    from ..picture.writing import write_whole

    if output is not None:
        write_whole(output, data)
        print(output)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()


def _shows_colors() -> bool:
    """Whether colors on standard output reach an eye; https://no-color.org."""
    return _is_terminal(sys.stdout) and not os.environ.get("NO_COLOR")


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks on; Windows gives a program without a console no streams at all."""
    return stream is not None and stream.isatty()


def _title(text: str) -> str:
    """A title as it can be shown on a line; raises `UsageError` where nothing is left."""
    title = clean_title(text)
    if not title:
        raise UsageError("a title wants at least one letter")
    return title


def _distinct(paths: Sequence[Path], extension: str) -> list[str]:
    """A file name for each picture: its own stem, with a number where another one has it already."""
    names: list[str] = []
    for path in paths:
        name, count = f"{path.stem}{extension}", 1
        while name.casefold() in {known.casefold() for known in names}:
            count += 1
            name = f"{path.stem} ({count}){extension}"
        names.append(name)
    return names


def _session_facts(folder: Folder, session: Session) -> dict[str, Any]:
    return {
        "name": folder.name,
        "title": session.title,
        "path": str(folder.path),
        "started_at": session.started_at.isoformat(),
        "stills": len(session.stills),
    }


def _count(session: Session) -> str:
    return "1 still" if len(session.stills) == 1 else f"{len(session.stills)} stills"


def _bar(what: str) -> Callable[[int, int], None] | None:
    """A progress bar on a terminal, nothing in a pipe."""
    if not _is_terminal(sys.stderr):
        return None
    width = min(_BAR_WIDTH, shutil.get_terminal_size().columns - len(what) - 16)

    def show(done: int, of: int) -> None:
        filled = round(width * done / max(of, 1))
        end = "\n" if done >= of else ""
        print(f"\r{what} {'█' * filled}{'░' * (width - filled)} {done}/{of}", end=end, file=sys.stderr, flush=True)

    return show


def _progress(items: Sequence[Item], what: str) -> Iterator[Item]:
    bar = _bar(what) if len(items) > 1 else None
    for done, item in enumerate(items):
        if bar:
            bar(done, len(items))
        yield item
    if bar:
        bar(len(items), len(items))
