"""The daemon: `run`, `start`, `stop` and `status`; and the server: `serve`."""

import importlib.util
import json
import logging
import sys
from argparse import ArgumentParser, Namespace
from typing import Any

from .. import config as settings
from ..daemon import process
from ..errors import CinepaletteError, UsageError
from ..session.store import Store
from .output import count, is_terminal
from .table import Command

_NEEDED = {"starlette": "starlette", "uvicorn": "uvicorn", "multipart": "python-multipart"}
"""What the extra `web` brings: modules, and the packages that hold them."""


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
    from ..export.data import session_data

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
        "latest": session_data(sessions[-1][0].path, sessions[-1][1]) if sessions else None,
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


def serve(arguments: Namespace) -> int:
    """`serve`."""
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        raise UsageError(
            f"serve needs more packages: {sys.executable} -m pip install {' '.join(sorted(_NEEDED.values()))}"
        )
    from ..web import server

    config = settings.load()
    server.serve(config, arguments.port, opens=arguments.open, tell=lambda text: print(text, flush=True))
    return 0


def _serve_words(parser: ArgumentParser) -> None:
    parser.add_argument("--port", type=int, metavar="N", help="on 127.0.0.1 (default: 8642, or one that is free)")
    parser.add_argument("--open", action="store_true", help="open the page in the browser")


COMMANDS = {
    "run": Command(run),
    "serve": Command(serve, _serve_words),
    "start": Command(start),
    "stop": Command(stop),
    "status": Command(status, _status_words),
}
