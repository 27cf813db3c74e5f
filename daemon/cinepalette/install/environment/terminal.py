"""Long work on the terminal."""

import errno
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from . import ending
from .places import Stop, clean_environ, folder, python_in

# As pip and uv say it.
_NO_NETWORK = ("NewConnectionError", "ConnectTimeoutError", "Failed to fetch", "dns error")


def show(what: str, command: list[str], check: bool = True, **how: Any) -> bool:
    """Runs a command that takes a while: its last line on a terminal, nothing of it in a pipe, all of it when it fails.

    Gives whether it succeeded; with `check` a failure ends the installer. `how` goes to `ending.child`.
    """
    begun = time.monotonic()
    live = sys.stdout.isatty()
    clear = "\r\033[K" if live else ""
    print(f"  … {what}", end="" if live else "\n", flush=True)
    said: list[str] = []
    if shutil.which(command[0]) is None:
        raise Stop(f"{shlex.join(command)}: {command[0]} is no program")
    with ending.child(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **how) as process:
        for line in process.stdout or ():
            said.append(line)
            if live and line.strip():
                room = max(shutil.get_terminal_size().columns - len(what) - 8, 10)
                print(f"{clear}  … {what}: {' '.join(line.split())[:room]}", end="", flush=True)
    succeeded = process.returncode == 0
    print(f"{clear}  {'✓' if succeeded else '✗'} {what} ({time.monotonic() - begun:.0f} s)", flush=True)
    if not succeeded:
        sys.stderr.writelines(said[-30:])
        if check:
            raise Stop(_why("".join(said)) or f"this failed: {shlex.join(command)}")
    return succeeded


def _why(said: str) -> str:
    """What a person can do about the two commonest failures; empty where it is another."""
    if any(sign in said for sign in _NO_NETWORK):
        return "the package index cannot be reached: connect to a network, or run install.py with --wheels FOLDER"
    return "the disk is full: make room, then run the same again" if os.strerror(errno.ENOSPC) in said else ""


def hand_over(*words: str) -> int:
    """Runs a command of the program in the environment, which goes on from here; gives its exit code."""
    sys.stdout.flush()
    process = None
    try:
        with ending.child(
            [str(python_in(folder())), "-m", "cinepalette", *words], cwd=Path.home(), env=clean_environ()
        ) as process:
            return process.wait()
    except KeyboardInterrupt:
        if process is None or process.returncode is None:
            raise
        if process.returncode != ending.INTERRUPTED:
            # Too early for it to say so itself.
            ending.say()
        return ending.INTERRUPTED
