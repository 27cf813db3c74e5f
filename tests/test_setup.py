"""`cinepalette setup`: what it changes in a user's account, and that all of it can be taken back."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest
from cinepalette import config, paths
from cinepalette.daemon import process
from cinepalette.errors import DaemonError, SetupError, UsageError
from cinepalette.install import (
    background,
    command_link,
    players,
    plugin,
    proof,
    records,
    service,
    setup,
    vlcrc,
)
from cinepalette.install.service import systemd, xdg
from cinepalette.model import Film, Still, Swatch
from cinepalette.session import changes
from cinepalette.session.folder import Folder
from cinepalette.session.store import Belonging, Store
from daemon_process import DaemonProcess
from PIL import Image


@pytest.fixture
def account(home: Path, monkeypatch) -> Path:
    """A Linux user with a VLC that has run, no user bus, and no other VLC."""
    (home / ".config/vlc").mkdir(parents=True)
    (home / ".config/vlc/vlcrc").write_bytes(b"volume=256\n")
    own = players.Vlc("VLC", home / ".config/vlc/vlcrc", home / ".local/share/vlc/lua")
    monkeypatch.setattr(players, "vlcs", lambda: (own,))
    monkeypatch.setattr(systemd, "is_usable", lambda: False)
    monkeypatch.setattr(players, "is_running", lambda: False)
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setenv("PATH", f"{home}/.local/bin:/usr/bin:/bin")
    program = home / "venv/bin/cinepalette"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    monkeypatch.setattr(command_link, "program", lambda: program)
    return home


@pytest.fixture
def daemon(monkeypatch) -> Iterator[list[str]]:
    """What is asked of the daemon, which is not there; the proof is taken as given."""
    asked: list[str] = []
    monkeypatch.setattr(process, "is_running", lambda inbox: asked[-1:] == ["start"])
    monkeypatch.setattr(background, "start", lambda config: asked.append("start"))
    monkeypatch.setattr(process, "stop", lambda config: asked.append("stop"))
    monkeypatch.setattr(proof, "run", lambda config, say: config.output / "Cinepalette test" / "collage.png")
    return asked


def everything(folder: Path) -> dict[str, bytes | Path]:
    """Every file and link below a folder, with what is in it."""
    found: dict[str, bytes | Path] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = path.readlink()
        elif path.is_file():
            found[name] = path.read_bytes()
    return found


def test_everything_is_set_up_and_the_collage_named_last(account, daemon, capsys):
    assert setup.run() == 0
    vlc = players.vlcs()[0]
    assert plugin.is_current(vlc.lua)
    assert plugin.has_settings(vlc.lua, config.load())
    assert vlcrc.has(vlc.vlcrc.read_bytes())
    assert xdg.is_installed()
    assert sys.executable in xdg.path().read_text()
    assert (account / ".local/bin/cinepalette").resolve() == command_link.program()
    assert config.load().inbox.is_dir()
    assert daemon == ["start"]
    said = capsys.readouterr().out
    assert said.splitlines()[-1] == str(account / "Pictures/Cinepalette/Cinepalette test/collage.png")
    assert "Shift+C" in said


def test_taken_away_the_account_is_as_it_was_but_for_the_pictures(account, daemon, capsys):
    before = everything(account)
    setup.run()
    picture = config.load().output / "Nausicaä 2026-11-20" / "collage.png"
    picture.parent.mkdir()
    picture.write_bytes(b"a collage")
    capsys.readouterr()
    assert setup.run(uninstall=True) == 0
    after = everything(account)
    assert after.pop(picture.relative_to(account).as_posix()) == b"a collage"
    assert after == before
    assert daemon == ["start", "stop"]
    assert str(config.load().output) in capsys.readouterr().out


@pytest.mark.parametrize(
    "vlcrc_before",
    [
        None,
        b"",
        b"extraintf=luaintf:http\nlua-intf=other\n",
        b"extraintf=http",
        b"extraintf=\r\nvolume=1\r\n",
        b"\xef\xbb\xbf# Extra interface modules (string)\n#extraintf=\n\n",
        b"\xff\xfe not text \x00",
    ],
)
def test_vlcs_settings_file_is_the_same_to_the_byte_afterwards(account, daemon, vlcrc_before):
    file = account / ".config/vlc/vlcrc"
    file.unlink()
    if vlcrc_before is not None:
        file.write_bytes(vlcrc_before)
        file.chmod(0o600)
    before = everything(account)
    setup.run()
    assert vlcrc.has(file.read_bytes())
    assert file.stat().st_mode & 0o777 == 0o600
    setup.run()
    setup.run(uninstall=True)
    assert everything(account) == before


def test_a_vlc_that_never_ran_leaves_no_folder_behind(account, daemon):
    for path in (account / ".config/vlc/vlcrc", account / ".config/vlc", account / ".config"):
        path.unlink() if path.is_file() else path.rmdir()
    setup.run()
    assert (account / ".config/vlc/vlcrc").exists()
    setup.run(uninstall=True)
    assert not (account / ".config/vlc").exists()
    assert not (account / ".local/share/vlc").exists()


def test_where_vlc_has_written_its_file_meanwhile_only_our_word_goes(account, daemon):
    file = account / ".config/vlc/vlcrc"
    file.write_bytes(b"extraintf=http\nvolume=256\n")
    setup.run()
    file.write_bytes(file.read_bytes().replace(b"256", b"300"))
    setup.run(uninstall=True)
    assert file.read_bytes() == b"extraintf=http\nvolume=300\n"


def test_twice_is_once(account, daemon, capsys):
    setup.run()
    once = everything(account)
    capsys.readouterr()
    setup.run()
    assert everything(account) == once
    assert daemon == ["start", "start"]
    assert "extraintf" not in capsys.readouterr().out


def test_a_dry_run_says_all_and_does_nothing(account, daemon, capsys):
    before = everything(account)
    assert setup.run(dry_run=True) == 0
    said = capsys.readouterr().out
    for what in ("inbox", "plugin", "extraintf", "PATH", "login", "start the daemon"):
        assert what in said
    assert everything(account) == before
    setup.run()
    before = everything(account)
    capsys.readouterr()
    assert setup.run(uninstall=True, dry_run=True) == 0
    assert "take the plugin out" in capsys.readouterr().out
    assert everything(account) == before
    assert daemon == ["start"]


def test_while_vlc_runs_nothing_is_changed(account, daemon, monkeypatch):
    monkeypatch.setattr(players, "is_running", lambda: True)
    before = everything(account)
    with pytest.raises(SetupError, match="close it"):
        setup.run()
    assert everything(account) == before


def test_while_vlc_runs_a_new_version_can_be_set_up_and_vlc_is_to_be_started_again(
    account, daemon, monkeypatch, capsys
):
    setup.run()
    monkeypatch.setattr(players, "is_running", lambda: True)
    capsys.readouterr()
    assert setup.run() == 0
    assert "VLC is open" not in capsys.readouterr().out, "nothing has changed for it"
    (account / ".local/share/vlc/lua/intf/cinepalette.lua").write_text("-- the old one")
    for dry_run in (True, False):
        assert setup.run(dry_run=dry_run) == 0
        assert "! VLC is open" in capsys.readouterr().out
    with pytest.raises(SetupError, match="close it"):
        setup.run(uninstall=True)


def test_after_an_update_the_plugin_is_of_the_new_version_though_none_of_its_files_has_changed(
    account, daemon, monkeypatch, capsys
):
    setup.run()
    lua = account / ".local/share/vlc/lua"
    records.save(lua, replace(records.load(lua), version="0.0.1"))
    monkeypatch.setattr(players, "is_running", lambda: True)
    capsys.readouterr()
    setup.run()
    said = capsys.readouterr().out
    assert "in the place of 0.0.1" in said
    assert "VLC is open" not in said, "it goes by the very same files"
    assert plugin.state(lua) is None


def test_a_vlc_of_another_name_is_not_taken_for_vlc():
    quiet = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert not players.is_my_vlc(Path("/proc") / str(quiet.pid))
    finally:
        quiet.communicate(b"\n")


def test_a_vlc_of_this_user_is_seen_as_running(tmp_path):
    # The kernel calls a process by its file's name.
    program = tmp_path / "vlc"
    program.symlink_to("/bin/sleep")
    running = subprocess.Popen([program, "60"])
    try:
        assert players.is_my_vlc(Path("/proc") / str(running.pid))
        assert players.is_running()
    finally:
        running.kill()
        running.wait()


def test_under_sudo_it_says_to_whom_it_belongs(account, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "karl")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(UsageError, match="without sudo"):
        setup.run()


def test_without_any_vlc_it_says_what_is_missing(account, daemon, monkeypatch):
    monkeypatch.setattr(players, "vlcs", lambda: ())
    with pytest.raises(SetupError, match=r"no VLC.*Install VLC"):
        setup.run()


def test_a_vlc_that_cannot_be_set_up_is_named_and_the_others_are_set_up(account, daemon, monkeypatch, capsys):
    own = players.vlcs()[0]
    snap = players.Vlc("VLC (snap)", account / "snap/vlcrc", account / "snap/lua", "It has not run yet.")
    monkeypatch.setattr(players, "vlcs", lambda: (own, snap))
    setup.run()
    assert plugin.is_current(own.lua)
    assert not (account / "snap").exists()
    assert "VLC (snap): It has not run yet." in capsys.readouterr().out


def test_a_settings_file_that_is_a_link_stays_one(account, daemon):
    kept = account / "dotfiles/vlcrc"
    kept.parent.mkdir()
    (account / ".config/vlc/vlcrc").rename(kept)
    (account / ".config/vlc/vlcrc").symlink_to(kept)
    before = everything(account)
    setup.run()
    assert vlcrc.has(kept.read_bytes())
    setup.run(uninstall=True)
    assert everything(account) == before


def test_another_program_of_the_same_name_is_left_on_the_path(account, daemon, capsys):
    other = account / ".local/bin/cinepalette"
    other.parent.mkdir(parents=True)
    other.write_text("#!/bin/sh\n# something else\n")
    setup.run()
    assert "something else" in other.read_text()
    assert f"ours is {command_link.program()}" in capsys.readouterr().out
    setup.run(uninstall=True)
    assert "something else" in other.read_text()


@pytest.mark.parametrize("receipt", ["pipx_metadata.json", "uv-receipt.toml"])
def test_the_link_of_pipx_and_of_uv_is_theirs(account, daemon, monkeypatch, receipt):
    """They take it away themselves; until then the command stays, to set up again."""
    monkeypatch.setattr(sys, "prefix", str(account / "venv"))
    (account / "venv" / receipt).touch()
    link = account / ".local/bin/cinepalette"
    link.parent.mkdir(parents=True)
    link.symlink_to(command_link.program())
    setup.run()
    setup.run(uninstall=True)
    assert link.readlink() == command_link.program()
    link.unlink()
    setup.run()
    assert not link.is_symlink()


def test_where_the_command_is_not_on_the_path_the_line_is_printed(account, daemon, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    setup.run()
    assert f'export PATH="{account}/.local/bin:$PATH"' in capsys.readouterr().out


def test_a_step_that_fails_is_named_and_running_it_again_goes_on(account, daemon, monkeypatch, capsys):
    def refuse(config):
        raise DaemonError("the daemon has not started after 20 s")

    monkeypatch.setattr(background, "start", refuse)
    with pytest.raises(SetupError, match="has not started"):
        setup.run()
    assert "✗ start the daemon" in capsys.readouterr().out
    # VLC started with sudo once, and its folder is root's since.
    refusal = PermissionError(13, "Permission denied", str(account / ".config/vlc/.4711.part"))
    monkeypatch.setattr(background, "start", mock.Mock(side_effect=refusal))
    with pytest.raises(SetupError, match=f"{account}/.config/vlc: you may not write there. Make it yours: sudo chown"):
        setup.run()
    monkeypatch.setattr(background, "start", lambda config: None)
    assert setup.run() == 0


def test_a_mistake_in_the_settings_does_not_stand_against_going_away(account, daemon):
    before = everything(account)
    setup.run()
    paths.config_file().parent.mkdir(parents=True)
    paths.config_file().write_text("[palette]\nswatches = 1000\n")
    assert setup.run(uninstall=True) == 0
    after = everything(account)
    assert after.pop(".config/cinepalette/config.toml")
    assert after == before


def test_a_machine_that_has_gained_a_user_bus_does_not_start_the_daemon_twice(account, daemon, monkeypatch):
    setup.run()
    monkeypatch.setattr(systemd, "is_usable", lambda: True)
    monkeypatch.setattr(systemd, "run", lambda *command, check=True: subprocess.CompletedProcess(command, 0, "", ""))
    setup.run()
    assert [keeper.is_installed() for keeper in service.all_here("linux")] == [True, False]


def test_what_lies_in_the_inbox_stays_there(account, daemon, capsys):
    setup.run()
    waiting = config.load().inbox / "holiday.png"
    waiting.write_bytes(b"a picture")
    setup.run(uninstall=True)
    assert waiting.read_bytes() == b"a picture"


def test_libvlc_and_the_real_daemon_make_a_collage_of_a_film_that_we_draw(tmp_path, monkeypatch):
    daemon = DaemonProcess(tmp_path).start()
    stills: list[tuple[tuple[int, int], tuple[int, int, int]]] = []
    forget = proof.forget_sessions

    def look_first(chosen):
        for path in daemon.output.glob("Cinepalette test */stills/*"):
            with Image.open(path) as still:
                stills.append((still.size, still.convert("RGB").getpixel((512, 560))))
        forget(chosen)

    monkeypatch.setattr(proof, "forget_sessions", look_first)
    try:
        said: list[str] = []
        collage = proof.run(config.load(daemon.environment), said.append)
    finally:
        daemon.stop()
    with Image.open(collage) as picture:
        assert min(picture.size) > 300
    # The hill at the bottom has the color in which it was drawn.
    ((size, (red, green, blue)),) = stills
    assert size == (1024, 576)
    assert max(abs(red - 38), abs(green - 42), abs(blue - 66)) <= 3
    assert "libVLC plays" in said[0]
    # It is no session of the user's: nothing of it is left among theirs.
    assert not list(daemon.output.glob("*/session.json"))
    assert not (daemon.output / "index.html").exists()


def test_of_the_proofs_of_earlier_versions_nothing_stays_and_of_the_users_films_everything(home):
    chosen = config.load()
    store = Store(chosen.output)
    now = datetime(2026, 11, 20, 21, tzinfo=UTC)

    def session(film: Film) -> Folder:
        still = Still(1, "stills/0001.png", "cards/0001.png", now, (1024, 576), (Swatch((1, 2, 3), 1.0),))
        return changes.place(store, Belonging(film, now, timedelta(hours=4)), lambda n: replace(still, n=n)).folder

    mine = session(Film("Nausicaä", "n", 7000.0))
    alike = session(Film("Cinepalette test", "t", 3600.0))
    theirs = session(Film("Cinepalette test", "u", 4.0))
    proof.forget_sessions(chosen)
    assert mine.path.exists()
    assert alike.path.exists()
    assert not theirs.path.exists()
    assert "Nausica" in (chosen.output / "index.html").read_text(encoding="utf-8")


def test_where_libvlc_is_missing_that_is_seen_before_it_is_used(monkeypatch):
    def missing() -> bytes:
        # python-vlc's import succeeds where it has loaded the program itself instead of a library.
        raise NameError("no function 'libvlc_get_version'")

    monkeypatch.setitem(sys.modules, "vlc", SimpleNamespace(libvlc_get_version=missing))
    assert proof.libvlc() is None


def test_a_proof_that_fails_quotes_the_daemons_last_words(tmp_path, monkeypatch):
    chosen = config.load({"CINEPALETTE_OUTPUT": str(tmp_path)})
    chosen.log.write_text("INFO watching\nCRITICAL no space left on device\n")
    monkeypatch.setattr(proof, "libvlc", lambda: None)
    monkeypatch.setattr(proof, "_REPLY_WAIT_S", 0.1)
    said: list[str] = []
    with pytest.raises(SetupError, match="no space left on device"):
        proof.run(chosen, said.append)
    assert "libVLC is not on this system" in said[0]
