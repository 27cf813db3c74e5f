"""Setting up and taking away, killed before each operation on a file: run again, it ends where it always ends."""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cinepalette import config
from cinepalette.daemon import process
from cinepalette.install import background, command_link, players, proof, setup, vlcrc
from cinepalette.install.service import systemd

_CHANGES = {
    "os.chmod",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "os.truncate",
    "shutil.rmtree",
}


class Killed(BaseException):
    """The process has ended here; nothing after it is done, no clearing up either."""


class Killer:
    """Counts the operations that change files below a folder, and lets none pass from a chosen one on."""

    def __init__(self) -> None:
        self.below = ""
        self.at: int | None = None
        self.seen = 0
        sys.addaudithook(self._hook)

    def _hook(self, event: str, words: tuple[object, ...]) -> None:
        if not self.below or not self._changes(event, words) or self.below not in os.fsdecode(os.fspath(str(words[0]))):
            return
        self.seen += 1
        if self.at is not None and self.seen >= self.at:
            raise Killed(event)

    @staticmethod
    def _changes(event: str, words: tuple[object, ...]) -> bool:
        if event == "open":
            flags = words[2] if isinstance(words[2], int) else 0
            return isinstance(words[0], str | bytes | os.PathLike) and bool(flags & (os.O_WRONLY | os.O_RDWR))
        return event in _CHANGES

    @contextmanager
    def watching(self, folder: Path, at: int | None = None) -> Iterator[None]:
        self.below, self.at, self.seen = str(folder), at, 0
        try:
            yield
        finally:
            self.below = ""


_KILLER = Killer()


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
    "VLC has run": lambda vlc: _write(vlc.vlcrc, VLCRC, 0o600),
    "a link to nowhere": lambda vlc: _link(vlc.vlcrc),
    "strangers in our places": lambda vlc: [
        _write(vlc.lua / name, b"-- somebody else's\n", 0o644)
        for name in ("intf/cinepalette.lua", "modules/cinepalette/keys.lua")
    ],
}


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


def _killed_everywhere(home: Path, work: Callable[[], object], then: Callable[[int], None]) -> int:
    """Does the work again and again, killed one operation later each time; gives how many operations it has."""
    at = 0
    while True:
        at += 1
        with _KILLER.watching(home, at), suppress(Killed):
            work()
        done = _KILLER.seen < at
        then(at)
        if done:
            return at - 1


@pytest.mark.parametrize("state", STATES)
def test_a_setup_that_was_killed_is_finished_by_the_next_and_leaves_no_trace(user, home, state, capsys):
    STATES[state](user)
    before = tree(home)

    def finish(at: int) -> None:
        if user.vlcrc.exists():
            assert stat.S_IMODE(user.vlcrc.stat().st_mode) == 0o600, f"readable by others when killed at {at}"
        setup.run()
        assert vlcrc.has(user.vlcrc.read_bytes())
        setup.run(uninstall=True)
        assert tree(home) == before, f"killed at {at}"

    assert _killed_everywhere(home, setup.run, finish) > 20


@pytest.mark.parametrize("state", STATES)
def test_after_a_setup_that_was_killed_uninstalling_leaves_no_trace(user, home, state, capsys):
    STATES[state](user)
    before = tree(home)

    def take_away(at: int) -> None:
        setup.run(uninstall=True)
        assert tree(home) == before, f"killed at {at}"

    _killed_everywhere(home, setup.run, take_away)


@pytest.mark.parametrize("state", STATES)
def test_an_uninstall_that_was_killed_is_finished_by_the_next(user, home, state, capsys):
    STATES[state](user)
    before = tree(home)
    setup.run()

    def finish(at: int) -> None:
        setup.run(uninstall=True)
        assert tree(home) == before, f"killed at {at}"
        setup.run()

    assert _killed_everywhere(home, lambda: setup.run(uninstall=True), finish) > 20


def test_while_a_settings_file_is_written_nobody_else_may_read_it(user, home, monkeypatch):
    _write(user.vlcrc, VLCRC, 0o600)
    os.umask(0o022)
    setup.run()
    assert stat.S_IMODE(user.vlcrc.stat().st_mode) == 0o600
    assert config.load().inbox.is_dir()
