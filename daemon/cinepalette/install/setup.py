"""Setting up for this user and taking away again: first the whole plan, then its steps.

What is there already is no step, so that twice is once; each step can be taken back, and what we have not made
ourselves stays.
"""

import getpass
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .. import config as settings
from .. import paths
from ..config import Config
from ..daemon import process
from ..errors import CinepaletteError, ConfigError, SetupError, UsageError
from ..picture.writing import write_whole
from . import background, players, plugin, service, vlcrc
from .players import Vlc

_LINK_NAME = "cinepalette"


@dataclass(frozen=True)
class Step:
    """One change to the user's account."""

    text: str
    """What it does, as an order: `start the daemon`."""
    do: Callable[[], str | None]
    """Does it, and may give a remark for the user."""
    vlc_closed: bool = False
    """Whether VLC must not run meanwhile: it writes its settings when it ends, and would undo ours."""


def run(uninstall: bool = False, dry_run: bool = False) -> int:
    """Sets everything up and proves it, or takes it away; gives the exit code.

    Raises `CinepaletteError` before anything is changed when something stands against it, and at the step that
    fails, with what was done until then on the screen.
    """
    _refuse_sudo()
    if uninstall:
        config = _config_for_removal()
        steps, remarks = list(_steps_away(config)), []
    else:
        config = settings.load()
        vlcs = _usable_vlcs()
        steps = list(_steps_up(config, vlcs))
        remarks = [f"{vlc.name}: {vlc.problem}" for vlc in players.vlcs() if vlc.problem]
    if any(step.vlc_closed for step in steps) and vlc_is_running():
        raise SetupError(
            "VLC is running: close it, then run the same again. "
            "(VLC writes its settings when it ends and would undo ours.) Nothing has been changed."
        )
    whom = getpass.getuser()
    if dry_run:
        print(f"This would be done for {whom}:" if steps else "Nothing is to be done.")
    elif uninstall:
        print(f"Taking Cinepalette away from {whom}:" if steps else "There is nothing to take away.")
    else:
        print(f"Setting up Cinepalette for {whom}:")
    for step in steps:
        if dry_run:
            print(f"  - {step.text}")
            continue
        try:
            remark = step.do()
        except (CinepaletteError, OSError) as error:
            print(f"  ✗ {step.text}")
            raise SetupError(f"{error}\nThe steps above are done; run the same again to go on.") from error
        print(f"  ✓ {step.text}", flush=True)
        if remark:
            remarks.append(remark)
    for remark in remarks:
        print(f"  ! {remark}")
    if not dry_run:
        _farewell(config) if uninstall else _prove(config)
    return 0


def vlc_is_running() -> bool:
    """Whether this user has a VLC open."""
    if sys.platform == "win32":
        listed = subprocess.run(["tasklist", "/FI", "IMAGENAME eq vlc.exe"], capture_output=True, text=True)
        return "vlc.exe" in listed.stdout.lower()
    if sys.platform == "darwin":
        return subprocess.run(["pgrep", "-x", "-U", str(os.getuid()), "VLC"], capture_output=True).returncode == 0
    return any(_is_my_vlc(folder) for folder in Path("/proc").glob("[0-9]*"))


def _is_my_vlc(folder: Path) -> bool:
    try:
        # "4711 (vlc) S 1 ...": the name, then Z for one that has ended already.
        words = (folder / "stat").read_text(errors="replace")
        return "(vlc) " in words and "(vlc) Z" not in words and folder.stat().st_uid == os.getuid()
    except OSError:
        return False


def _steps_up(config: Config, vlcs: list[Vlc]) -> Iterator[Step]:
    """What is missing, in an order in which no step leans on a later one."""
    if not config.inbox.is_dir():
        yield Step(f"make the inbox {_short(config.inbox)}", lambda: config.inbox.mkdir(parents=True))
    for vlc in vlcs:
        if not plugin.is_current(vlc.lua):
            yield Step(f"{vlc.name}: put the plugin into {_short(vlc.lua)}", lambda vlc=vlc: _put_plugin(vlc))
        if not plugin.has_settings(vlc.lua, config):
            text = f"{vlc.name}: write the plugin's settings, {_short(vlc.lua / plugin.SETTINGS_NAME)}"
            yield Step(text, lambda vlc=vlc: plugin.write_settings(vlc.lua, config))
        if not vlcrc.has(_read(vlc.vlcrc) or b""):
            text = f"{vlc.name}: add one word to extraintf in {_short(vlc.vlcrc)}, so that the plugin starts with VLC"
            yield Step(text, lambda vlc=vlc: _add_token(vlc), vlc_closed=True)
    link = _link_place()
    program = _program()
    if link is not None and not _is_our_link(link):
        yield Step(f"put the command on the PATH: {_short(link)}", lambda: _make_link(link, program))
    keeper = service.current()
    yield Step(f"have the daemon started at login ({keeper.name()})", _register)
    verb = "restart" if process.watched(config) else "start"
    yield Step(f"{verb} the daemon", lambda: background.start(config))


def _steps_away(config: Config) -> Iterator[Step]:
    """What is there of ours, the running parts first."""
    if process.watched(config):
        yield Step("stop the daemon", lambda: process.stop(config))
    for keeper in service.all_here():
        if keeper.state().installed:
            yield Step(f"take the daemon out of the login ({keeper.name()})", keeper.remove)
    for vlc in players.vlcs():
        data = _read(vlc.vlcrc) or b""
        if vlcrc.remove(data) != data:
            text = f"{vlc.name}: take our word out of {_short(vlc.vlcrc)}"
            yield Step(text, lambda vlc=vlc: _remove_token(vlc), vlc_closed=True)
        if plugin.load_record(vlc.lua) is not None:
            yield Step(f"{vlc.name}: take the plugin out of {_short(vlc.lua)}", lambda vlc=vlc: _take_plugin(vlc))
    for link in _link_places():
        if _is_our_link(link):
            yield Step(f"take the command off the PATH: {_short(link)}", link.unlink)
    leftovers = [path for path in (paths.cache_dir(), paths.log_file().parent) if path.exists()]
    if leftovers and not paths.overrides():
        text = f"remove log and cache: {', '.join(map(_short, leftovers))}"
        yield Step(text, lambda: _remove_leftovers(leftovers))
    if config.inbox.is_dir():
        yield Step(f"tidy the inbox {_short(config.inbox)}", lambda: _tidy_inbox(config))
    environment = paths.environment_dir()
    # Windows keeps a running program's files; install.py, which runs outside, removes them there.
    if Path(sys.prefix).resolve() == environment.resolve() and sys.platform != "win32":
        yield Step(f"remove the program itself, {_short(environment)}", lambda: _remove_environment(environment))


def _refuse_sudo() -> None:
    if hasattr(os, "geteuid") and os.geteuid() == 0 and os.environ.get("SUDO_USER", "root") != "root":
        raise UsageError("Cinepalette belongs to you and not to root: run the same without sudo")


def _usable_vlcs() -> list[Vlc]:
    found = players.vlcs()
    usable = [vlc for vlc in found if not vlc.problem]
    if not usable:
        why = " ".join(f"{vlc.name}: {vlc.problem}" for vlc in found) or "There is no VLC on this system."
        raise SetupError(f"{why} Install VLC from your system's packages or from videolan.org, then do this again.")
    return usable


def _config_for_removal() -> Config:
    """The settings, or the places without them: a mistake in the file must not stand against going away."""
    try:
        return settings.load()
    except ConfigError:
        return settings.load({**os.environ, "CINEPALETTE_CONFIG": os.devnull})


def _put_plugin(vlc: Vlc) -> str | None:
    kept = plugin.install(vlc.lua)
    return f"Kept aside in {_short(vlc.lua)}, until uninstall: {', '.join(kept)}" if kept else None


def _take_plugin(vlc: Vlc) -> str | None:
    left = plugin.remove(vlc.lua)
    return f"Left in {_short(vlc.lua)}, since somebody has changed them: {', '.join(left)}" if left else None


def _add_token(vlc: Vlc) -> None:
    record = plugin.load_record(vlc.lua) or plugin.Record()
    before = _read(vlc.vlcrc)
    made = record.made + plugin.missing_folders(vlc.vlcrc.parent)
    record = replace(record, vlcrc_seen=True, vlcrc_before=before, made=made)
    plugin.save_record(vlc.lua, record)
    _write_vlcrc(vlc.vlcrc, vlcrc.add(before or b""))


def _remove_token(vlc: Vlc) -> None:
    record = plugin.load_record(vlc.lua) or plugin.Record()
    data = _read(vlc.vlcrc) or b""
    if record.vlcrc_seen and record.vlcrc_before is None and vlcrc.add(b"") == data:
        vlc.vlcrc.unlink()
        return
    after = vlcrc.remove(data, record.vlcrc_before)
    if after != data:
        _write_vlcrc(vlc.vlcrc, after)


def _write_vlcrc(path: Path, data: bytes) -> None:
    """Writes the file behind a link rather than over the link, and keeps who may read it."""
    target = path.resolve()
    mode = target.stat().st_mode if target.exists() else 0o600
    write_whole(target, data)
    target.chmod(mode & 0o7777)


def _register() -> str | None:
    keeper = service.current()
    for other in service.all_here():
        if other is not keeper:
            other.remove()
    environment = paths.overrides()
    keeper.install([sys.executable, "-m", "cinepalette", "run"], environment)
    if environment and sys.platform == "win32":
        return f"Set {', '.join(environment)} for your user: the daemon at login needs it, too."
    return None


def _program() -> Path:
    """The command in the environment that runs us."""
    return Path(sys.executable).parent / ("cinepalette.exe" if sys.platform == "win32" else "cinepalette")


def _link_places() -> list[Path]:
    """Where a link to the command may go, the best first."""
    if sys.platform == "win32":
        return []
    folders = [Path.home() / ".local/bin", Path.home() / "bin"]
    if os.geteuid() == 0:
        # Root's own folders are rarely on its PATH.
        folders.append(Path("/usr/local/bin"))
    return [folder / _LINK_NAME for folder in folders]


def _on_path() -> list[str]:
    return os.environ.get("PATH", "").split(os.pathsep)


def _link_place() -> Path | None:
    """Where the link goes; None where none is needed or possible."""
    program = _program()
    if sys.platform == "win32" or not program.exists() or str(program.parent) in _on_path():
        return None
    places = _link_places()
    return next((place for place in places if str(place.parent) in _on_path()), places[0])


def _is_our_link(link: Path) -> bool:
    return link.is_symlink() and link.readlink() == _program()


def _make_link(link: Path, program: Path) -> str | None:
    if link.is_symlink() and not link.exists():
        link.unlink()
    if link.exists() or link.is_symlink():
        return f"{_short(link)} is another program and was left: ours is {program}"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(program)
    return None


def _tidy_inbox(config: Config) -> str | None:
    """Removes what only the daemon needs; a folder that holds anything else stays."""
    shutil.rmtree(config.inbox / "replies", ignore_errors=True)
    for path in (*config.inbox.glob(".daemon.*"), config.output / ".lock"):
        path.unlink(missing_ok=True)
    plugin.remove_folders((str(config.output), str(config.inbox)))
    return f"What still lies in {_short(config.inbox)} was left there." if config.inbox.is_dir() else None


def _remove_leftovers(leftovers: list[Path]) -> None:
    for path in leftovers:
        shutil.rmtree(path)
        # On some systems the log folder lies in another one of ours.
        plugin.remove_folders((str(path.parent),) if path.parent.name == paths.APP else ())


def _remove_environment(environment: Path) -> None:
    shutil.rmtree(environment)
    plugin.remove_folders((str(environment.parent),))


def _prove(config: Config) -> None:
    from . import proof

    print("Proof:")
    collage = proof.run(config, lambda text: print(f"  {text}", flush=True))
    print(f"  the daemon has made its collage: {collage}\n")
    print("Play a film in VLC and press Shift+C (or F12). Everything goes into", _short(config.output))
    command = _command_line()
    if command:
        print(f"To have the command cinepalette, type:  {command}")
    print(collage)


def _command_line() -> str | None:
    """What puts the command on the PATH, where it is not."""
    if sys.platform == "win32":
        return None if shutil.which("cinepalette") else f'set "PATH={_program().parent};%PATH%"'
    found = shutil.which("cinepalette")
    if found and Path(found).resolve() == _program().resolve():
        return None
    link = _link_place()
    folder = link.parent if link is not None and _is_our_link(link) else _program().parent
    return f'export PATH="{folder}:$PATH"'


def _farewell(config: Config) -> None:
    kept = [path for path in (config.output, config.file) if path.exists()]
    if kept:
        print("Kept, since they are yours:", ", ".join(map(str, kept)))


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _short(path: Path) -> str:
    """A path with `~` for the home."""
    return f"~/{path.relative_to(Path.home())}" if path.is_relative_to(Path.home()) else str(path)
