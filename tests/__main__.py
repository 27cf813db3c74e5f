"""Sets up what the tests need and runs them: python3 tests [pytest's own arguments]

A script is run as it is, with what the tests have: python3 tests tests/bench/latency.py [its own arguments]

Of the standard library alone. System packages come by apt where we may, Python packages go into an environment in the
user's cache folder, which is kept until the requirements change. Exit code 2: something is missing and may not be
installed from here; the line that brings it is printed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent
sys.path[:0] = [str(TOP), str(TOP / "daemon")]

import install  # noqa: E402

if sys.version_info < install.NEEDED_PYTHON:
    sys.exit("tests: " + install.too_old())

from cinepalette.install.environment.making import PIP  # noqa: E402
from cinepalette.install.environment.places import Stop, this_python  # noqa: E402
from cinepalette.install.environment.terminal import show  # noqa: E402

REQUIREMENTS = (
    TOP / "daemon" / "requirements.txt",
    TOP / "daemon" / "requirements-web.txt",
    HERE / "requirements.txt",
)

# An environment that no tests have run in for a week is of no use any more.
KEPT_S = 7 * 24 * 3600

# What shows that a Debian package is there: a program, or a file where it has none. The Luas are those that VLC is
# built with, and the next one.
PACKAGES = {
    "vlc": "vlc",
    "xvfb": "Xvfb",
    "openbox": "openbox",
    "xdotool": "xdotool",
    "lua5.1": "lua5.1",
    "lua5.2": "lua5.2",
    "lua5.3": "lua5.3",
    "lua5.4": "lua5.4",
    "lua-check": "luacheck",
    # The gallery is a page for browsers.
    "chromium": "chromium",
    "chromium-driver": "chromedriver",
    "fonts-dejavu-core": "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
}


def main(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments[:1]):
        print(__doc__)
        return 0
    try:
        install.bring(missing_packages)
        python = environment()
    except Stop as stop:
        print(f"tests: {stop}", file=sys.stderr)
        return stop.code
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "PYTEST_ADDOPTS"}}
    clean["PYTHONPATH"] = os.pathsep.join(map(str, (TOP / "daemon", TOP, HERE)))
    # The tests run commands of the environment, such as other Pythons of theirs.
    clean["PATH"] = f"{python.parent}{os.pathsep}{clean.get('PATH', '')}"
    return subprocess.run([str(python), *command(arguments)], cwd=TOP, env=clean).returncode


def command(arguments: list[str]) -> list[str]:
    """What Python is to run: a script by its own path, everything else by pytest, files of tests among it."""
    first = Path(arguments[0]) if arguments else Path("tests")
    if first.suffix == ".py" and first.is_file() and 'if __name__ == "__main__":' in first.read_text(encoding="utf-8"):
        return [str(first.resolve()), *arguments[1:]]
    return ["-m", "pytest", *arguments]


def missing_packages() -> list[str]:
    """The Debian packages whose sign is not found."""
    missing = [package for package, sign in PACKAGES.items() if not (shutil.which(sign) or Path(sign).is_file())]
    return install.missing_python_packages() + missing


def environment() -> Path:
    """The Python of an environment that has just what is required; made where there is none."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cinepalette" / "tests"
    wanted = this_python() + "".join(path.read_text(encoding="utf-8") for path in REQUIREMENTS)
    folder = cache / hashlib.sha256(wanted.encode()).hexdigest()[:16]
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    whole = folder / "whole"
    if whole.exists():
        whole.touch()
        return python
    shutil.rmtree(folder, ignore_errors=True)
    for other in cache.glob("*"):
        # Those of earlier requirements; not one in which the tests of another checkout may be running.
        if time.time() - max(path.stat().st_mtime for path in (other, *other.glob("whole"))) > KEPT_S:
            shutil.rmtree(other, ignore_errors=True)
    show(f"environment for the tests in {folder}", [sys.executable, "-m", "venv", str(folder)])
    pip = [str(python), *PIP, *(word for path in REQUIREMENTS for word in ("-r", str(path)))]
    show("packages for the tests", pip)
    whole.touch()
    return python


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
