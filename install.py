#!/usr/bin/env python3
"""Sets up Cinepalette for the user who runs this: python3 install.py [--uninstall] [--dry-run]

Only the door, and of the standard library alone: it makes a private Python environment in the user's data folder, puts
the locked dependencies and Cinepalette itself into it, and hands over to `cinepalette setup` in there. The checkout is
left as it was and is not needed afterwards.
"""

import argparse
import ctypes
import hashlib
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
NEEDED_PYTHON = (3, 11)
REQUIREMENTS = Path("daemon/requirements.txt")
# All that the wheel is built from.
SOURCES = ("LICENSE", "README.md", "pyproject.toml", "setup.cfg", "daemon", "plugin")
LEFT_OUT = {"__pycache__", "docs"}

PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--progress-bar=off")
# Nothing is compiled on the user's machine; pyvips, of Python alone, comes as source only.
BUILT = ("--only-binary=:all:", "--no-binary=pyvips")

DONE, FAILED, NOT_POSSIBLE, INTERRUPTED = 0, 1, 2, 130


class Stop(Exception):
    """Ends the installer with a text and an exit code."""

    def __init__(self, text: str, code: int = FAILED) -> None:
        super().__init__(text)
        self.code = code


def main() -> int:
    parser = argparse.ArgumentParser(prog="install.py", description="Sets up Cinepalette for the user who runs this.")
    parser.add_argument("--uninstall", action="store_true", help="take everything away but the pictures")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    chosen = parser.parse_args()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    try:
        refuse_old_python()
        refuse_sudo()
        environment = data_folder() / "venv"
        return uninstall(environment, chosen.dry_run) if chosen.uninstall else install(environment, chosen.dry_run)
    except Stop as stop:
        print(f"install.py: {stop}", file=sys.stderr)
        return stop.code
    except KeyboardInterrupt:
        print("\nStopped. Run the same again to go on.", file=sys.stderr)
        return INTERRUPTED


def install(environment: Path, dry_run: bool) -> int:
    missing = missing_packages()
    ready = is_ready(environment)
    if dry_run:
        print("This would be done:")
        if missing:
            print(f"  - bring the missing system packages: {' '.join(missing)}")
        if not ready:
            print(f"  - make a private Python environment: {environment}")
            print(f"  - put {len(locked())} locked packages and Cinepalette into it")
            print("  - hand over to `cinepalette setup` in it: put the plugin into VLC's Lua folder, add one word to")
            print("    extraintf in VLC's vlcrc, have the daemon started at login, start it, and make a test collage")
            return DONE
        return hand_over(environment, "--dry-run")
    bring(missing_packages)
    if not ready:
        make(environment)
    return hand_over(environment)


def uninstall(environment: Path, dry_run: bool) -> int:
    if not data_folder().exists() and not environment.exists():
        print("Cinepalette is not installed for this user: there is nothing to take away.")
        return DONE
    if not runs(environment):
        # Half an environment cannot take away what a whole one has set up.
        if dry_run:
            print("The private environment is damaged; it would be repaired, and then everything taken away.")
            return DONE
        bring(missing_packages)
        make(environment)
    code = hand_over(environment, "--uninstall", *(["--dry-run"] if dry_run else []))
    if code == DONE and not dry_run and environment.exists():
        # Windows does not let a program remove itself.
        shutil.rmtree(environment)
        if not any(data_folder().iterdir()):
            data_folder().rmdir()
    return code


def refuse_old_python() -> None:
    if sys.version_info < NEEDED_PYTHON:
        needed, found = (".".join(map(str, version[:2])) for version in (NEEDED_PYTHON, sys.version_info))
        raise Stop(f"Python {needed} or later is needed, and this is {found}", NOT_POSSIBLE)


def refuse_sudo() -> None:
    if is_root() and os.environ.get("SUDO_USER", "root") != "root":
        raise Stop("Cinepalette belongs to you and not to root: run the same without sudo", NOT_POSSIBLE)


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def data_folder() -> Path:
    """The user's data folder for us; the same as platformdirs finds in the environment."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "cinepalette"
    told = os.environ.get("XDG_DATA_HOME", "")
    usual = "Library/Application Support" if sys.platform == "darwin" else ".local/share"
    return (Path(told) if told.startswith("/") else Path.home() / usual) / "cinepalette"


# What the system must have


def missing_packages() -> list[str]:
    """What is not there, as Debian calls it."""
    missing = missing_python_packages()
    if sys.platform != "linux":
        return missing
    if not has_vlc():
        missing.append("vlc")
    # OpenCV's packages lean on these; a desktop has them, and Debian's VLC brings them.
    libraries = {"libgl1": "libGL.so.1", "libglib2.0-0": "libglib-2.0.so.0"}
    return missing + [package for package, file in libraries.items() if not has_library(file)]


def missing_python_packages() -> list[str]:
    """What Debian takes out of Python's own library."""
    if importlib.util.find_spec("ensurepip") is not None:
        return []
    own = Path(sys.executable).resolve() == Path("/usr/bin/python3").resolve()
    return ["python3-venv" if own else "python{}.{}-venv".format(*sys.version_info)]


def has_vlc() -> bool:
    """Whether any VLC is here: the system's own, from flatpak or from snap."""
    flatpaks = (Path("/var/lib/flatpak"), Path.home() / ".local/share/flatpak")
    others = [store / "app/org.videolan.VLC" for store in flatpaks] + [Path("/snap/vlc/current")]
    return shutil.which("vlc") is not None or any(path.exists() for path in others)


def has_library(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def bring(find_missing: Callable[[], list[str]]) -> None:
    """Installs the system packages that are missing with apt, or stops with the line that would."""
    missing = find_missing()
    if not missing:
        return
    advice = f"these system packages are missing: {' '.join(missing)}\n{advice_for(missing)}"
    if not shutil.which("apt-get") or not (is_root() or may_sudo()):
        raise Stop(advice, NOT_POSSIBLE)
    print(f"These system packages are missing and are installed with apt now: {' '.join(missing)}", flush=True)
    apt = [] if is_root() else ["sudo"]
    apt += ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    # A package list that cannot be renewed may still be good enough.
    show("package lists", [*apt, "update"], check=False)
    if not show("packages", [*apt, "install", "-y", "--no-install-recommends", *missing], check=False):
        raise Stop(advice)
    importlib.invalidate_caches()
    if still := find_missing():
        raise Stop(f"still missing after apt: {' '.join(still)}")


def advice_for(missing: list[str]) -> str:
    """How a person brings packages, in a line to type where we know one."""
    names = " ".join(missing)
    lines = {
        "apt-get": f"apt update && apt install {names}",
        "dnf": "dnf install vlc",
        "pacman": "pacman -S vlc",
        "zypper": "zypper install vlc",
    }
    line = next((line for tool, line in lines.items() if shutil.which(tool)), None)
    if line is None:
        return "Those are Debian's names. Install them with your system's packages, then run the same again."
    if not is_root():
        line = f"sudo sh -c '{line}'" if shutil.which("sudo") else f"su -c '{line}'"
    return f"Type this, then run the same again:\n\n    {line}\n"


def may_sudo() -> bool:
    """Whether sudo works: without a password, or with a person here who can type one."""
    if shutil.which("sudo") is None:
        return False
    quiet = subprocess.run(["sudo", "-n", "true"], capture_output=True)
    return quiet.returncode == 0 or (sys.stdin.isatty() and subprocess.run(["sudo", "-v"]).returncode == 0)


# The private environment


def make(environment: Path) -> None:
    """Makes or mends the environment; the mark that it is whole is written last."""
    mark = environment / "cinepalette.mark"
    known = read_mark(environment)
    if runs(environment):
        # The old program's files are about to go.
        run_in(environment, "-m", "cinepalette", "stop", capture_output=True)
    mark.unlink(missing_ok=True)
    if known.get("python") != this_python() or not python_in(environment).exists():
        show(f"private environment {environment}", [sys.executable, "-m", "venv", "--clear", str(environment)])
        known = {}
    python = str(python_in(environment))
    if known.get("locked") != locked_hash():
        command = [python, *PIP, *BUILT, "-r", str(HERE / REQUIREMENTS)]
        show(f"{len(locked())} locked packages", command)
        known = {}
    with tempfile.TemporaryDirectory(prefix="cinepalette-") as folder:
        # Building leaves traces beside the source: not in the checkout.
        for path in wheel_files():
            target = Path(folder) / path.relative_to(HERE)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        show("Cinepalette", [python, *PIP, "--no-cache-dir", "--no-deps", "--force-reinstall", folder])
    check = run_in(
        environment,
        "-c",
        "import cv2, sklearn, PIL, watchdog, cinepalette.command.line",
        capture_output=True,
        text=True,
    )
    if check.returncode != 0:
        said = (check.stderr.strip() or "no reason given").splitlines()[-1]
        raise Stop(f"the environment does not work: {said}")
    mark.write_text(json.dumps({"python": this_python(), "locked": locked_hash(), "source": source_hash()}))


def is_ready(environment: Path) -> bool:
    """Whether the environment holds just this checkout's version already."""
    wanted = {"python": this_python(), "locked": locked_hash(), "source": source_hash()}
    return read_mark(environment) == wanted and runs(environment)


def this_python() -> str:
    """What an environment leans on: a new patch of the same Python is still the same one."""
    return f"{sys.implementation.cache_tag} {sys.base_prefix}"


def read_mark(environment: Path) -> dict:
    try:
        mark = json.loads((environment / "cinepalette.mark").read_text())
    except (OSError, ValueError):
        return {}
    return mark if isinstance(mark, dict) else {}


def runs(environment: Path) -> bool:
    """Whether the program in the environment starts."""
    if not python_in(environment).exists():
        return False
    return run_in(environment, "-m", "cinepalette", "--version", capture_output=True).returncode == 0


def python_in(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def run_in(environment: Path, *words: str, **how) -> subprocess.CompletedProcess:
    """Runs Python there, out of reach of the checkout and of other Pythons' settings."""
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    return subprocess.run([str(python_in(environment)), *words], cwd=Path.home(), env=clean, **how)


def hand_over(environment: Path, *words: str) -> int:
    sys.stdout.flush()
    return run_in(environment, "-m", "cinepalette", "setup", *words).returncode


def locked() -> list[str]:
    lines = (HERE / REQUIREMENTS).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def locked_hash() -> str:
    return hashlib.sha256("\n".join(locked()).encode()).hexdigest()


def wheel_files() -> list[Path]:
    """Every file that the wheel is built from."""
    found = []
    for name in SOURCES:
        top = HERE / name
        found += [top] if top.is_file() else sorted(path for path in top.rglob("*") if path.is_file())
    return [path for path in found if not LEFT_OUT.intersection(path.parts[len(HERE.parts) :])]


def source_hash() -> str:
    digest = hashlib.sha256()
    for path in wheel_files():
        digest.update(path.relative_to(HERE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


# Showing long work


def show(what: str, command: list[str], check: bool = True) -> bool:
    """Runs a command that takes a while: its last line on a terminal, nothing of it in a pipe, all of it when it fails.

    Gives whether it succeeded; with `check` a failure ends the installer.
    """
    begun = time.monotonic()
    live = sys.stdout.isatty()
    clear = "\r\033[K" if live else ""
    print(f"  … {what}", end="" if live else "\n", flush=True)
    said = []
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
    except OSError as error:
        raise Stop(f"{shlex.join(command)}: {error}") from error
    with process:
        for line in process.stdout:
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


if __name__ == "__main__":
    sys.exit(main())
