"""The VLCs of this user: where each keeps its settings and its Lua scripts."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FLATPAK_ID = "org.videolan.VLC"


_MACOS_ID = "org.videolan.vlc"


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
    home = Path.home() if home is None else home
    environ = os.environ if environ is None else environ
    if system == "win32":
        return _on_windows(home, environ)
    if system == "darwin":
        return _on_macos(home, root)
    return _on_linux(home, environ, root)


def _on_linux(home: Path, environ: Mapping[str, str], root: Path) -> tuple[Vlc, ...]:
    found = []
    own = Vlc("VLC", _xdg(environ, "XDG_CONFIG_HOME", home / ".config") / "vlc" / "vlcrc", _native_lua(home, environ))
    program = shutil.which("vlc", path=environ.get("PATH", "/usr/bin"))
    on_path = program is not None and not Path(program).is_relative_to(root / "snap")
    if on_path or (root / "usr/bin/vlc").exists() or own.vlcrc.exists():
        found.append(own)

    sandbox = home / ".var/app" / _FLATPAK_ID
    stores = (root / "var/lib/flatpak", home / ".local/share/flatpak")
    if sandbox.is_dir() or any((store / "app" / _FLATPAK_ID).is_dir() for store in stores):
        found.append(Vlc("VLC (flatpak)", sandbox / "config/vlc/vlcrc", sandbox / "data/vlc/lua"))

    snap = home / "snap/vlc"
    if snap.is_dir() or (root / "snap/vlc/current").exists():
        # `current` is a link of snapd's: it must not come into being as a folder of ours.
        missing = (
            "" if (snap / "current").is_dir() else "The snap VLC has not run yet: start it once, then set up again."
        )
        found.append(Vlc("VLC (snap)", snap / "common/vlcrc", snap / "current/.local/share/vlc/lua", missing))
    return tuple(found)


def _native_lua(home: Path, environ: Mapping[str, str]) -> Path:
    return _xdg(environ, "XDG_DATA_HOME", home / ".local/share") / "vlc" / "lua"


def _xdg(environ: Mapping[str, str], name: str, default: Path) -> Path:
    """A base directory of the XDG specification, which asks for relative ones to be ignored."""
    told = environ.get(name, "")
    return Path(told) if told.startswith("/") else default


def _on_macos(home: Path, root: Path) -> tuple[Vlc, ...]:
    support = home / "Library/Application Support" / _MACOS_ID
    vlc = Vlc("VLC", home / "Library/Preferences" / _MACOS_ID / "vlcrc", support / "lua")
    apps = (root / "Applications/VLC.app", home / "Applications/VLC.app")
    return (vlc,) if vlc.vlcrc.exists() or any(app.exists() for app in apps) else ()


def _on_windows(home: Path, environ: Mapping[str, str]) -> tuple[Vlc, ...]:
    found = []
    roaming = Path(environ.get("APPDATA") or home / "AppData/Roaming") / "vlc"
    local = Path(environ.get("LOCALAPPDATA") or home / "AppData/Local")
    told = (environ.get(name) for name in ("ProgramFiles", "ProgramW6432", "ProgramFiles(x86)"))
    programs = [Path(each) / "VideoLAN/VLC" for each in told if each]
    on_path = shutil.which("vlc", path=environ.get("PATH", ""))
    programs += [Path(on_path).parent] if on_path else []
    programs = [folder for folder in dict.fromkeys(programs) if (folder / "vlc.exe").exists()]
    if roaming.is_dir() or any(not (folder / "portable").is_dir() for folder in programs):
        found.append(Vlc("VLC", roaming / "vlcrc", roaming / "lua"))
    for folder in programs:
        portable = folder / "portable"
        if portable.is_dir():
            found.append(Vlc(f"VLC (portable, {folder})", portable / "vlcrc", portable / "lua"))
    if any((local / "Packages").glob("VideoLAN.VLC_*")):
        problem = "It reads no settings file: the VLC from videolan.org is needed."
        found.append(Vlc("VLC (Microsoft Store)", roaming / "vlcrc", roaming / "lua", problem))
    return tuple(found)
