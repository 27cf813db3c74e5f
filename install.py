#!/usr/bin/env python3
"""Sets up Cinepalette for the user who runs this: python3 install.py [--uninstall [--purge]] [--dry-run]

Only the door, and of the standard library alone: it makes a private Python environment in the user's data folder, puts
the locked dependencies and Cinepalette itself into it, and hands over to `cinepalette setup` in there. The checkout is
left as it was and is not needed afterwards. This file is written so that every Python 3.6 can read it and say what it
lacks; the work is done by the rooms of daemon/cinepalette/install that need nothing installed.
"""

import argparse
import contextlib
import ctypes
import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NEEDED_PYTHON = (3, 11)

DONE, FAILED, NOT_POSSIBLE = 0, 1, 2

# Our own rooms come from the checkout, and leave nothing in it.
sys.path.insert(0, str(HERE / "daemon"))


def main(words=None):
    parser = argparse.ArgumentParser("install.py", description="Sets up Cinepalette for its user.", allow_abbrev=False)
    parser.add_argument("--uninstall", action="store_true", help="take everything away but pictures and settings")
    parser.add_argument("--purge", action="store_true", help="with --uninstall: settings and caches, too")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--python", metavar="PROGRAM", help="the Python to use, where it is not to be this one")
    parser.add_argument("--wheels", metavar="DIR", type=Path, help="folder with all packages, to go without network")
    parser.add_argument("--with", dest="extras", metavar="EXTRA", action="append", default=[], help="web: for `serve`")
    parser.add_argument("--doctor", action="store_true", help="look at the environment, then hand over to `doctor`")
    parser.add_argument("--fix", action="store_true", help="with --doctor: mend what can be mended")
    parser.add_argument("--json", action="store_true", help="with --doctor: for programs")
    words = sys.argv[1:] if words is None else words
    words = ["--doctor", *words[1:]] if words[:1] == ["doctor"] else words
    chosen = parser.parse_args(words)
    if chosen.purge and not chosen.uninstall:
        parser.error("--purge goes with --uninstall")
    if chosen.python:
        return run_with(chosen.python, words)
    if sys.version_info < NEEDED_PYTHON:
        print("install.py: " + too_old(), file=sys.stderr)
        return NOT_POSSIBLE
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    sys.dont_write_bytecode = True
    from cinepalette.install.environment import ending

    return ending.in_order(lambda: work(chosen))


def work(chosen):
    from cinepalette.install.environment.places import Stop

    try:
        refuse_sudo()
        settle_home()
        if chosen.wheels and not chosen.wheels.is_dir():
            raise Stop(f"{chosen.wheels}: is no folder", NOT_POSSIBLE)
        if chosen.doctor:
            return doctor(chosen)
        return uninstall(chosen) if chosen.uninstall else install(chosen)
    except Stop as stop:
        print(f"install.py: {stop}", file=sys.stderr)
        return stop.code
    except OSError as error:
        print(f"install.py: {error}\nRun the same again to go on.", file=sys.stderr)
        return FAILED


def too_old():
    """One line for a Python that is too old, with a newer one where there is one."""
    needed, found = (".".join(map(str, version[:2])) for version in (NEEDED_PYTHON, sys.version_info))
    text = f"Python {needed} or later is needed, and this is {found}"
    names = [f"python3.{minor}" for minor in range(20, NEEDED_PYTHON[1] - 1, -1)]
    newer = next((name for name in names if shutil.which(name)), None)
    return f"{text}: run {newer} install.py" if newer else text


def run_with(python, words):
    """The same with another Python."""
    program = shutil.which(python)
    if program is None:
        print(f"install.py: {python}: is no program", file=sys.stderr)
        return NOT_POSSIBLE
    place = next(n for n, word in enumerate(words) if word.startswith("--python"))
    rest = words[:place] + words[place + (1 if "=" in words[place] else 2) :]
    return subprocess.run([program, str(HERE / "install.py"), *rest]).returncode


def refuse_sudo():
    from cinepalette.install.environment.places import Stop

    if is_root() and os.environ.get("SUDO_USER", "root") != "root":
        raise Stop("Cinepalette belongs to you and not to root: run the same without sudo", NOT_POSSIBLE)


def settle_home():
    """Sees to it that there is a home: the one of the user's account where HOME does not name one."""
    from cinepalette.install.environment.places import Stop

    if os.name == "posix" and not os.environ.get("HOME", "/").startswith("/"):
        del os.environ["HOME"]
    try:
        os.environ.setdefault("HOME", str(Path.home()))
    except RuntimeError:
        raise Stop("this user has no home folder: set HOME to one", NOT_POSSIBLE) from None


def install(chosen):
    from cinepalette.install.environment import journal, judging, making, places, terminal
    from cinepalette.install.environment.source import Source

    environment = places.folder()
    unknown = [name for name in chosen.extras if not (HERE / f"daemon/requirements-{name}.txt").is_file()]
    if unknown:
        raise places.Stop(f"--with {unknown[0]}: there is no such extra; there is web", NOT_POSSIBLE)
    # What was there once stays with every update.
    source = Source(HERE, [*known_source(environment).extras, *chosen.extras])
    remark = refuse_while_vlc_runs(to_add=True)
    missing = missing_packages(chosen.wheels)
    before = places.version_in(environment)
    ready = judging.is_ready(environment, source)
    if chosen.dry_run:
        if missing or not ready:
            print("This would be done:")
        if missing:
            print("  - bring the missing system packages: {}".format(" ".join(missing)))
        if not ready:
            print(f"  - make a private Python environment: {environment}")
            print(f"  - put {len(source.locked())} locked packages and Cinepalette into it: {places.SIZE}")
            print("  - hand over to `cinepalette setup` in it: put the plugin into VLC's Lua folder, add one word to")
            print("    extraintf in VLC's vlcrc, have the daemon started at login, start it, and make a test collage")
            print(remark, end="")
            return DONE
        return terminal.hand_over("setup", "--dry-run")
    bring(lambda: missing_packages(chosen.wheels))
    journal.note()
    update = before not in ("", source.version())
    stopped = False
    if not ready:
        # One of another version is replaced, whatever it looks like to this one.
        why = "" if update else judging.damage(environment)
        if environment.exists() and why:
            print(f"The private environment {why}: it is mended.", flush=True)
        print(f"Cinepalette {source.version()} takes {places.SIZE}.", flush=True)
        stopped = making.make(environment, source, chosen.wheels)
    if update:
        print(f"Cinepalette {source.version()} takes the place of {before}:")
        print("".join(f"  {line}\n" for line in source.news(before)), end="")
    code = terminal.hand_over("setup")
    if stopped and code != DONE:
        making.start_daemon(environment)
    return code


def uninstall(chosen):
    from cinepalette.install.environment import journal, judging, making, places, terminal

    environment = places.folder()
    refuse_while_vlc_runs(to_add=False)
    if not environment.exists() and not traces():
        making.remove(environment)
        print("Cinepalette is not installed for this user: there is nothing to take away.")
        return DONE
    why = judging.damage(environment)
    if why:
        # Half an environment cannot take away what a whole one has set up.
        print(f"The private environment {why}.")
        if chosen.dry_run:
            print("It would be made again, and then everything taken away.")
            return DONE
        bring(lambda: missing_packages(chosen.wheels))
        journal.note()
        making.make(environment, known_source(environment), chosen.wheels)
    words = ["--purge"] if chosen.purge else []
    code = terminal.hand_over("setup", "--uninstall", *words, *(["--dry-run"] if chosen.dry_run else []))
    if code == DONE and not chosen.dry_run:
        # Windows does not let a program remove itself.
        making.remove(environment)
    return code


def doctor(chosen):
    """Looks at what the doctor inside leans on, mends it where asked, and hands over to it."""
    from cinepalette.install.environment import judging, making, places, terminal

    environment = places.folder()
    why = judging.damage(environment)
    if why and not chosen.fix:
        finding = f"The private Python environment {why}."
        cure = "python3 {} --doctor --fix".format(HERE / "install.py")
        if chosen.json:
            import json

            print(json.dumps({"ok": False, "findings": [{"check": "environment", "text": finding, "cure": cure}]}))
        else:
            print(f"✗ {finding}\n  To mend it: {cure}")
        return FAILED
    if why:
        print(f"The private Python environment {why}: it is made again.", file=sys.stderr, flush=True)
        # What it says on its way is not for programs.
        with contextlib.redirect_stdout(sys.stderr if chosen.json else sys.stdout):
            making.make(environment, known_source(environment), chosen.wheels)
    words = [word for word, is_set in (("--fix", chosen.fix), ("--json", chosen.json)) if is_set]
    return terminal.hand_over("doctor", *words)


def known_source(environment):
    """What an environment is made again from, with the extras that it had."""
    from cinepalette.install.environment import places
    from cinepalette.install.environment.source import Source

    return Source(HERE, places.read_mark(environment).get("extras", "").split())


def traces():
    """What of ours is in this account where the program itself is gone."""
    from cinepalette.install import players, vlcrc
    from cinepalette.install.environment import places

    found = [path for path in places.registrations() if path.exists()]
    for vlc in players.vlcs():
        record = vlc.lua / "cinepalette.installed.json"
        found += [record] if record.exists() else []
        data = read_plain(vlc.vlcrc)
        found += [vlc.vlcrc] if vlcrc.remove(data) != data else []
    return found


def read_plain(path):
    """A file's bytes; none where there is no plain file."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""


def refuse_while_vlc_runs(to_add):
    """Stops before the download where VLC's settings are to be changed while it runs; gives a line where it may run."""
    from cinepalette.install import players, vlcrc
    from cinepalette.install.environment.places import Stop

    settings = [read_plain(vlc.vlcrc) for vlc in players.vlcs() if not vlc.problem]
    changes = [data for data in settings if (not vlcrc.has(data) if to_add else vlcrc.remove(data) != data)]
    is_open = players.is_running()
    if changes and is_open:
        raise Stop(players.CLOSE_VLC)
    return f"  ! VLC {players.OPEN_VLC} {players.RESTART_VLC}\n" if is_open else ""


def is_root():
    return hasattr(os, "geteuid") and os.geteuid() == 0


# What the system must have


def missing_packages(wheels=None):
    """What is not there, as Debian calls it."""
    from cinepalette.install import players

    missing = []
    if sys.platform == "linux":
        if not players.vlcs() and shutil.which("vlc") is None:
            missing.append("vlc")
        # OpenCV's package leans on these; a desktop has them, and Debian's VLC brings them.
        libraries = {"libgl1": "libGL.so.1", "libglib2.0-0": "libglib-2.0.so.0"}
        missing += [package for package, file in libraries.items() if not has_library(file)]
    return missing_python_packages(wheels, is_asked=bool(missing)) + missing


def has_library(name):
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def missing_python_packages(wheels=None, is_asked=False):
    """What Debian takes out of Python's own library, where nothing else here makes an environment.

    Without the right to use apt it is downloaded from elsewhere, unless a person `is_asked` for other packages anyway.
    """
    from cinepalette.install.environment import making

    if making.can_make(wheels) or not (shutil.which("apt-get") and (is_asked or is_root() or may_sudo())):
        return []
    own = Path(sys.executable).resolve() == Path("/usr/bin/python3").resolve()
    return ["python3-venv" if own else "python{}.{}-venv".format(*sys.version_info)]


def bring(find_missing):
    """Installs the system packages that are missing with apt, or stops with the line that would."""
    from cinepalette.install.environment.places import Stop
    from cinepalette.install.environment.terminal import show

    missing = find_missing()
    if not missing:
        return
    advice = "these system packages are missing: {}\n{}".format(" ".join(missing), advice_for(missing))
    if not shutil.which("apt-get") or not (is_root() or may_sudo()):
        raise Stop(advice, NOT_POSSIBLE)
    print("These system packages are missing and are installed with apt now: " + " ".join(missing), flush=True)
    apt = [*([] if is_root() else ["sudo"]), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    # A package list that cannot be renewed may still be good enough.
    show("package lists", [*apt, "update"], check=False)
    apt += ["install", "-y", "--no-install-recommends", *missing]
    if not show("packages", apt, check=False, to_its_end=True):
        raise Stop(advice)
    importlib.invalidate_caches()
    still = find_missing()
    if still:
        raise Stop("still missing after apt: {}".format(" ".join(still)))


def advice_for(missing):
    """How a person brings packages, in a line to type where we know one."""
    names = " ".join(missing)
    lines = {
        "apt-get": "apt update && apt install " + names,
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


def may_sudo():
    """Whether sudo works: without a password, or with a person here who can type one."""
    if shutil.which("sudo") is None:
        return False
    quiet = subprocess.run(["sudo", "-n", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return quiet.returncode == 0 or (sys.stdin.isatty() and subprocess.run(["sudo", "-v"]).returncode == 0)


if __name__ == "__main__":
    sys.exit(main())
