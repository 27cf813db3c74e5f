"""The command line: words into calls, errors into one line and an exit code.

Exit code 0 is done, 1 a failure (of some pictures among many, too), 2 bad input. A command's module is imported when
it is asked for, and imports what it needs for its work: `cinepalette --version` loads nothing.
"""

import argparse
import difflib
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import TYPE_CHECKING, NoReturn

from .. import __version__
from ..errors import CinepaletteError, UsageError

if TYPE_CHECKING:
    from .shared import Command

COMMANDS = {
    "run": ("background", "watch the inbox in the foreground"),
    "start": ("background", "start the daemon in the background"),
    "stop": ("background", "stop the daemon; the still in hand is finished"),
    "status": ("background", "say whether all runs, where everything is, and what went wrong last"),
    "palette": ("pictures", "print the palettes of pictures"),
    "card": ("pictures", "draw pictures with their palette strips"),
    "add": ("sessions", "take pictures into a session, as if they had come through the inbox"),
    "film": ("film", "draw a whole film: its colors through time"),
    "sessions": ("sessions", "list the sessions, the latest last"),
    "stills": ("sessions", "list the stills of a session: number, timecode, colors"),
    "collage": ("results", "draw a session's collage again"),
    "export": ("results", "write the swatches of a session for another program"),
    "undo": ("changes", "take back the last change of a session"),
    "redo": ("changes", "make the change again that was taken back last"),
    "remove": ("changes", "take a still out of a session"),
    "move": ("changes", "give a still another place"),
    "rename": ("changes", "give a session another title"),
    "merge": ("changes", "put the stills of another session at the end of this one"),
    "split": ("changes", "begin a new session with a still of this one"),
    "new": ("changes", "let the next still begin a new session"),
    "delete": ("sessions", "move a session to the system's trash"),
    "open": ("sessions", "show a session's folder"),
    "serve": ("serve", "show the sessions in the browser as they grow, and answer programs"),
    "setup": ("account", "set up VLC and the daemon for this user, or take both away"),
    "completion": ("account", "print what makes a shell complete the words of cinepalette"),
    "doctor": ("account", "check every joint from hotkey to collage, and mend what fails"),
    "config": ("account", "print the settings in force and the file they come from"),
}
"""What there is: the module of this folder that has it in its own `COMMANDS`, and what it does."""

_ORIENTATION = """\
Play a film in VLC and press Shift+C: its palette appears over the picture, and a collage grows in your pictures folder.
cinepalette status    whether everything runs, and where your collages are
cinepalette --help    all commands"""


class _Parser(argparse.ArgumentParser):
    """One whose complaint is one line, like every other of ours."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].lower()}{message[1:]}; see {self.prog} --help")


def main(words: Sequence[str] | None = None) -> int:
    """Runs one command; gives its exit code."""
    words = sys.argv[1:] if words is None else words
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who started us; a file that is opened must not come in its place
            setattr(sys, name, open(os.devnull, "r+"))  # noqa: PTH123, SIM115 (a stream, to the end)
    for stream in (sys.stdout, sys.stderr):
        # A title in Japanese must not end a command on a terminal that cannot show it.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    # What is wrong with a picture is said once, and by us.
    os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        if "_ARGCOMPLETE" in os.environ:
            import argcomplete

            argcomplete.autocomplete(parser())
        return _run(words)
    except CinepaletteError as error:
        print(f"cinepalette: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader of a pipe has seen enough.
        _let_go_of_output()
        return 1
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        print(f"cinepalette: {name}{error.strerror or error}", file=sys.stderr)
        try:
            sys.stdout.flush()
        except OSError:
            _let_go_of_output()
        return 1


def _let_go_of_output() -> None:
    """Lets nothing that is still in the buffer be tried again at the exit, which would complain once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def parser(*names: str) -> argparse.ArgumentParser:
    """The command table; the arguments of these commands are in it, without names those of all."""
    top = _Parser(prog="cinepalette", description="Palettes and collages of films, out of VLC.")
    top.add_argument("--version", action="version", version=f"cinepalette {__version__}")
    table = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, (module, text) in COMMANDS.items():
        one = table.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        if name in names or not names:
            command = _command(module, name)
            command.words(one)
            one.set_defaults(run=command.run)
    return top


def _run(words: Sequence[str]) -> int:
    if not words:
        print(_ORIENTATION)
        return 0
    if words[0] == "help":
        words = [*words[1:], "--help"]
    name = next((word for word in words if not word.startswith("-")), None)
    if name is not None and name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(COMMANDS)}"
        raise UsageError(f"{name}: is no command; {hint}")
    chosen, unknown = parser(*([name] if name else [""])).parse_known_args(words)
    if unknown:
        raise UsageError(f"unrecognized arguments: {' '.join(unknown)}; see cinepalette {name} --help")
    code: int = chosen.run(chosen)
    # A full disk behind standard output is noticed now, while it can be said.
    sys.stdout.flush()
    return code


def _command(module: str, name: str) -> "Command":
    found: Command = importlib.import_module(f".{module}", __package__).COMMANDS[name]
    return found
