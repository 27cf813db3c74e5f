"""The daemon: `run`, `start`, `stop` and `status`."""

import json
import logging
import sys
from argparse import ArgumentParser, Namespace
from typing import Any

from .. import config as settings
from ..daemon import process
from ..errors import CinepaletteError
from ..session.store import Store
from .output import count, is_terminal
from .sessions import session_facts
from .table import Command


def run(arguments: Namespace) -> int:
    """`run`."""
    config = settings.load()
    watched = is_terminal(sys.stderr)
    process.log_to(config.log, also_terminal=watched)
    try:
        from ..daemon.loop import Daemon
        from ..install import doctor

        doctor.at_start(config)
        Daemon(config).run()
    except Exception as error:
        # Nobody sees what a daemon in the background says last.
        if not watched:
            logging.critical("%s", error, exc_info=not isinstance(error, CinepaletteError))
        raise
    return 0


def start(arguments: Namespace) -> int:
    """`start`."""
    from ..install import background

    config = settings.load()
    if process.watched(config) == [config.inbox]:
        print("The daemon is running already.")
        return 0
    background.start(config)
    print(f"The daemon is watching {config.inbox}")
    return 0


def stop(arguments: Namespace) -> int:
    """`stop`."""
    config = settings.load()
    if not process.watched(config):
        print("The daemon is not running.")
        return 0
    process.stop(config)
    print("The daemon has stopped.")
    return 0


def status(arguments: Namespace) -> int:
    """`status`: 0 also while the daemon is stopped, as it could be told."""
    config = settings.load()
    sessions = Store(config.output).sessions()
    watched = process.watched(config)
    running = config.inbox in watched
    facts: dict[str, Any] = {
        "running": bool(watched),
        "pid": process.pid(watched[0]) if watched else None,
        "inbox": str(config.inbox),
        "output": str(config.output),
        "log": str(config.log),
        "sessions": len(sessions),
        "latest": session_facts(*sessions[-1]) if sessions else None,
    }
    if arguments.json:
        print(json.dumps(facts, ensure_ascii=False, indent=1))
        return 0
    print(
        f"The daemon is running (process {facts['pid']})."
        if watched
        else "The daemon is not running: cinepalette start"
    )
    if watched and not running:
        print(f"It still watches {watched[0]}: cinepalette start makes it follow the settings.")
    print(f"inbox   {config.inbox}\noutput  {config.output}\nlog     {config.log}")
    if sessions:
        folder, session = sessions[-1]
        print(f"latest  {folder.name}: {count(session)}")
    return 0


def _status_words(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


COMMANDS = {
    "run": Command(run),
    "start": Command(start),
    "stop": Command(stop),
    "status": Command(status, _status_words),
}
