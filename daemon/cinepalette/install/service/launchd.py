"""A launch agent: on macOS."""

import os
import plistlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape

from ...picture.writing import write_whole
from .common import run

LABEL = "cinepalette"


def name() -> str:
    return "launch agent"


def path() -> Path:
    """Where the agent's file goes."""
    return Path.home() / "Library/LaunchAgents" / f"{LABEL}.plist"


def text(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """The agent's file."""
    template = Path(__file__).with_name("cinepalette.plist").read_text(encoding="utf-8")
    words = "\n".join(f"\t\t<string>{escape(word)}</string>" for word in command)
    entries = "".join(
        f"\t\t<key>{escape(key)}</key>\n\t\t<string>{escape(value)}</string>\n" for key, value in environment.items()
    )
    return template.replace("@COMMAND@", words).replace("@ENVIRONMENT@\n", entries)


def install(command: Sequence[str], environment: Mapping[str, str]) -> None:
    # launchd keeps the file it has loaded: the old one goes first.
    run("launchctl", "bootout", _target(), check=False)
    write_whole(path(), text(command, environment))
    run("launchctl", "enable", _target(), check=False)


def remove() -> None:
    if not path().exists():
        return
    run("launchctl", "bootout", _target(), check=False)
    path().unlink()


def start() -> bool:
    if not path().exists():
        return False
    # Loading starts it; one that is loaded and has ended, or is just ending, is kicked.
    if run("launchctl", "bootstrap", _domain(), str(path()), check=False).returncode != 0:
        run("launchctl", "kickstart", "-k", _target())
    return True


def is_installed() -> bool:
    return path().exists()


def registered() -> list[str] | None:
    """The command line that is registered; None where there is none."""
    try:
        agent = plistlib.loads(path().read_bytes())
        return [str(word) for word in agent["ProgramArguments"]]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, ExpatError):
        return []


def _domain() -> str:
    return f"gui/{os.getuid()}"


def _target() -> str:
    return f"{_domain()}/{LABEL}"
