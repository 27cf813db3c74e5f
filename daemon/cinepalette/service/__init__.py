"""The daemon at login: one module a system, each with the same verbs.

`install(command, environment)`, `remove()`, `start()`, `stop()` and `state()`; `name()` is for people. `start` gives
False where the system has nobody who starts a user's programs but the login itself, or where we are not registered:
then the caller starts the daemon on its own. All raise `SetupError` with what the system said.
"""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from ..errors import SetupError
from ..paths import overrides

_ANSWER_S = 30


@dataclass(frozen=True)
class State:
    """What the system knows of the daemon."""

    installed: bool
    """Whether it will be started at login."""
    running: bool | None
    """None where the system does not watch over it."""
    text: str
    """For people: what is registered where."""


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


def run(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Runs a command of the system; raises `SetupError` with its own words when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=_ANSWER_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        if not check:
            return subprocess.CompletedProcess(command, 127, "", str(error))
        raise SetupError(f"{' '.join(command)}: {error}") from error
    if check and done.returncode != 0:
        said = (done.stderr or done.stdout).strip() or f"exit code {done.returncode}"
        raise SetupError(f"{' '.join(command)}: {said}")
    return done


def quoted(words: Sequence[str], *, escape: str = '"\\') -> str:
    """A command line in double quotes, as unit and desktop files want it."""
    return " ".join('"' + "".join("\\" + char if char in escape else char for char in word) + '"' for word in words)
