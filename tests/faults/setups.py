"""Setting up and taking away under faults, for a user of Linux: run again it ends where it always ends."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cinepalette.daemon import process
from cinepalette.install import background, command_link, players, proof, setup, vlcrc
from cinepalette.install.service import systemd

from .scenarios import Scenario

VLCRC = b"extraintf=http\nhttp-password=secret\n"

Tree = dict[str, tuple[str, object]]


def tree(folder: Path) -> Tree:
    """Everything below a folder: rights, what is in it, and where a link leads."""
    found: Tree = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content: object = path.read_bytes() if path.is_file() else None
        if path.is_symlink():
            content = os.path.relpath(path.readlink(), folder)
        found[path.relative_to(folder).as_posix()] = (stat.filemode(status.st_mode), content)
    return found


def user(home: Path, patch: pytest.MonkeyPatch) -> players.Vlc:
    """The user whose home this is; daemon, service and proof, which are other programs, are taken as given."""
    for name in [name for name in os.environ if name.startswith(("CINEPALETTE_", "XDG_"))]:
        patch.delenv(name)
    patch.delenv("SUDO_USER", raising=False)
    patch.setenv("HOME", str(home))
    patch.setenv("PATH", f"{home}/.local/bin:/usr/bin:/bin")
    own = players.Vlc("VLC", home / ".config/vlc/vlcrc", home / ".local/share/vlc/lua")
    program = home.parent / "program/cinepalette"
    _write(program, b"#!/bin/sh\n", 0o755)
    patch.setattr(players, "vlcs", lambda: (own,))
    patch.setattr(players, "is_running", lambda: False)
    patch.setattr(systemd, "is_usable", lambda: False)
    patch.setattr(process, "is_running", lambda inbox: False)
    patch.setattr(background, "start", lambda chosen: None)
    patch.setattr(proof, "run", lambda chosen, say: home / "collage.png")
    patch.setattr(command_link, "program", lambda: program)
    return own


def _write(path: Path, data: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)


def _nothing(_: players.Vlc) -> None:
    """A new user."""


def _link(vlc: players.Vlc) -> None:
    """The settings file is a link to where nothing is."""
    vlc.vlcrc.parent.mkdir(parents=True)
    vlc.vlcrc.symlink_to(vlc.vlcrc.parents[2] / "dotfiles/vlcrc")


def _used(vlc: players.Vlc) -> None:
    """VLC has run, and strangers are in our places."""
    _write(vlc.vlcrc, VLCRC, 0o600)
    for name in ("intf/cinepalette.lua", "modules/cinepalette/keys.lua"):
        _write(vlc.lua / name, b"-- somebody else's\n", 0o644)


def _built(state: Callable[[players.Vlc], None], *, is_set_up: bool) -> Callable[[Path], None]:
    def build(root: Path) -> None:
        """Twice: what setting up must not touch, and what is worked on."""
        for home in (root / "before", root / "home"):
            home.mkdir()
            state(user(home, pytest.MonkeyPatch()))
        if is_set_up:
            setup.run()

    return build


def _up(root: Path) -> None:
    user(root / "home", pytest.MonkeyPatch())
    setup.run()


def _away(root: Path) -> None:
    user(root / "home", pytest.MonkeyPatch())
    setup.run(uninstall=True)


def _up_and_away(root: Path) -> None:
    own = user(root / "home", pytest.MonkeyPatch())
    if own.vlcrc.exists():
        assert stat.S_IMODE(own.vlcrc.stat().st_mode) == 0o600, "VLC's settings can be read by others"
    setup.run()
    assert vlcrc.has(own.vlcrc.read_bytes())
    setup.run(uninstall=True)


def _differences(root: Path) -> tuple[int, int]:
    """Files of the user's that are gone or changed, and what is there besides."""
    before, now = tree(root / "before"), tree(root / "home")
    return sum(1 for name, one in before.items() if now.get(name) != one), len(now.keys() - before.keys())


def _scenarios(state: Callable[[players.Vlc], None], name: str) -> tuple[Scenario, ...]:
    fresh, ready = _built(state, is_set_up=False), _built(state, is_set_up=True)
    return (
        Scenario(f"set-up, {name}", fresh, _up, _up_and_away, _differences),
        Scenario(f"set-up given up, {name}", fresh, _up, _away, _differences),
        Scenario(f"uninstall, {name}", ready, _away, _away, _differences),
    )


SETUPS = (*_scenarios(_nothing, "new user"), *_scenarios(_link, "link"), *_scenarios(_used, "strangers"))
