"""Changes of a session: `undo`, `redo`, `remove`, `move`, `rename`, `merge`, `split` and `new`."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from ..errors import UsageError
from ..model import one_line
from ..session.folder import Folder
from .output import bar
from .shared import Command, name_session, pipeline_in_force, session_folder, whole_number


def change(arguments: Namespace) -> int:
    """`undo`, `redo`, `new`, `remove`, `move`, `rename`, `merge`, `split`."""
    from ..session import changes

    _, store, pipeline = pipeline_in_force()
    folder = session_folder(store, arguments.session)
    verbs: dict[str, Callable[[], changes.Outcome]] = {
        "undo": lambda: changes.undo(store, folder),
        "redo": lambda: changes.redo(store, folder),
        "new": lambda: changes.new(store, folder),
        "remove": lambda: changes.remove(store, folder, arguments.n),
        "move": lambda: changes.move(store, folder, arguments.n, arguments.to),
        "rename": lambda: changes.rename(store, folder, _title(" ".join(arguments.title))),
        "merge": lambda: changes.merge(store, folder, _other(folder, session_folder(store, arguments.other))),
        "split": lambda: changes.split(store, folder, arguments.n),
    }
    outcome = verbs[arguments.do]()
    print(outcome.text)
    for one in outcome.redraw:
        pipeline.redraw(one, bar("collage"))
    return 0


def _other(folder: Folder, other: Folder) -> Folder:
    """The session whose stills are taken; raises `UsageError` where it is the one that takes them."""
    if other == folder:
        raise UsageError(f"{folder.name}: would take its own stills; name the one that takes them with --session")
    return other


def _title(text: str) -> str:
    """A title as it can be shown on a line; raises `UsageError` where nothing is left."""
    title = one_line(text)
    if not title:
        raise UsageError("a title wants at least one letter")
    return title


def _remove_words(parser: ArgumentParser) -> None:
    parser.add_argument("n", metavar="N", type=whole_number, nargs="?", help="its number (default: the last one)")


def _move_words(parser: ArgumentParser) -> None:
    parser.add_argument("n", metavar="N", type=whole_number, help="its number")
    parser.add_argument("to", metavar="TO", type=whole_number, help="its place, counted from 1")


def _rename_words(parser: ArgumentParser) -> None:
    parser.add_argument("title", metavar="TITLE", nargs="+")


def _merge_words(parser: ArgumentParser) -> None:
    parser.add_argument("other", metavar="SESSION", help="the other session's title or folder")


def _split_words(parser: ArgumentParser) -> None:
    parser.add_argument("n", metavar="N", type=whole_number, help="the number of the first still that goes")


def _change(name: str, words: Callable[[ArgumentParser], None] = lambda _: None) -> Command:
    def both(parser: ArgumentParser) -> None:
        name_session(parser)
        words(parser)
        parser.set_defaults(do=name)

    return Command(change, both)


COMMANDS = {
    "undo": _change("undo"),
    "redo": _change("redo"),
    "new": _change("new"),
    "remove": _change("remove", _remove_words),
    "move": _change("move", _move_words),
    "rename": _change("rename", _rename_words),
    "merge": _change("merge", _merge_words),
    "split": _change("split", _split_words),
}
