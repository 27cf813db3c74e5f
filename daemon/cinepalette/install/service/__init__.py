"""The daemon at login: one module a system, each with the same verbs.

`install(command, environment)`, `remove()`, `start()`, `is_installed()` and `registered()`, the command line that is
registered; `name()` is for people. `start` gives
False where the system has nobody who starts a user's programs but the login itself, or where we are not registered:
then the caller starts the daemon on its own. All raise `SetupError` with what the system said.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from ...paths import overrides


def current(system: str = sys.platform) -> ModuleType:
    """The module for this system."""
    if system == "win32":
        from . import windows

        return windows
    if system == "darwin":
        from . import launchd

        return launchd
    from . import systemd, xdg

    return systemd if systemd.is_usable() else xdg


def all_here(system: str = sys.platform) -> tuple[ModuleType, ...]:
    """Every module that may have been used here: a machine can lose or gain its user bus between two set-ups."""
    if system in {"win32", "darwin"}:
        return (current(system),)
    from . import systemd, xdg

    return (systemd, xdg)


def start() -> bool:
    """Has the system start the registered daemon; False when somebody else must."""
    # The registered daemon watches the user's own places, not those of a second set-up.
    return not overrides() and current().start()


def command() -> list[str]:
    """What is registered: the daemon of this installation."""
    return [sys.executable, "-m", "cinepalette", "run"]


@dataclass(frozen=True)
class Registration:
    """What starts the daemon at login, as `status` shows it."""

    names: tuple[str, ...]
    """The services with which it is registered: one, where all is well."""
    elsewhere: str = ""
    """The program that is registered where it is not this installation's."""

    @property
    def text(self) -> str:
        if not self.names:
            return "not started at login: cinepalette doctor --fix"
        if self.elsewhere:
            return f"starts another installation at login ({self.elsewhere}): cinepalette doctor --fix"
        if len(self.names) > 1:
            return f"started at login twice ({' and '.join(self.names)}): cinepalette doctor --fix"
        return f"started at login ({self.names[0]})"


def registration() -> Registration:
    """What starts the daemon at login here, and whether that is this installation."""
    names, elsewhere = [], ""
    for keeper in all_here():
        words = keeper.registered()
        if words is not None:
            names.append(keeper.name())
            if not _is_here(words):
                elsewhere = words[0] if words else "an empty command"
    return Registration(tuple(names), elsewhere)


def _is_here(words: list[str]) -> bool:
    """Whether a command line is ours, also as Windows has it: with the Python that opens no console."""
    if not words or words[1:] != command()[1:]:
        return False
    found, ours = Path(words[0]), Path(command()[0])
    return found.parent == ours.parent and found.stem.removesuffix("w") == ours.stem
