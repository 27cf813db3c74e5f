"""The steps of setting up and of taking away: what is missing, and what is there of ours.

What is there already is no step, so that twice is once; each step can be taken back, and what we have not made
ourselves stays.
"""

import getpass
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .. import paths
from ..config import Config
from ..daemon import process
from ..errors import SetupError
from . import background, command_link, leftovers, players, plugin, proof, service, settings_file, vlcrc
from .environment import folders, making, places
from .players import Vlc
from .service import systemd, xdg


@dataclass(frozen=True)
class Step:
    """One change to the user's account."""

    text: str
    """What it does, as an order: `start the daemon`."""
    do: Callable[[], str | None]
    """Does it, and may give a remark for the user."""
    vlc_closed: bool = False
    """Whether VLC must not run meanwhile: it writes its settings when it ends, and would undo ours."""
    vlc_again: bool = False
    """Whether a VLC that is open goes by what was before until it is started again."""


def up(config: Config, vlcs: list[Vlc]) -> Iterator[Step]:
    """What is missing, in an order in which no step leans on a later one."""
    if not config.inbox.is_dir():
        yield Step(f"make the inbox {short(config.inbox)}", lambda: config.inbox.mkdir(parents=True))
    for vlc in vlcs:
        yield from for_vlc(config, vlc)
    link = command_link.missing()
    if link is not None:
        yield Step(f"put the command on the PATH: {short(link)}", lambda: command_link.make(link))
    keeper = service.current()
    yield Step(f"have the daemon started at login ({keeper.name()})", register)
    verb = "restart" if process.watched(config) else "start"
    yield Step(f"{verb} the daemon", lambda: background.start(config))


def for_vlc(config: Config, vlc: Vlc) -> Iterator[Step]:
    """What one VLC lacks."""
    if not plugin.is_current(vlc.lua):
        text = f"{vlc.name}: put the plugin into {short(vlc.lua)}"
        yield Step(text, lambda: _put_plugin(vlc), vlc_again=not plugin.has_files(vlc.lua))
    if not plugin.has_settings(vlc.lua, config):
        text = f"{vlc.name}: write the plugin's settings, {short(vlc.lua / plugin.SETTINGS_NAME)}"
        yield Step(text, lambda: plugin.write_settings(vlc.lua, config), vlc_again=True)
    if not settings_file.has_token(vlc):
        text = f"{vlc.name}: add one word to extraintf in {short(vlc.vlcrc)}, so that the plugin starts with VLC"
        yield Step(text, lambda: settings_file.add_token(vlc), vlc_closed=True)


def away(config: Config, purge: bool) -> Iterator[Step]:
    """What is there of ours, the running parts first."""
    if process.watched(config):
        yield Step("stop the daemon", lambda: process.stop(config))
    for keeper in service.all_here():
        if keeper.is_installed():
            yield Step(f"take the daemon out of the login ({keeper.name()})", keeper.remove)
    for vlc in players.vlcs():
        yield from _out_of(vlc)
    for link in command_link.ours():
        yield Step(f"take the command off the PATH: {short(link)}", link.unlink)
    if config.output.is_dir():
        yield Step(f"tidy {short(config.output)}", lambda: _tidy(config))
    own = leftovers.of_the_program()
    if own:
        yield Step(f"remove log and state: {', '.join(map(short, own))}", lambda: leftovers.remove(own))
    theirs = leftovers.of_the_user() if purge else []
    if theirs:
        yield Step(f"remove settings and caches: {', '.join(map(short, theirs))}", lambda: leftovers.remove(theirs))
    environment = paths.environment_dir()
    # Windows keeps a running program's files; install.py, which runs outside, removes them there.
    if Path(sys.prefix).resolve() == environment.resolve() and sys.platform != "win32":
        yield Step(f"remove the program itself, {short(places.data_folder())}", lambda: making.remove(environment))


def _out_of(vlc: Vlc) -> Iterator[Step]:
    try:
        data = settings_file.read(vlc.vlcrc) or b""
    except SetupError as error:
        # It cannot hold a word of ours, and must not stand against going away.
        reason = str(error)
        yield Step(f"{vlc.name}: leave {short(vlc.vlcrc)} alone", lambda: reason)
        data = b""
    if vlcrc.remove(data) != data:
        text = f"{vlc.name}: take our word out of {short(vlc.vlcrc)}"
        yield Step(text, lambda: settings_file.remove_token(vlc), vlc_closed=True)
    if plugin.is_here(vlc.lua):
        yield Step(f"{vlc.name}: take the plugin out of {short(vlc.lua)}", lambda: _take_plugin(vlc), vlc_again=True)


def _tidy(config: Config) -> str | None:
    proof.forget_sessions(config)
    return leftovers.tidy_places(config)


def _put_plugin(vlc: Vlc) -> str | None:
    kept = plugin.install(vlc.lua)
    return f"Kept aside in {short(vlc.lua)}, until uninstall: {', '.join(kept)}" if kept else None


def _take_plugin(vlc: Vlc) -> str | None:
    left = plugin.remove(vlc.lua)
    return f"Left in {short(vlc.lua)}, since somebody has changed them: {', '.join(left)}" if left else None


def register() -> str | None:
    """Has the daemon started at login, by the one service that this system has."""
    keeper = service.current()
    for other in service.all_here():
        if other is not keeper:
            other.remove()
    environment = paths.overrides()
    keeper.install(service.command(), environment)
    if environment and sys.platform == "win32":
        return f"Set {', '.join(environment)} for your user: the daemon at login needs it, too."
    return None


def sweep() -> None:
    """Removes what an earlier run has left where it was cut off."""
    written = [xdg.path().parent, systemd.path().parent] if sys.platform == "linux" else []
    for vlc in players.vlcs():
        folders.sweep(vlc.lua)
        written += [vlc.vlcrc.resolve().parent, vlc.lua]
        written += [vlc.lua / name for name in ("intf", "extensions", "modules/cinepalette")]
    folders.sweep(places.data_folder())
    for folder in written:
        for part in folder.glob(".[0-9]*-[0-9]*.part"):
            part.unlink(missing_ok=True)


def short(path: Path) -> str:
    """A path with `~` for the home."""
    return f"~/{path.relative_to(Path.home())}" if path.is_relative_to(Path.home()) else str(path)


def in_words(error: Exception) -> str:
    """What failed, with what helps where that is known."""
    if isinstance(error, PermissionError) and error.filename:
        folder = Path(error.filename).parent
        return f"{folder}: you may not write there. Make it yours: sudo chown -R {getpass.getuser()} '{folder}'"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)
