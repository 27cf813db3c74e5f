"""Where the program lies, and running what is in there."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

MARK = "cinepalette.mark"
"""Written last of all into an environment: it says from what it was made."""


SIZE = "some 590 MB of disk"
"""What the program takes, for people: 586 to 594 MB on Debian 12, once it has run."""


class Stop(Exception):
    """Ends the installer with a text and an exit code."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


def data_folder() -> Path:
    """The user's data folder for us; the same as platformdirs finds in the environment."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "cinepalette"
    named = os.environ.get("XDG_DATA_HOME", "")
    usual = "Library/Application Support" if sys.platform == "darwin" else ".local/share"
    return (Path(named) if named.startswith("/") else Path.home() / usual) / "cinepalette"


def folder() -> Path:
    """Where the environment is."""
    return data_folder() / "venv"


def source_folder() -> Path:
    """Where the copy of the source is that the environment was made from."""
    return data_folder() / "source"


def registrations() -> list[Path]:
    """The files by which the daemon may be started at login; the login services write them at these places."""
    named = os.environ.get("XDG_CONFIG_HOME", "")
    config = Path(named) if named.startswith("/") else Path.home() / ".config"
    places = [config / "systemd/user/cinepalette.service", config / "autostart/cinepalette.desktop"]
    return [*places, Path.home() / "Library/LaunchAgents/cinepalette.plist"]


def this_python() -> str:
    """What an environment leans on: a new patch of the same Python is still the same one."""
    return f"{sys.implementation.cache_tag} {sys.base_prefix}"


def read_mark(environment: Path) -> dict[str, str]:
    try:
        mark = json.loads((environment / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return mark if isinstance(mark, dict) else {}


def version_in(environment: Path) -> str:
    """The version of the program in an environment; empty where none starts."""
    if not python_in(environment).exists():
        return ""
    asked = run_in(environment, "-m", "cinepalette", "--version", capture_output=True, text=True)
    return asked.stdout.split()[-1] if asked.returncode == 0 and asked.stdout.split() else ""


def python_in(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def run_in(environment: Path, *words: str, **how: Any) -> "subprocess.CompletedProcess[str]":
    """Runs Python there, out of reach of the checkout and of other Pythons' settings."""
    return subprocess.run([str(python_in(environment)), *words], cwd=Path.home(), env=clean_environ(), **how)


def clean_environ() -> dict[str, str]:
    """The variables of this process without those by which another Python's settings reach ours."""
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}


def launcher() -> Path:
    """The command `cinepalette` outside the environment: it can still speak when the Python in there is gone."""
    return data_folder() / "cinepalette"


def site_packages(environment: Path) -> Path:
    found = next(iter(environment.glob("lib/python*/site-packages")), None)
    return found or environment / "Lib" / "site-packages"
