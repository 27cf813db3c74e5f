"""The command line: words into calls, results into text, errors into one line and an exit code.

Exit code 0 is done, 1 a failure (of some pictures among many, too), 2 bad input. Each command imports what it
needs for its work.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args, get_type_hints

import cv2

from .. import __version__
from ..drawing.collage import CollageStyle
from ..errors import CinepaletteError
from ..export.formats import FORMATS
from ..palette.extraction import Options
from . import commands

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; gives its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A title in Japanese must not end a command on a terminal that cannot show it.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    # What is wrong with a picture is said once, and by us.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    chosen = parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        return chosen.command(chosen)
    except CinepaletteError as error:
        print(f"cinepalette: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader of a pipe has seen enough.
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        print(f"cinepalette: {name}{error.strerror or error}", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """The whole command table."""
    top = argparse.ArgumentParser(prog="cinepalette", description="Palettes and collages of films, out of VLC.")
    top.add_argument("--version", action="version", version=f"cinepalette {__version__}")
    table = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, command: Command, text: str) -> argparse.ArgumentParser:
        one = table.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        one.set_defaults(command=command)
        return one

    add("run", commands.run, "watch the inbox in the foreground")
    add("start", commands.start, "start the daemon in the background")
    add("stop", commands.stop, "stop the daemon; the still in hand is finished")
    one = add("status", commands.status, "tell whether the daemon runs, and where it reads and writes")
    one.add_argument("--json", action="store_true", help="for programs")

    one = add("palette", commands.palette, "print the palettes of pictures")
    _pictures(one)
    _palette_options(one)
    one.add_argument("--format", metavar="F", help=f"{', '.join(FORMATS)} (default: text, or by the ending of FILE)")
    one.add_argument("-o", "--output", type=Path, metavar="FILE", help="a file, or a folder for a file a picture")

    one = add("card", commands.card, "draw pictures with their palette strips")
    _pictures(one)
    _palette_options(one)
    one.add_argument("-o", "--output", type=Path, metavar="DIR", required=True, help="folder for the cards")

    one = add("add", commands.add, "take pictures into a session, as if they had come through the inbox")
    _pictures(one)
    one.add_argument(
        "--session",
        metavar="NAME",
        help="title or folder of the session, begun where there is none (default: today's Stills)",
    )

    one = add("sessions", commands.sessions, "list the sessions, the latest last")
    one.add_argument("--json", action="store_true", help="for programs")

    one = add("collage", commands.collage, "draw a session's collage again")
    one.add_argument("session", metavar="SESSION", nargs="?", help="title or folder (default: the latest)")
    one.add_argument("--layout", metavar="L", help=_values(CollageStyle, "layout"))
    one.add_argument("--size", metavar="WxH", help="for layouts of a given size, e.g. 3840x2160")
    one.add_argument("-n", "--swatches", type=int, metavar="N", help="find the palettes again with so many swatches")
    one.add_argument("--uncorrected", action="store_true", help="the colors as the player saved them, to compare")
    one.add_argument("-o", "--output", type=Path, metavar="FILE", help="another file; its ending chooses the format")

    one = add("export", commands.export, "write the swatches of a session for another program")
    one.add_argument("session", metavar="SESSION", nargs="?", help="title or folder (default: the latest)")
    one.add_argument("--format", metavar="F", help=f"{', '.join(FORMATS)} (default: by the ending of FILE)")
    one.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to (default: standard output)")

    for name, text in {
        "undo": "take back the last change of a session",
        "redo": "make the change again that was taken back last",
        "new": "let the next still begin a new session",
    }.items():
        _session(add(name, commands.change, text)).set_defaults(do=name)
    one = _session(add("remove", commands.change, "take a still out of a session"))
    one.add_argument("n", metavar="N", type=int, nargs="?", help="its number (default: the last one)")
    one.set_defaults(do="remove")
    one = _session(add("move", commands.change, "give a still another place"))
    one.add_argument("n", metavar="N", type=int, help="its number")
    one.add_argument("to", metavar="TO", type=int, help="its place, counted from 1")
    one.set_defaults(do="move")
    one = _session(add("rename", commands.change, "give a session another title"))
    one.add_argument("title", metavar="TITLE")
    one.set_defaults(do="rename")
    one = _session(add("merge", commands.change, "put the stills of another session at the end of this one"))
    one.add_argument("other", metavar="SESSION", help="the other session's title or folder")
    one.set_defaults(do="merge")
    one = _session(add("split", commands.change, "begin a new session with a still of this one"))
    one.add_argument("n", metavar="N", type=int, help="the number of the first still that goes")
    one.set_defaults(do="split")
    _session(add("open", commands.open_session, "show a session's folder"))

    one = add("setup", commands.setup, "set up VLC and the daemon for this user, or take both away")
    one.add_argument("--uninstall", action="store_true", help="take everything away but the pictures")
    one.add_argument("--dry-run", action="store_true", help="only say what would be done")
    add("config", commands.config, "print the settings in force and the file they come from")
    return top


def _pictures(one: argparse.ArgumentParser) -> None:
    one.add_argument("images", metavar="IMAGE", nargs="+", type=Path, help="a picture")


def _session(one: argparse.ArgumentParser) -> argparse.ArgumentParser:
    one.add_argument("--session", metavar="S", help="title or folder (default: the latest)")
    return one


def _palette_options(one: argparse.ArgumentParser) -> None:
    one.add_argument("-n", "--swatches", type=int, metavar="N", help="number of swatches, 1-25 (default: 5)")
    one.add_argument("--sort", metavar="ORDER", help=_values(Options, "sort"))
    one.add_argument("--method", metavar="M", help=_values(Options, "method"))


def _values(options: type, name: str) -> str:
    """What a setting may be, the default first."""
    return ", ".join(get_args(get_type_hints(options)[name]))
