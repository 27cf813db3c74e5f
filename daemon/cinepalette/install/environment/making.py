"""Making and mending the environment, and taking it away."""

import contextlib
import errno
import importlib.util
import json
import os
import shlex
import shutil
import sys
import tempfile
import urllib.request
from pathlib import Path

from . import journal
from .ending import undisturbed
from .judging import IMPORTS, TESTED, missing_files
from .places import (
    MARK,
    SIZE,
    Stop,
    data_folder,
    launcher,
    python_in,
    read_mark,
    run_in,
    site_packages,
    source_folder,
    this_python,
)
from .source import Source
from .terminal import show

PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--progress-bar=off")
# Nothing is compiled on the user's machine; pyvips, of Python alone, comes as source only.
BUILT = ("--only-binary=:all:", "--no-binary=pyvips")
VIRTUALENV = "virtualenv.pyz"
_VIRTUALENV_URL = f"https://bootstrap.pypa.io/{VIRTUALENV}"
_DOWNLOAD_S = 60
# Downloads, what is unpacked of them, and the environment, all at once: 1,080 MB were enough.
_WORK_MB = 1100


def make(environment: Path, source: Source, wheels: Path | None = None) -> bool:
    """Makes or mends the environment; the mark that it is whole is written last.

    It is built beside the old one, which works until the new one takes its place. `wheels` is a folder that holds all
    packages, for a machine without a network. Gives whether a daemon was stopped for it.
    """
    # Windows' small programs know where they were made: built there at once.
    new = environment if sys.platform == "win32" else environment.with_name(f"{environment.name}.new")
    stopped = new == environment and _stop_daemon(environment)
    mark = {"python": this_python(), "locked": source.locked_hash(), "source": "", "extras": " ".join(source.extras)}
    if _has_packages(environment, mark):
        _copy(environment, new)
    else:
        _refuse_without_room()
        _make_empty(new, wheels, environment)
        files = [word for file in source.requirements for word in ("-r", str(file))]
        _show_pip(new, f"{len(source.locked())} locked packages", wheels, *_built(wheels), *files)
        _slim(new)
    _write_mark(new, mark)
    _put_program(new, source, wheels)
    try:
        with undisturbed():
            if new != environment:
                stopped = _stop_daemon(environment)
                _swap(new, environment)
            if source.top != source_folder():
                source.copy_to(source_folder())
            _write_launcher(environment)
            _write_mark(environment, mark | {"source": source.hash()})
        shutil.rmtree(_replaced(environment), ignore_errors=True)
        shutil.rmtree(_downloads(), ignore_errors=True)
    except BaseException:
        if stopped:
            start_daemon(environment)
        raise
    return stopped


def _refuse_without_room() -> None:
    """Stops before the download where the disk is too full for it, or closed to this user."""
    folder = data_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free_mb = shutil.disk_usage(folder).free // 1_000_000
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    except OSError as error:
        why = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        raise Stop(f"{why}. The program's place is {folder}: see to it that you may write there.") from error
    if free_mb < _WORK_MB:
        raise Stop(
            f"the disk of {folder} is too full: {free_mb} MB are left, and {_WORK_MB} MB are needed while it is set up "
            f"({SIZE} afterwards). Make room, then run the same again."
        )


def _has_packages(environment: Path, mark: dict[str, str]) -> bool:
    """Whether all is there that is locked, and only the program itself is to be put in."""
    known = read_mark(environment)
    same = all(known.get(name) == mark[name] for name in ("python", "locked"))
    return same and python_in(environment).exists() and not missing_files(environment)


def _copy(environment: Path, new: Path) -> None:
    """The same environment once more; the packages' files take no room, since pip replaces what it changes."""
    if new == environment:
        return
    shutil.rmtree(new, ignore_errors=True)
    program = str(site_packages(environment) / "cinepalette")

    def link(source: str, target: str) -> None:
        # A file's time changes with its links, and a daemon is known by it to be older than its program.
        with contextlib.suppress(OSError):  # not every file system has links
            if not source.startswith(program):
                os.link(source, target, follow_symlinks=False)
                return
        shutil.copy2(source, target, follow_symlinks=False)

    shutil.copytree(environment, new, symlinks=True, copy_function=link)


def _write_mark(environment: Path, mark: dict[str, str]) -> None:
    part = environment / f"{MARK}.new"
    part.write_text(json.dumps(mark), encoding="utf-8")
    part.replace(environment / MARK)


def can_make(wheels: Path | None = None) -> bool:
    """Whether something here makes environments without more from the system."""
    if wheels and (wheels / VIRTUALENV).exists():
        return True
    return importlib.util.find_spec("ensurepip") is not None or shutil.which("uv") is not None


def _make_empty(environment: Path, wheels: Path | None, final: Path) -> None:
    """An environment with nothing in it: by uv where that is, by Python's own venv, else by virtualenv's zipapp.

    `final` is where it will be, for people.
    """
    shutil.rmtree(environment, ignore_errors=True)
    title = f"private environment {final}"
    # The program behind the links: an upgrade of the system's Python is then seen at once.
    python = os.path.realpath(sys.executable) if sys.prefix == sys.base_prefix else sys.executable
    uv = ["uv", "venv", "--quiet", "--cache-dir", str(_downloads()), "--python", python, str(environment)]
    if shutil.which("uv") and _show(title, uv, check=False):
        return
    shutil.rmtree(environment, ignore_errors=True)
    if importlib.util.find_spec("ensurepip") is not None:
        _show(title, [python, "-m", "venv", str(environment)])
        return
    with tempfile.TemporaryDirectory(dir=_scratch()) as scratch:
        zipapp = wheels / VIRTUALENV if wheels else Path(scratch) / VIRTUALENV
        if not wheels:
            try:
                with urllib.request.urlopen(_VIRTUALENV_URL, timeout=_DOWNLOAD_S) as answer:
                    zipapp.write_bytes(answer.read())
            except OSError as error:
                why = getattr(error, "reason", error)
                raise Stop(
                    f"{_VIRTUALENV_URL} cannot be fetched ({why}). Connect to a network, name a folder of wheels with "
                    "--wheels, or install python3-venv with your system's packages."
                ) from error
        elif not zipapp.exists():
            raise Stop(f"{zipapp}: is needed, since this Python has no ensurepip; it comes from {_VIRTUALENV_URL}")
        words = ["--no-download", "--no-periodic-update", "--app-data", str(_downloads())]
        _show(title, [python, str(zipapp), *words, str(environment)])


def _has_pip(environment: Path) -> bool:
    return (site_packages(environment) / "pip").is_dir()


def _built(wheels: Path | None) -> tuple[str, ...]:
    return ("--only-binary=:all:",) if wheels else BUILT


def _show_pip(environment: Path, title: str, wheels: Path | None, *words: str) -> None:
    """Installs into an environment, by its own pip or, where uv has made it without one, by uv."""
    python = str(python_in(environment))
    start = [python, *PIP, "--no-compile"] if _has_pip(environment) else ["uv", "pip", "install", "--python", python]
    # Kept while it may be needed again, and nobody's afterwards.
    start += ["--cache-dir", str(_downloads())]
    offline = ["--no-index", "--find-links", str(wheels)] if wheels else []
    _show(title, [*start, *offline, *words])


def _put_program(environment: Path, source: Source, wheels: Path | None) -> None:
    with tempfile.TemporaryDirectory(dir=_scratch()) as scratch:
        # Building leaves traces beside the source: not in the checkout.
        copy = Path(scratch) / "source"
        source.copy_to(copy)
        again = ["--force-reinstall"] if _has_pip(environment) else ["--reinstall"]
        _show_pip(environment, "Cinepalette", wheels, "--no-deps", *again, str(copy))
    check = run_in(environment, "-c", IMPORTS, capture_output=True, text=True)
    if check.returncode != 0:
        said = (check.stderr.strip() or "no reason given").splitlines()[-1]
        raise Stop(f"the environment does not work: {said}")


def _slim(environment: Path) -> None:
    """Removes the large packages' own tests, which nobody runs here."""
    for name in TESTED:
        for folder in (site_packages(environment) / name).rglob("tests"):
            shutil.rmtree(folder, ignore_errors=True)


def _downloads() -> Path:
    return data_folder() / "downloads"


def _show(title: str, command: list[str], check: bool = True) -> bool:
    return show(title, command, check, env={**os.environ, "TMPDIR": str(_scratch())})


def _scratch() -> Path:
    """Where work is done of which nothing stays: /tmp may be small or full, and nobody would sweep it after us."""
    folder = _downloads() / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _swap(new: Path, environment: Path) -> None:
    """The new environment in the place of the old one; its scripts name the place where it was built."""
    for script in python_in(new).parent.iterdir():
        if script.is_file() and not script.is_symlink():
            data = script.read_bytes()
            if os.fsencode(new) in data and (data.startswith(b"#!") or script.name.startswith("activate")):
                script.write_bytes(data.replace(os.fsencode(new), os.fsencode(environment)))
    shutil.rmtree(_replaced(environment), ignore_errors=True)
    if environment.exists():
        environment.rename(_replaced(environment))
    new.rename(environment)


def _replaced(environment: Path) -> Path:
    """Where the old one is while it goes."""
    return environment.with_name(f"{environment.name}.old")


def _stop_daemon(environment: Path) -> bool:
    """The old program's files are about to go. Gives whether one ran."""
    if not python_in(environment).exists():
        return False
    asked = run_in(environment, "-m", "cinepalette", "stop", capture_output=True, text=True)
    return asked.returncode == 0 and "has stopped" in asked.stdout


def start_daemon(environment: Path) -> None:
    """Starts the daemon that was stopped for an update which has not come to its end."""
    run_in(environment, "-m", "cinepalette", "start", capture_output=True)


_LAUNCHER = """\
#!/bin/sh
# Cinepalette's command. Written by its installer, taken away by `cinepalette setup --uninstall`.
python={python}
door={door}
if [ -x "$python" ] && [ -e {package} ]; then exec "$python" -m cinepalette "$@"; fi
if [ "$1" = doctor ]; then exec python3 "$door" "$@"; fi
echo "cinepalette: its Python environment is damaged, as after an upgrade of the system. This mends it:" >&2
echo "    python3 "{spoken} >&2
exit 1
"""


def _write_launcher(environment: Path) -> None:
    if sys.platform == "win32":
        return
    package = site_packages(environment) / "cinepalette" / "__main__.py"
    door = shlex.quote(str(source_folder() / "install.py"))
    words = {"door": door, "spoken": shlex.quote(door)}
    words |= {"python": shlex.quote(str(python_in(environment))), "package": shlex.quote(str(package))}
    part = launcher().with_name("cinepalette.new")
    part.write_text(_LAUNCHER.format(**words))
    part.chmod(0o755)
    part.replace(launcher())


def remove(environment: Path) -> None:
    """Takes away the environment and all that lies beside it of ours."""
    for name in ("", ".new", ".old"):
        shutil.rmtree(environment.with_name(f"{environment.name}{name}"), ignore_errors=True)
        shutil.rmtree(source_folder().with_name(f"{source_folder().name}{name}"), ignore_errors=True)
    shutil.rmtree(_downloads(), ignore_errors=True)
    for path in (launcher(), launcher().with_name("cinepalette.new")):
        path.unlink(missing_ok=True)
    journal.forget()
