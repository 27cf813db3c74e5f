"""What commands share in reading their words: options of palettes, swatch formats, the session that is meant."""

import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from .. import config as settings
from ..config import Config, Table
from ..errors import UsageError
from ..palette.extraction import Options
from ..session.folder import Folder
from ..session.store import Store

if TYPE_CHECKING:
    from ..daemon.pipeline import Pipeline
    from ..export.formats import Format


def _no_words(parser: ArgumentParser) -> None:
    """For a command without arguments."""


@dataclass(frozen=True)
class Command:
    """One command, as the modules of this folder list them in `COMMANDS` by name."""

    run: Callable[[Namespace], int]
    """Does it; gives the exit code."""
    words: Callable[[ArgumentParser], None] = _no_words
    """Adds its arguments to a parser."""


def pipeline_in_force() -> tuple[Config, Store, "Pipeline"]:
    """The settings, the store and the pipeline."""
    from ..daemon.pipeline import Pipeline

    config = settings.load()
    store = Store(config.output)
    return config, store, Pipeline(config, store)


def session_folder(store: Store, name: str | None) -> Folder:
    """The folder of the session that is meant, without a name of the latest; raises `SessionError`."""
    with store.lock():
        return store.find(name)


def palette_options(config: Config, arguments: Namespace) -> Options:
    """The options of palettes in force: the settings, and over them the words of the command."""
    named = {name: getattr(arguments, name, None) for name in ("swatches", "sort", "method")}
    return in_force(config.palette, "palette", **{name: value for name, value in named.items() if value is not None})


def in_force(defaults: Table, table: str, **chosen: Any) -> Table:
    """A table of the settings, and over it the words of a command, by whose names `UsageError` says what is wrong."""
    try:
        return settings.checked(defaults, table, **chosen)
    except UsageError as error:
        raise UsageError(re.sub(r"(^|; )(\w+) = ", r"\1--\2 ", str(error))) from error


def swatch_format(name: str | None, output: Path | None) -> "Format":
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


def add_palette_options(parser: ArgumentParser) -> None:
    """How palettes are found, for `palette_options`."""
    parser.add_argument(
        "-n", "--swatches", type=whole_number, metavar="N", help="number of swatches, 1-25 (default: 5)"
    )
    parser.add_argument("--sort", metavar="ORDER", help=values(Options, "sort"))
    parser.add_argument("--method", metavar="M", help=values(Options, "method"))


def values(options: type, name: str) -> str:
    """What a setting may be, and its default, for a help text."""
    all_of_them = get_args(get_type_hints(options)[name])
    return f"{', '.join(all_of_them)} (default: {all_of_them[0]})"


def whole_number(text: str) -> int:
    """A whole number, as a person wrote it."""
    try:
        return int(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text}: is no whole number") from error


def number(text: str) -> float:
    """A number, as a person wrote it."""
    try:
        return float(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text}: is no number") from error


def name_session(parser: ArgumentParser) -> None:
    """The session that a command changes."""
    parser.add_argument("--session", metavar="S", help="title, folder or number (default: the latest)")


def add_force(parser: ArgumentParser) -> None:
    """The word without which nothing that is there is replaced."""
    parser.add_argument("--force", action="store_true", help="replace a file that is there already")


def file_name(text: str) -> str:
    """The name of a file or folder, as a person wrote it."""
    if not text.strip():
        raise ArgumentTypeError("an empty name is no file")
    return text


def add_session(parser: ArgumentParser) -> None:
    """The session that a command is about."""
    parser.add_argument("session", metavar="SESSION", nargs="?", help="title, folder or number (default: the latest)")
