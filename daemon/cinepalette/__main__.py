"""`python -m cinepalette` is `cinepalette`."""

import subprocess
import sys

from .install.environment import places


def run() -> int:
    """The command; where a package that it needs is gone, what mends that."""
    try:
        from .command.line import main

        return main()
    except ImportError as error:
        return _damaged(error)


def _damaged(error: ImportError) -> int:
    """Speaks for an environment in which the program itself does not load any more."""
    door = places.source_folder() / "install.py"
    if sys.argv[1:2] == ["doctor"] and door.exists():
        # The same Python without the environment: it needs nothing of what is gone.
        base = getattr(sys, "_base_executable", sys.executable)
        return subprocess.run([base, str(door), *sys.argv[1:]]).returncode
    again = f"python3 {door}" if door.exists() else "install Cinepalette again"
    print(f"cinepalette: its Python environment is damaged ({error}). This mends it:\n    {again}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(run())
