"""The user's account: `setup` and `config`."""

from argparse import ArgumentParser, Namespace

from .. import config as settings
from .table import Command


def setup(arguments: Namespace) -> int:
    """`setup`."""
    from ..install import setup as room

    return room.run(uninstall=arguments.uninstall, dry_run=arguments.dry_run)


def config(arguments: Namespace) -> int:
    """`config`."""
    print(settings.text(settings.load()), end="")
    return 0


def _setup_words(parser: ArgumentParser) -> None:
    parser.add_argument("--uninstall", action="store_true", help="take everything away but the pictures")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")


COMMANDS = {"setup": Command(setup, _setup_words), "config": Command(config)}
