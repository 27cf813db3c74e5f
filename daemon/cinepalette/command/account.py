"""The user's account: `setup`, `config` and `completion`."""

from argparse import ArgumentParser, Namespace

from .. import config as settings
from .table import Command

_SHELLS = ("bash", "zsh", "fish", "powershell")


def setup(arguments: Namespace) -> int:
    """`setup`."""
    from ..install import setup as room

    return room.run(uninstall=arguments.uninstall, dry_run=arguments.dry_run, purge=arguments.purge)


def config(arguments: Namespace) -> int:
    """`config`."""
    print(settings.text(settings.load()), end="")
    return 0


def completion(arguments: Namespace) -> int:
    """`completion`."""
    import argcomplete

    print(argcomplete.shellcode(["cinepalette"], shell=arguments.shell))
    return 0


def _completion_words(parser: ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=_SHELLS, help=", ".join(_SHELLS))


def _setup_words(parser: ArgumentParser) -> None:
    parser.add_argument("--uninstall", action="store_true", help="take everything away but the pictures")
    parser.add_argument("--purge", action="store_true", help="with --uninstall: settings and caches, too")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")


COMMANDS = {
    "setup": Command(setup, _setup_words),
    "config": Command(config),
    "completion": Command(completion, _completion_words),
}
