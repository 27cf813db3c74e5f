"""Setting up and taking away with a fault at each operation on a file: run again, it ends where it always ends."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cinepalette import config
from cinepalette.daemon import process
from cinepalette.install import background, command_link, players, proof, setup, vlcrc
from cinepalette.install.service import systemd
from faults.machine import Fault, in_child


def tree(folder: Path) -> dict[str, tuple[str, object]]:
    """Everything below a folder: rights, and what is in it."""
    found: dict[str, tuple[str, object]] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content: object = path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[path.relative_to(folder).as_posix()] = (stat.filemode(status.st_mode), content)
    return found


VLCRC = b"extraintf=http\nhttp-password=secret\n"

STATES: dict[str, Callable[[players.Vlc], None]] = {
    "a new user": lambda vlc: None,
    "a link to nowhere": lambda vlc: _link(vlc.vlcrc),
    "VLC has run, and strangers are in our places": lambda vlc: _used(vlc),
}


def _used(vlc: players.Vlc) -> None:
    _write(vlc.vlcrc, VLCRC, 0o600)
    for name in ("intf/cinepalette.lua", "modules/cinepalette/keys.lua"):
        _write(vlc.lua / name, b"-- somebody else's\n", 0o644)


def _write(path: Path, data: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)


def _link(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.symlink_to(path.parents[2] / "dotfiles/vlcrc")


@pytest.fixture
def user(home: Path, monkeypatch: pytest.MonkeyPatch) -> players.Vlc:
    """A Linux user; daemon, service and proof, which are other programs, are taken as given."""
    own = players.Vlc("VLC", home / ".config/vlc/vlcrc", home / ".local/share/vlc/lua")
    monkeypatch.setattr(players, "vlcs", lambda: (own,))
    monkeypatch.setattr(players, "is_running", lambda: False)
    monkeypatch.setattr(systemd, "is_usable", lambda: False)
    monkeypatch.setattr(process, "is_running", lambda inbox: False)
    monkeypatch.setattr(background, "start", lambda chosen: None)
    monkeypatch.setattr(proof, "run", lambda chosen, say: home / "collage.png")
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setenv("PATH", f"{home}/.local/bin:/usr/bin:/bin")
    program = home.parent / "program/cinepalette"
    _write(program, b"#!/bin/sh\n", 0o755)
    monkeypatch.setattr(command_link, "program", lambda: program)
    return own


def _operations(home: Path, work: Callable[[], object]) -> int:
    """How many operations on files it has, when nothing goes wrong."""
    ended = in_child(work, home)
    assert ended.code == 0, ended.words
    return ended.operations


# Killed before every operation; the other faults at some of them, beginning elsewhere for each.
FAULTS = [(Fault.KILL, 1, 0), (Fault.FULL, 13, 1), (Fault.READ_ONLY, 13, 3), (Fault.DATA_LATE, 13, 5)]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("fault", "every", "first"), FAULTS, ids=lambda value: getattr(value, "name", None))
def test_a_setup_that_was_cut_off_is_finished_by_the_next_and_leaves_no_trace(user, home, state, fault, every, first):
    STATES[state](user)
    before = tree(home)
    many = _operations(home, setup.run)
    setup.run(uninstall=True)
    assert tree(home) == before
    assert many > 20
    for at in range(1 + first, many + 1, every):
        in_child(setup.run, home, fault, at)
        if user.vlcrc.exists():
            assert stat.S_IMODE(user.vlcrc.stat().st_mode) == 0o600, f"readable by others at {at}"
        setup.run()
        assert vlcrc.has(user.vlcrc.read_bytes())
        setup.run(uninstall=True)
        assert tree(home) == before, f"{fault.value} at {at} of {many}"


@pytest.mark.parametrize("state", STATES)
def test_after_a_setup_that_was_killed_uninstalling_leaves_no_trace(user, home, state):
    STATES[state](user)
    before = tree(home)
    many = _operations(home, setup.run)
    setup.run(uninstall=True)
    for at in range(1, many + 1, 3):
        in_child(setup.run, home, Fault.KILL, at)
        setup.run(uninstall=True)
        assert tree(home) == before, f"killed at {at} of {many}"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("fault", "every", "first"), FAULTS, ids=lambda value: getattr(value, "name", None))
def test_an_uninstall_that_was_cut_off_is_finished_by_the_next(user, home, state, fault, every, first):
    STATES[state](user)
    before = tree(home)
    setup.run()
    many = _operations(home, lambda: setup.run(uninstall=True))
    assert many > 20
    for at in range(1 + first, many + 1, every):
        setup.run()
        in_child(lambda: setup.run(uninstall=True), home, fault, at)
        setup.run(uninstall=True)
        assert tree(home) == before, f"{fault.value} at {at} of {many}"


def test_while_a_settings_file_is_written_nobody_else_may_read_it(user):
    _write(user.vlcrc, VLCRC, 0o600)
    os.umask(0o022)
    setup.run()
    assert stat.S_IMODE(user.vlcrc.stat().st_mode) == 0o600
    assert config.load().inbox.is_dir()
