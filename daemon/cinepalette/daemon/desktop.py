"""The desktop around us: opening a folder where the user looks at files."""

import os
import subprocess
import sys
from pathlib import Path

from ..errors import DaemonError

# An opener that fails does so at once; one that stays may be the file manager itself.
_OPENER_WAIT_S = 1.0


def open_folder(path: Path) -> None:
    """Shows a folder in the system's file manager; raises `DaemonError` where nothing opens it."""
    path.mkdir(parents=True, exist_ok=True)
    try:
        if sys.platform == "win32":
            os.startfile(path)
            return
        opener = "open" if sys.platform == "darwin" else "xdg-open"
        nothing = subprocess.DEVNULL
        command = [opener, str(path)]
        opened = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
        if opened.wait(_OPENER_WAIT_S):
            raise DaemonError(f"{path}: cannot be opened here ({opener} failed)")
    except subprocess.TimeoutExpired:
        return
    except OSError as error:
        raise DaemonError(f"{path}: cannot be opened here ({error.strerror or error})") from error
