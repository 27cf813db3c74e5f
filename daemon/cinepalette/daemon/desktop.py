"""The desktop around us: opening a folder where the user looks at files."""

import os
import subprocess
import sys
from pathlib import Path

from ..errors import DaemonError


def open_folder(path: Path) -> None:
    """Shows a folder in the system's file manager; raises `DaemonError` where there is none."""
    path.mkdir(parents=True, exist_ok=True)
    try:
        if sys.platform == "win32":
            os.startfile(path)
            return
        opener = "open" if sys.platform == "darwin" else "xdg-open"
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.Popen([opener, str(path)], start_new_session=True, **quiet)
    except OSError as error:
        raise DaemonError(f"{path}: cannot be opened here ({error.strerror or error})") from error
