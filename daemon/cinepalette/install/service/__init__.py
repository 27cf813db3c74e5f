"""The daemon at login: one module a system, each with the same verbs.

`install(command, environment)`, `remove()`, `start()`, `stop()` and `state()`; `name()` is for people. `start` gives
False where the system has nobody who starts a user's programs but the login itself, or where we are not registered:
then the caller starts the daemon on its own. All raise `SetupError` with what the system said.
"""

import sys
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
