"""The daemon: `run`, `start`, `stop` and `status`."""

import json
import logging
import sys
from argparse import ArgumentParser, Namespace
from datetime import datetime
from typing import Any

from .. import config as settings
from .. import paths
from ..config import Config
from ..daemon import notes, process
from ..errors import CinepaletteError, SessionError, SetupError
from ..session.store import Store
from .output import count, is_terminal, size
from .shared import Command


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
    Store(config.output).drive.check(config.inbox)
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
    """`status`: 0 also while the daemon is stopped, since that is an answer."""
    config = settings.load()
    facts = _facts(config)
    if arguments.json:
        print(json.dumps(facts, ensure_ascii=False, indent=1))
        return 0
    for head, text in _lines(facts):
        print(f"{head:9}{text}" if head else text)
    return 0


def _facts(config: Config) -> dict[str, Any]:
    from ..export.data import session_data

    store = Store(config.output)
    sessions = store.sessions()
    watched = process.watched(config)
    standing = notes.standing(config)
    noted = standing.facts
    return {
        "running": bool(watched),
        "pid": process.pid(watched[0]) if watched else None,
        "since": noted.since or None if watched else None,
        "watches": str(watched[0]) if watched else None,
        "inbox": str(config.inbox),
        "output": str(config.output),
        "log": str(config.log),
        "vlc": _players(config),
        "at_login": _at_login(),
        "waiting": standing.waiting,
        "ignored": list(noted.ignored),
        "last_still": noted.last_still and vars(noted.last_still),
        "last_error": noted.last_error and {"at": noted.last_error.at, "text": noted.last_error.text},
        "free_bytes": standing.free_bytes,
        "drive": _drive_trouble(store),
        "sessions": len(sessions),
        "latest": session_data(sessions[-1][0].path, sessions[-1][1]) if sessions else None,
        "unreadable": [str(error) for error in store.unreadable()],
        "missing": {folder.name: missing for folder, session in sessions if (missing := folder.missing(session))},
    }


def _drive_trouble(store: Store) -> str | None:
    try:
        store.drive.check()
    except SessionError as error:
        return str(error)
    return None


def _players(config: Config) -> list[dict[str, Any]]:
    """Each VLC here: whether the plugin is in it and starts with it, and the keys that take a still."""
    from ..install import players, plugin, vlcrc

    found = []
    for vlc in players.vlcs():
        try:
            problem = vlc.problem or plugin.state(vlc.lua)
            if not problem and not (vlc.vlcrc.is_file() and vlcrc.has(vlc.vlcrc.read_bytes())):
                problem = "the plugin does not start with it."
        except (SetupError, OSError) as error:
            problem = str(error)
        found.append({"name": vlc.name, "problem": problem or None, "keys": list(config.vlc.take)})
    return found


def _at_login() -> str | None:
    """What starts the daemon at login; None for nothing, or a second set-up beside the user's own."""
    from ..install import service

    if paths.overrides():
        return None
    found = service.registration()
    elsewhere = f", that of another installation: {found.elsewhere}" if found.elsewhere else ""
    return (" and ".join(found.names) + elsewhere) or None


def _lines(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """What a person reads, each line with the word before it."""
    lines = [("", "The daemon is not running: cinepalette start")]
    if facts["running"]:
        since = f" since {_moment(facts['since'])}" if facts["since"] else ""
        lines = [("", f"The daemon is running{since} (process {facts['pid']}).")]
        if facts["watches"] != facts["inbox"]:
            text = f"It still watches {facts['watches']}: cinepalette start makes it follow the settings."
            lines.append(("", text))
    for vlc in facts["vlc"]:
        keys = " or ".join(key.replace("+", " + ").title().replace(" + ", "+") for key in vlc["keys"])
        said = f"{vlc['problem']} cinepalette doctor says more" if vlc["problem"] else f"set up: {keys} takes a still"
        lines.append(("vlc", f"{vlc['name']}: {said}"))
    lines += [(name, facts[name]) for name in ("inbox", "output", "log")]
    if facts["drive"]:
        lines.append(("drive", facts["drive"]))
    if facts["at_login"]:
        lines.append(("login", f"started by the {facts['at_login']}"))
    if facts["waiting"]:
        lines.append(("waiting", f"{facts['waiting']} in the inbox"))
    if facts["ignored"]:
        lines.append(("ignored", f"{', '.join(facts['ignored'])}: no pictures, left in the inbox"))
    for head, key in (("last", "last_still"), ("trouble", "last_error")):
        if facts[key]:
            lines.append((head, f"{facts[key]['text']}  ({_moment(facts[key]['at'])})"))
    if facts["latest"]:
        stills = facts["latest"]["stills"]
        lines.append(("latest", f"{facts['latest']['name']}: {count(stills)}"))
    lines += [("damaged", text) for text in facts["unreadable"]]
    lines += [("missing", f"{name}: {', '.join(files)}") for name, files in facts["missing"].items()]
    if facts["free_bytes"] is not None:
        lines.append(("disk", f"{size(facts['free_bytes'])} left"))
    return lines


def _moment(text: str) -> str:
    """A moment for people, in their own time: `2026-11-21 20:15`."""
    try:
        return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return text


def _status_words(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


COMMANDS = {
    "run": Command(run),
    "start": Command(start),
    "stop": Command(stop),
    "status": Command(status, _status_words),
}
