"""Checks of the program itself: its settings, its environment, its command."""

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ... import paths
from ...errors import SetupError
from .. import command_link
from ..environment import judging, making, places
from ..environment.source import Source
from .check import Account, Check, Finding


def _settings(account: Account) -> Iterator[Finding]:
    for mistake in account.mistakes.splitlines():
        yield Finding(f"The settings have a mistake: {mistake}.", f"Correct it in {account.config.file}.")


def _environment(account: Account) -> Iterator[Finding]:
    environment = paths.environment_dir()
    if Path(sys.prefix).resolve() != environment.resolve():
        return  # pipx, uv or a packager keeps it
    door = places.source_folder() / "install.py"
    if not door.exists():
        yield Finding(
            f"The copy of the program from which it is mended is gone: {door.parent}.",
            "Run python3 install.py of a fresh copy of Cinepalette.",
        )
        return
    why = judging.damage(environment)
    if why:
        cure = f"Run python3 {door}"
        yield Finding(f"The private Python environment {environment} {why}.", f"{cure}.", _make_again)


def _make_again() -> None:
    try:
        extras = places.read_mark(paths.environment_dir()).get("extras", "").split()
        making.make(paths.environment_dir(), Source(places.source_folder(), extras))
    except places.Stop as stop:
        raise SetupError(str(stop)) from stop


def _command(account: Account) -> Iterator[Finding]:
    link = command_link.missing()
    if link is None:
        return
    if link.is_symlink() and not link.exists():
        text = f"The command {link} leads to nothing ({link.readlink()})."
        yield Finding(text, "Let doctor --fix make it again.", partial(command_link.make, link))
    elif link.exists() and not command_link.is_ours(link):
        yield Finding(
            f"Another program has the name of the command: {link}.",
            f"Remove it, or use {command_link.program()}.",
        )
    else:
        text = f"The command cinepalette is not on the PATH: {link} is missing."
        yield Finding(text, "Let doctor --fix make it.", partial(command_link.make, link))


SETTINGS = Check(
    "settings",
    "No command works: each says what is wrong in config.toml",
    "a mistake in the settings file",
    "correct the lines that are named",
    _settings,
    mends=False,
    at_start=False,
)
ENVIRONMENT = Check(
    "environment",
    "«The palette daemon is not running»; the command says that its environment is damaged",
    "the system's Python was upgraded, files of the environment were deleted, an installation was cut off",
    "`python3 ~/.local/share/cinepalette/source/install.py`, where the command itself does not start any more",
    _environment,
    at_start=False,
)
COMMAND = Check(
    "command",
    "«cinepalette: command not found»",
    "the link on the PATH is gone or leads to nothing",
    "remove another program of the same name",
    _command,
    at_start=False,
)

CHECKS = (SETTINGS, ENVIRONMENT, COMMAND)
