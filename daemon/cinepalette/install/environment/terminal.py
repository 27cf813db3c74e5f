"""Long work on the terminal."""

import shlex
import shutil
import subprocess
import sys
import time

from .places import Stop


def show(what: str, command: list[str], check: bool = True) -> bool:
    """Runs a command that takes a while: its last line on a terminal, nothing of it in a pipe, all of it when it fails.

    Gives whether it succeeded; with `check` a failure ends the installer.
    """
    begun = time.monotonic()
    live = sys.stdout.isatty()
    clear = "\r\033[K" if live else ""
    print(f"  … {what}", end="" if live else "\n", flush=True)
    said: list[str] = []
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
    except OSError as error:
        raise Stop(f"{shlex.join(command)}: {error}") from error
    with process:
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
            raise Stop(f"this failed: {shlex.join(command)}")
    return succeeded
