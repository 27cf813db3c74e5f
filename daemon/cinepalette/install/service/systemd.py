"""A systemd user unit: on a Linux desktop with a user bus."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...picture.writing import write_whole
from .common import quoted, run, words

UNIT = "cinepalette.service"


def name() -> str:
    return "systemd user service"


def path() -> Path:
    """Where the unit file goes."""
    config = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(config) if config.startswith("/") else Path.home() / ".config") / "systemd/user" / UNIT


def is_usable() -> bool:
    """Whether this user has a systemd that answers: not in a container, not under another init."""
    return run("systemctl", "--user", "show-environment", check=False).returncode == 0


def text(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """The unit file."""
    template = Path(__file__).with_name(UNIT).read_text(encoding="utf-8")
    lines = "\n".join("Environment=" + _escaped([f"{name}={value}"]) for name, value in environment.items())
    # Only a command's own dollar signs are in the way; % is special everywhere in a unit.
    ran = _escaped(command).replace("$", "$$")
    return template.replace("@COMMAND@", ran).replace("@ENVIRONMENT@\n", lines + "\n" if lines else "")


def install(command: Sequence[str], environment: Mapping[str, str]) -> None:
    write_whole(path(), text(command, environment))
    run("systemctl", "--user", "daemon-reload")
    run("systemctl", "--user", "enable", UNIT)


def remove() -> None:
    if not path().exists():
        return
    run("systemctl", "--user", "disable", "--now", UNIT, check=False)
    # Where no systemd answers, as after the last logout, its link would stay.
    (path().parent / "default.target.wants" / UNIT).unlink(missing_ok=True)
    path().unlink()
    run("systemctl", "--user", "daemon-reload", check=False)


def start() -> bool:
    if not path().exists():
        return False
    # After several failures systemd waits; a person who says start does not.
    run("systemctl", "--user", "reset-failed", UNIT, check=False)
    # Of a daemon that is just ending systemd would say that it is running already.
    run("systemctl", "--user", "restart", UNIT)
    return True


def is_installed() -> bool:
    return path().exists()


def registered() -> list[str] | None:
    """The command line that is registered; None where there is none."""
    try:
        unit = path().read_text(encoding="utf-8")
    except OSError:
        return None
    line = next((line for line in unit.splitlines() if line.startswith("ExecStart=")), "")
    return words(line.removeprefix("ExecStart=").replace("$$", "$").replace("%%", "%"))


def _escaped(words: Sequence[str]) -> str:
    return quoted(words).replace("%", "%%")
