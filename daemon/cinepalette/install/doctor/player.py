"""Checks of VLC's side: the player, the plugin in it, the word that starts it, its keys."""

import contextlib
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from ...errors import SetupError
from .. import players, plugin, proof, records, settings_file, vlcrc
from ..players import Vlc
from .check import Account, Check, Finding

_SETUP = "Run cinepalette setup."
_LEAST_VLC = 3


def _vlc(account: Account) -> Iterator[Finding]:
    for vlc in account.vlcs:
        if vlc.problem:
            yield Finding(f"{vlc.name} cannot be used. {vlc.problem}", "Follow that sentence.")
    if not account.vlcs:
        yield Finding("There is no VLC on this system.", "Install it with your system's packages or from videolan.org.")
        return
    version = _version()
    if version and int(version.split(".")[0]) < _LEAST_VLC:
        yield Finding(f"VLC {version} is too old.", "Install VLC 3 or later.")
    plugins = [path for places in ("usr/lib/*/vlc", "usr/lib*/vlc") for path in account.root.glob(f"{places}/plugins")]
    if account.is_linux() and plugins and not any(map(_has_lua, plugins)):
        yield Finding(
            f"VLC here is without Lua, in which the plugin is written ({plugins[0]}/lua is empty).",
            "Install VLC's Lua part: on Debian the package vlc-plugin-base, elsewhere VLC from its own site.",
        )


def _has_lua(plugins: Path) -> bool:
    return next(plugins.glob("lua/liblua_plugin.*"), None) is not None


def _version() -> str:
    """The version of the system's libVLC; empty where there is none to be asked."""
    vlc: Any = proof.libvlc()
    if vlc is None:
        return ""
    found = re.match(r"[0-9.]+", vlc.libvlc_get_version().decode(errors="replace"))
    return found[0] if found else ""


def _record(account: Account) -> Iterator[Finding]:
    for vlc in account.usable:
        try:
            records.load(vlc.lua)
        except SetupError:
            path = vlc.lua / records.RECORD_NAME
            yield Finding(
                f"{vlc.name}: the record of what was installed cannot be read: {path}.",
                "Let doctor --fix put it aside and write another.",
                partial(_renew_record, vlc),
            )


def _renew_record(vlc: Vlc) -> None:
    (vlc.lua / records.RECORD_NAME).replace(vlc.lua / records.DAMAGED_NAME)
    plugin.install(vlc.lua)


def _files(account: Account) -> Iterator[Finding]:
    for vlc in account.usable:
        with contextlib.suppress(SetupError):  # the record's own finding
            state = plugin.state(vlc.lua)
            if state is not None:
                cure = "Let doctor --fix put this version's files there; a stranger's file is kept beside them."
                yield Finding(f"{vlc.name}: {state}", cure, partial(plugin.install, vlc.lua))


def _told(account: Account) -> Iterator[Finding]:
    for vlc in account.usable:
        path = vlc.lua / plugin.SETTINGS_NAME
        if plugin.has_settings(vlc.lua, account.config):
            if plugin.is_newer_than_vlc(vlc.lua):
                yield Finding(f"{vlc.name} {players.OPEN_VLC}", players.RESTART_VLC)
        elif records.exists(vlc.lua):
            yield Finding(
                f"{vlc.name}: the plugin's settings have another inbox or other keys than are in force ({path}).",
                "Let doctor --fix write them, then start VLC again.",
                partial(plugin.write_settings, vlc.lua, account.config),
            )


def _token(account: Account) -> Iterator[Finding]:
    for vlc in account.usable:
        try:
            there = settings_file.has_token(vlc)
        except SetupError as error:
            yield Finding(f"{vlc.name}: {error}.", "Put that file aside; VLC writes a new one.")
            continue
        if not there:
            yield Finding(
                f"{vlc.name}: the word that starts the plugin is missing in {vlc.vlcrc}.",
                "Close VLC and let doctor --fix put it in.",
                partial(_put_token, vlc),
            )


def _put_token(vlc: Vlc) -> None:
    if players.is_running():
        raise SetupError(players.CLOSE_VLC)
    settings_file.add_token(vlc)


def _keys(account: Account) -> Iterator[Finding]:
    ours = {_ordered(key): (key, name) for name in ("take", "undo", "redo", "new") for key in _names(account, name)}
    for vlc in account.usable:
        with contextlib.suppress(SetupError):
            for setting, key in vlcrc.hotkeys(settings_file.read(vlc.vlcrc) or b""):
                if _ordered(key) in ours:
                    mine, action = ours[_ordered(key)]
                    yield Finding(
                        f"{vlc.name}: {key} is a hotkey of VLC's own, too ({setting}), and does both.",
                        f"Choose another key for {action} than {mine} in [vlc] of {account.config.file}, "
                        "or in VLC under Tools > Preferences > Hotkeys.",
                    )


def _names(account: Account, action: str) -> tuple[str, ...]:
    names: tuple[str, ...] = getattr(account.config.vlc, action)
    return names


def _ordered(key: str) -> tuple[str, ...]:
    """A key with its modifiers, however it is written: `Ctrl+Shift+c`, `shift+ctrl+C`."""
    return tuple(sorted(key.lower().split("+")))


def _wayland(account: Account) -> Iterator[Finding]:
    if account.environ.get("XDG_SESSION_TYPE") == "wayland" and not account.environ.get("DISPLAY"):
        yield Finding(
            "This is a Wayland session without X (DISPLAY is not set): VLC 3 shows films in a window whose keys do not "
            "reach it.",
            "Install XWayland with your system's packages and log in again.",
        )
    if account.environ.get("QT_QPA_PLATFORM", "").startswith("wayland"):
        yield Finding(
            "QT_QPA_PLATFORM has VLC's window drawn by Wayland, where the keys over the film do not reach it.",
            "Start VLC with QT_QPA_PLATFORM=xcb.",
        )


VLC = Check(
    "vlc",
    "Nothing happens at any key",
    "no VLC, VLC 2, a VLC without Lua, the Microsoft Store's UWP VLC",
    "install VLC 3 from the system's packages or from videolan.org",
    _vlc,
    mends=False,
    # It loads libVLC, which the daemon has no other use for.
    at_start=False,
)
RECORD = Check(
    "record",
    "Setting up and uninstalling refuse",
    "the record of what was installed is damaged",
    "",
    _record,
)
FILES = Check(
    "plugin",
    "Nothing happens at any key, or an old fault is still there",
    "the plugin's files are missing, of another version, or somebody else's",
    "",
    _files,
)
SETTINGS = Check(
    "plugin-settings",
    "«The palette daemon is not running», though it is; keys that were changed do nothing",
    "the plugin goes by another inbox or other keys than the settings, or VLC was open during an update",
    "close VLC and start it again",
    _told,
)
TOKEN = Check(
    "token",
    "Nothing happens at any key, though View > Cinepalette is there",
    "VLC's settings have lost the word that starts the plugin (reset preferences, a copied vlcrc)",
    "close VLC first",
    _token,
)
KEYS = Check(
    "keys",
    "A key takes a still and does something else, too",
    "the key is one of VLC's own hotkeys",
    "choose another key, in config.toml or in VLC's preferences",
    _keys,
    mends=False,
)
WAYLAND = Check(
    "wayland",
    "Keys work while the playlist has the focus, and not over the film",
    "a Wayland session in which VLC has no X window",
    "install XWayland; start VLC with QT_QPA_PLATFORM=xcb",
    _wayland,
    mends=False,
    at_start=False,
)

CHECKS = (VLC, RECORD, FILES, SETTINGS, TOKEN, KEYS, WAYLAND)
