"""Sets up what the tests need and runs them: python3 tests [pytest's own arguments]

Of the standard library alone. System packages come by apt where we may, Python packages go into an environment in the
user's cache folder, which is kept until the requirements change. Exit code 2: something is missing and may not be
installed from here; the line that brings it is printed.
"""

import hashlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent
REQUIREMENTS = (TOP / "daemon" / "requirements.txt", HERE / "requirements.txt")
NEEDED_PYTHON = (3, 11)

NOT_POSSIBLE = 2

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
    if sys.version_info < NEEDED_PYTHON:
        return refuse("Python 3.11 or later is needed to run the tests, and this is " + sys.version.split()[0])
    if missing := missing_packages():
        if not may_install():
            sudo = "" if os.name == "nt" or os.geteuid() == 0 else "sudo "
            return refuse(
                f"The tests need these system packages: {' '.join(missing)}\n"
                f"Type this, then run the same again:\n\n    {sudo}apt install {' '.join(missing)}\n"
            )
        bring(missing)
        if still := missing_packages():
            return refuse(f"Still missing after apt: {' '.join(still)}")
    python = environment()
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "PYTEST_ADDOPTS"}}
    clean["PYTHONPATH"] = str(TOP / "daemon")
    # The tests run commands of the environment, such as other Pythons of theirs.
    clean["PATH"] = f"{python.parent}{os.pathsep}{clean.get('PATH', '')}"
    return subprocess.run([str(python), "-m", "pytest", *arguments], cwd=TOP, env=clean).returncode


def missing_packages() -> list[str]:
    """The Debian packages whose sign is not found."""
    missing = [package for package, sign in PACKAGES.items() if not (shutil.which(sign) or Path(sign).is_file())]
    if importlib.util.find_spec("ensurepip") is None:
        own = Path(sys.executable).resolve() == Path("/usr/bin/python3").resolve()
        missing.append("python3-venv" if own else "python{}.{}-venv".format(*sys.version_info))
    return missing


def may_install() -> bool:
    """Whether apt may be used: as root, or with a sudo that asks nothing."""
    if shutil.which("apt-get") is None:
        return False
    if os.geteuid() == 0:
        return True
    if shutil.which("sudo") is None:
        return False
    return subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0


def bring(packages: list[str]) -> None:
    before = [] if os.geteuid() == 0 else ["sudo"]
    apt = [*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    say(f"installing with apt: {' '.join(packages)}")
    # A package list that cannot be renewed may still be good enough.
    subprocess.run([*apt, "update"], stdout=subprocess.DEVNULL)
    step([*apt, "install", "-y", "--no-install-recommends", *packages])
    importlib.invalidate_caches()


def environment() -> Path:
    """The Python of an environment that has just what is required; made where there is none."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cinepalette" / "tests"
    wanted = sys.version + "".join(path.read_text(encoding="utf-8") for path in REQUIREMENTS)
    folder = cache / hashlib.sha256(wanted.encode()).hexdigest()[:16]
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    whole = folder / "whole"
    if whole.exists():
        return python
    # Those of earlier requirements are of no use any more.
    shutil.rmtree(cache, ignore_errors=True)
    say(f"making an environment for the tests in {folder}")
    step([sys.executable, "-m", "venv", str(folder)])
    say("installing " + " and ".join(str(path.relative_to(TOP)) for path in REQUIREMENTS))
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", "install"]
    step([*pip, *(word for path in REQUIREMENTS for word in ("-r", str(path)))])
    whole.touch()
    return python


def step(command: list[str]) -> None:
    """Runs a command that must succeed; shows what it said when it does not."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if done.returncode != 0:
        sys.stderr.write(done.stdout)
        sys.exit(f"tests: this failed: {shlex.join(command)}")


def say(text: str) -> None:
    print(f"tests: {text}", flush=True)


def refuse(text: str) -> int:
    print(f"tests: {text}", file=sys.stderr)
    return NOT_POSSIBLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
