"""Checks of the daemon: whether it starts at login, runs, and is the one of this installation."""

from collections.abc import Iterator
from pathlib import Path

from ... import __file__ as program
from ... import paths
from ...daemon import process
from ...inbox.protocol import PID_NAME
from .. import background, service, steps
from .check import Account, Check, Finding


def _login(account: Account) -> Iterator[Finding]:
    if paths.overrides():
        return
    found = service.registration()
    if not found.names:
        yield Finding("The daemon is not started at login.", "Let doctor --fix register it.", steps.register)
    elif found.elsewhere:
        text = f"At login the daemon of another installation is started: {found.elsewhere}."
        yield Finding(text, "Let doctor --fix register this one.", steps.register)
    elif len(found.names) > 1:
        text = f"The daemon is started at login twice: by the {' and the '.join(found.names)}."
        yield Finding(text, "Let doctor --fix leave one.", steps.register)


def _running(account: Account) -> Iterator[Finding]:
    config = account.config
    watched = process.watched(config)

    def start() -> None:
        background.start(config)

    if not watched:
        text = f"The daemon is not running; its log is {config.log}."
        yield Finding(text, "Let doctor --fix start it, or type cinepalette start.", start)
    elif config.inbox not in watched:
        text = f"The daemon still watches {watched[0]}, and not {config.inbox} as the settings say."
        yield Finding(text, "Let doctor --fix start it again.", start)
    elif _is_older(config.inbox):
        text = "The daemon that runs was started before this version was installed."
        yield Finding(text, "Let doctor --fix start it again.", start)


def _is_older(inbox: Path) -> bool:
    """Whether a daemon began before this program's files came: it wrote its number when it began."""
    try:
        return (inbox / PID_NAME).stat().st_mtime < Path(program or "").stat().st_ctime
    except OSError:
        return False


LOGIN = Check(
    "login",
    "«The palette daemon is not running» after each login",
    "the daemon is not registered, registered twice, or that of another installation is",
    "",
    _login,
)
RUNNING = Check(
    "daemon",
    "«The palette daemon is not running», or an old fault is still there",
    "the daemon is stopped, of an older version, or watches another inbox than the settings say",
    "read its log, which `cinepalette status` names",
    _running,
    at_start=False,
)

CHECKS = (LOGIN, RUNNING)
