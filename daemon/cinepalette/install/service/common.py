"""What the modules of all systems share: what they report, and how they ask their system."""

import shlex
import subprocess
from collections.abc import Sequence

from ...errors import SetupError

_ANSWER_S = 30


def run(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Runs a command of the system; raises `SetupError` with its own words when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=_ANSWER_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        if not check:
            return subprocess.CompletedProcess(command, 127, "", str(error))
        raise SetupError(f"{' '.join(command)}: {error}") from error
    if check and done.returncode != 0:
        said = (done.stderr or done.stdout).strip() or f"exit code {done.returncode}"
        raise SetupError(f"{' '.join(command)}: {said}")
    return done


def quoted(words: Sequence[str], *, escape: str = '"\\') -> str:
    """A command line in double quotes, as unit and desktop files want it."""
    return " ".join('"' + "".join("\\" + char if char in escape else char for char in word) + '"' for word in words)


def words(line: str) -> list[str]:
    """The words of a command line that `quoted` has made; of a stranger's, what can be made of it."""
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()
