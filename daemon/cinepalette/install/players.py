"""The VLCs of this user: where each keeps its settings and its Lua scripts, and whether one runs.

Of the standard library alone, since install.py asks before there is an environment. `FLAVORS` is the whole table.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_FLATPAK_ID = "org.videolan.VLC"
_MACOS_ID = "org.videolan.vlc"

CLOSE_VLC = (
    "VLC is running: close it, then run the same again. "
    "(VLC writes its settings when it ends and would undo ours.) Nothing has been changed."
)
OPEN_VLC = "is open, and goes by the plugin that was there when it started."
RESTART_VLC = "Close VLC and start it again."


@dataclass(frozen=True)
class Vlc:
    """One VLC of this user: where it reads its settings and its Lua scripts."""

    name: str
    """For people, e.g. `VLC (flatpak)`."""
    vlcrc: Path
    """Its settings file; it need not exist yet."""
    lua: Path
    """Its Lua folder, with `intf`, `extensions` and `modules` in it; it need not exist yet."""
    problem: str = ""
    """Why nothing can be set up here, as a sentence; empty where all is well."""
    sandbox: Path | None = None
    """The home, for a VLC in a sandbox: its /tmp is its own, and what it writes there nobody else sees."""
    home_only: bool = False
    """Whether the sandbox ends with the home, and leaves out the hidden folders in it."""

    def cannot_write(self, folder: Path) -> str:
        """Why stills of this VLC cannot get into a folder, as a sentence; empty where they can."""
        if self.sandbox is None:
            return ""
        if not folder.is_relative_to(self.sandbox):
            if self.home_only:
                return f"{self.name} may write in your home only."
            own = folder.is_relative_to("/tmp")  # noqa: S108 (nothing is made there)
            return f"{self.name} has a /tmp of its own, which nobody else sees." if own else ""
        inside = folder.relative_to(self.sandbox).parts
        if self.home_only and inside and inside[0].startswith("."):
            return f"{self.name} may not write into hidden folders of your home ({inside[0]})."
        return ""


@dataclass(frozen=True)
class Machine:
    """What the table is read on; tests build their own."""

    home: Path
    environ: Mapping[str, str]
    root: Path
    """The top of its files."""

    def folder(self, name: str, default: Path) -> Path:
        """A base directory of the XDG specification, which asks for relative ones to be ignored."""
        named = self.environ.get(name, "")
        return Path(named) if named.startswith("/") else default

    def on_path(self, program: str) -> Path | None:
        found = shutil.which(program, path=self.environ.get("PATH", "/usr/bin"))
        return Path(found) if found else None


def _linux_own(machine: Machine) -> Iterator[Vlc]:
    vlcrc = machine.folder("XDG_CONFIG_HOME", machine.home / ".config") / "vlc/vlcrc"
    lua = machine.folder("XDG_DATA_HOME", machine.home / ".local/share") / "vlc/lua"
    program = machine.on_path("vlc")
    on_path = program is not None and not program.is_relative_to(machine.root / "snap")
    if on_path or (machine.root / "usr/bin/vlc").exists() or vlcrc.exists():
        yield Vlc("VLC", vlcrc, lua)


def _appimage(machine: Machine) -> Iterator[Vlc]:
    places = [machine.home / name for name in ("Applications", "Downloads", "Desktop", ".local/bin", "bin")]
    own = list(_linux_own(machine))
    for place in (*places, machine.root / "opt"):
        for image in sorted(place.glob("[Vv][Ll][Cc]*.[Aa]pp[Ii]mage")):
            # Two folders beside the file, where they are, take the place of the home or of the settings.
            home = image.with_name(f"{image.name}.home")
            config = image.with_name(f"{image.name}.config")
            top = home if home.is_dir() else machine.home
            vlcrc = (config if config.is_dir() else top / ".config") / "vlc/vlcrc"
            vlc = Vlc(f"VLC (AppImage, {image.name})", vlcrc, top / ".local/share/vlc/lua")
            # Without them it shares the files of the system's own VLC.
            if all((vlc.vlcrc, vlc.lua) != (each.vlcrc, each.lua) for each in own):
                own.append(vlc)
                yield vlc


def _flatpak(machine: Machine) -> Iterator[Vlc]:
    sandbox = machine.home / ".var/app" / _FLATPAK_ID
    stores = (machine.root / "var/lib/flatpak", machine.home / ".local/share/flatpak")
    if sandbox.is_dir() or any((store / "app" / _FLATPAK_ID).is_dir() for store in stores):
        yield Vlc("VLC (flatpak)", sandbox / "config/vlc/vlcrc", sandbox / "data/vlc/lua", sandbox=machine.home)


def _snap(machine: Machine) -> Iterator[Vlc]:
    snap = machine.home / "snap/vlc"
    if snap.is_dir() or (machine.root / "snap/vlc/current").exists():
        # `current` is a link of snapd's: it must not come into being as a folder of ours.
        ran = (snap / "current").is_dir()
        missing = "" if ran else "The snap VLC has not run yet: start it once, then set up again."
        lua = snap / "current/.local/share/vlc/lua"
        yield Vlc("VLC (snap)", snap / "common/vlcrc", lua, missing, machine.home, home_only=True)


def _macos(machine: Machine) -> Iterator[Vlc]:
    support = machine.home / "Library/Application Support" / _MACOS_ID
    vlcrc = machine.home / "Library/Preferences" / _MACOS_ID / "vlcrc"
    apps = (machine.root / "Applications/VLC.app", machine.home / "Applications/VLC.app")
    if vlcrc.exists() or any(app.exists() for app in apps):
        yield Vlc("VLC", vlcrc, support / "lua")


def _windows_roaming(machine: Machine) -> Path:
    return Path(machine.environ.get("APPDATA") or machine.home / "AppData/Roaming") / "vlc"


def _windows_programs(machine: Machine) -> list[Path]:
    """The folders with a vlc.exe of the installer, or of a zip that was unpacked in one of the usual places."""
    named = (machine.environ.get(name) for name in ("ProgramFiles", "ProgramW6432", "ProgramFiles(x86)"))
    folders = [Path(each) / "VideoLAN/VLC" for each in named if each]
    on_path = machine.on_path("vlc")
    folders += [on_path.parent] if on_path else []
    for place in ("", "Desktop", "Downloads", "Documents"):
        folders += sorted((machine.home / place).glob("[Vv][Ll][Cc]*"))
    return [folder for folder in dict.fromkeys(folders) if (folder / "vlc.exe").exists()]


def _windows_installed(machine: Machine) -> Iterator[Vlc]:
    roaming = _windows_roaming(machine)
    programs = _windows_programs(machine)
    if roaming.is_dir() or any(not (folder / "portable").is_dir() for folder in programs):
        yield Vlc("VLC", roaming / "vlcrc", roaming / "lua")


def _windows_portable(machine: Machine) -> Iterator[Vlc]:
    for folder in _windows_programs(machine):
        portable = folder / "portable"
        if portable.is_dir():
            yield Vlc(f"VLC (portable, {folder})", portable / "vlcrc", portable / "lua")


def _portableapps(machine: Machine) -> Iterator[Vlc]:
    drive = machine.environ.get("SystemDrive")
    tops = [machine.home, *([Path(f"{drive}/")] if drive else []), machine.root]
    for top in dict.fromkeys(tops):
        app = top / "PortableApps/VLCPortable"
        if (app / "App/vlc/vlc.exe").exists():
            yield Vlc(f"VLC (PortableApps, {app})", app / "Data/settings/vlcrc", app / "App/vlc/lua")


def _windows_store(machine: Machine) -> Iterator[Vlc]:
    local = Path(machine.environ.get("LOCALAPPDATA") or machine.home / "AppData/Local")
    roaming = _windows_roaming(machine)
    if any((local / "Packages").glob("VideoLAN.VLC_*")):
        problem = "It reads no settings file: the VLC from videolan.org is needed."
        yield Vlc("VLC (Microsoft Store)", roaming / "vlcrc", roaming / "lua", problem)


@dataclass(frozen=True)
class Flavor:
    """One way in which VLC comes to a machine."""

    name: str
    system: str
    """As in `sys.platform`."""
    find: Callable[[Machine], Iterator[Vlc]]


FLAVORS = (
    Flavor("deb, rpm and other packages of the system", "linux", _linux_own),
    Flavor("AppImage", "linux", _appimage),
    Flavor("flatpak", "linux", _flatpak),
    Flavor("snap", "linux", _snap),
    # The Store's «VLC Media Player» for the desktop is this same installer.
    Flavor("installer from videolan.org, and the Microsoft Store's desktop VLC", "win32", _windows_installed),
    Flavor("zip, portable", "win32", _windows_portable),
    Flavor("PortableApps", "win32", _portableapps),
    Flavor("Microsoft Store, UWP", "win32", _windows_store),
    Flavor("VLC.app", "darwin", _macos),
)


def plugin_source() -> Path:
    """VLC's side of the program: carried by the wheel, or in the checkout beside this source."""
    package = Path(__file__).parents[1]
    carried = package / "lua"
    return carried if carried.is_dir() else package.parents[1] / "plugin" / "lua"


def vlcs(
    system: str = sys.platform,
    home: Path | None = None,
    environ: Mapping[str, str] | None = None,
    root: Path = Path("/"),
) -> tuple[Vlc, ...]:
    """The VLCs that are installed here or have been used by this user, the system's own first; empty for none.

    The arguments stand for another machine in tests: `system` as in `sys.platform`, `root` the top of its files.
    """
    machine = Machine(home or Path.home(), os.environ if environ is None else environ, root)
    known = system if system in {"win32", "darwin"} else "linux"
    return tuple(vlc for flavor in FLAVORS if flavor.system == known for vlc in flavor.find(machine))


def is_running() -> bool:
    """Whether this user has a VLC open."""
    if sys.platform == "win32":
        listed = subprocess.run(["tasklist", "/FI", "IMAGENAME eq vlc.exe"], capture_output=True, text=True)
        return "vlc.exe" in listed.stdout.lower()
    if sys.platform == "darwin":
        return subprocess.run(["pgrep", "-x", "-U", str(os.getuid()), "VLC"], capture_output=True).returncode == 0
    return any(is_my_vlc(folder) for folder in Path("/proc").glob("[0-9]*"))


def running_since() -> float | None:
    """When the VLC that this user has open was started, in seconds since 1970; None without one, or where unknown."""
    if sys.platform != "linux":
        return None
    folders = (folder for folder in Path("/proc").glob("[0-9]*") if is_my_vlc(folder))
    begun = []
    for folder in folders:
        try:
            # Field 22, counted behind the name in its parentheses, in ticks since the machine was started.
            ticks = int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[19])
            uptime_s = float(Path("/proc/uptime").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            continue
        begun.append(time.time() - uptime_s + ticks / os.sysconf("SC_CLK_TCK"))
    return min(begun, default=None)


def is_my_vlc(folder: Path) -> bool:
    """Whether a process, by its folder in /proc, is a VLC of this user's that has not ended."""
    try:
        # "4711 (vlc) S 1 ...": the name, then Z for one that has ended already.
        words = (folder / "stat").read_text(errors="replace")
        return "(vlc) " in words and "(vlc) Z" not in words and folder.stat().st_uid == os.getuid()
    except OSError:
        return False
