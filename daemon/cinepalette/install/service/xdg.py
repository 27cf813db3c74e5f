"""An autostart entry of the desktop: on Linux without a user bus. Nobody watches over the daemon there."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...picture.writing import write_whole
from .common import quoted, words

ENTRY = "cinepalette.desktop"


def name() -> str:
    return "autostart entry"


def path() -> Path:
    """Where the entry goes."""
    config = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(config) if config.startswith("/") else Path.home() / ".config") / "autostart" / ENTRY


def text(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """The desktop file."""
    template = Path(__file__).with_name(ENTRY).read_text(encoding="utf-8")
    prefix = ["env", *(f"{name}={value}" for name, value in environment.items())] if environment else []
    # The value is a string of the desktop file first, which doubles each backslash, and a command line second.
    ran = quoted([*prefix, *command], escape='"\\`$').replace("\\", "\\\\").replace("%", "%%")
    return template.replace("@COMMAND@", ran)


def install(command: Sequence[str], environment: Mapping[str, str]) -> None:
    write_whole(path(), text(command, environment))


def remove() -> None:
    path().unlink(missing_ok=True)


def start() -> bool:
    return False


def is_installed() -> bool:
    return path().exists()


def registered() -> list[str] | None:
    """The command line that is registered; None where there is none."""
    try:
        entry = path().read_text(encoding="utf-8")
    except OSError:
        return None
    line = next((line for line in entry.splitlines() if line.startswith("Exec=")), "")
    found = words(line.removeprefix("Exec=").replace("\\\\", "\\").replace("%%", "%"))
    # Two more that a desktop file escapes and other command lines do not.
    found = [word.replace("\\$", "$").replace("\\`", "`") for word in found]
    if found[:1] == ["env"]:
        found = [word for number, word in enumerate(found) if number and "=" not in word]
    return found
