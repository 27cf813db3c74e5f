"""`cinepalette doctor`: each broken state, made on purpose, is named in plain words and mended where it can be."""

import json
import os
import shutil
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cinepalette import config, paths
from cinepalette.command import account as command
from cinepalette.daemon import process
from cinepalette.errors import SetupError
from cinepalette.install import background, command_link, doctor, players, plugin, proof, records, service, setup, vlcrc
from cinepalette.install.doctor import player
from cinepalette.install.doctor import program as program_checks
from cinepalette.install.doctor.check import Account
from cinepalette.install.environment import judging, making, places
from cinepalette.install.service import systemd, xdg

TOP = Path(__file__).resolve().parents[1]


@pytest.fixture
def account(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A Linux user for whom everything was set up and is well; daemon and libVLC are taken as given."""
    own = players.Vlc("VLC", home / ".config/vlc/vlcrc", home / ".local/share/vlc/lua")
    own.vlcrc.parent.mkdir(parents=True)
    own.vlcrc.write_bytes(b"volume=256\n")
    monkeypatch.setattr(players, "vlcs", lambda: (own,))
    monkeypatch.setattr(players, "is_running", lambda: False)
    monkeypatch.setattr(players, "running_since", lambda: None)
    monkeypatch.setattr(systemd, "is_usable", lambda: False)
    for name in ("SUDO_USER", "XDG_SESSION_TYPE", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", f"{home}/.local/bin:/usr/bin:/bin")
    launched = home / "venv/bin/cinepalette"
    launched.parent.mkdir(parents=True)
    launched.write_text("#!/bin/sh\n")
    monkeypatch.setattr(command_link, "program", lambda: launched)
    running = {"inbox": None}
    monkeypatch.setattr(process, "is_running", lambda inbox: inbox == running["inbox"])
    monkeypatch.setattr(background, "start", lambda chosen: running.update(inbox=chosen.inbox))
    monkeypatch.setattr(process, "stop", lambda chosen: running.update(inbox=None))
    monkeypatch.setattr(proof, "run", lambda chosen, say: home / "collage.png")
    monkeypatch.setattr(proof, "libvlc", lambda: None)
    setup.run()
    (config.load().inbox / ".daemon.pid").write_text("4711\n")
    os.utime(config.load().inbox / ".daemon.pid", (2**31, 2**31))
    assert found() == []
    return home


def found(*, fix: bool = False, **changes: object) -> list[doctor.Result]:
    return doctor.examine(replace(Account.here(), **changes), fix=fix)


def the_one(name: str, words: str, **changes: object) -> doctor.Result:
    """The only finding there is."""
    (result,) = found(**changes)
    assert result.check.name == name
    assert words in result.finding.text
    assert result.finding.text.endswith(".")
    assert result.finding.cure
    return result


def mended(name: str, words: str) -> None:
    """It is found, mended, and then everything is well."""
    the_one(name, words)
    assert all(result.mended for result in found(fix=True))
    assert found() == []


def vlc() -> players.Vlc:
    return players.vlcs()[0]


def test_a_vlc_whose_settings_have_lost_our_word(account):
    vlc().vlcrc.write_bytes(b"volume=300\n")
    mended("token", "the word that starts the plugin is missing")
    assert vlcrc.has(vlc().vlcrc.read_bytes())
    assert b"volume=300\n" in vlc().vlcrc.read_bytes()


def test_while_vlc_runs_its_settings_are_left_and_that_is_said(account, monkeypatch):
    vlc().vlcrc.write_bytes(b"volume=300\n")
    monkeypatch.setattr(players, "is_running", lambda: True)
    (result,) = found(fix=True)
    assert not result.mended
    assert "close it" in result.problem
    assert vlc().vlcrc.read_bytes() == b"volume=300\n"


def test_a_settings_file_that_is_a_pipe_hangs_nobody(account):
    vlc().vlcrc.unlink()
    os.mkfifo(vlc().vlcrc)
    the_one("token", "is no file")
    with pytest.raises(SetupError, match="is no file"):
        setup.run()


def test_the_word_without_the_files(account):
    shutil.rmtree(vlc().lua / "intf")
    shutil.rmtree(vlc().lua / "modules")
    shutil.rmtree(vlc().lua / "extensions")
    mended("plugin", "the plugin is not in")


def test_a_file_of_the_plugin_that_is_gone(account):
    (vlc().lua / "modules/cinepalette/keys.lua").unlink()
    mended("plugin", "files are missing")


def test_a_strangers_file_in_the_place_of_ours_is_kept(account):
    (vlc().lua / "intf/cinepalette.lua").write_text("-- somebody else's\n")
    mended("plugin", "is not the plugin's own file")
    assert (vlc().lua / "intf/cinepalette.lua.before-cinepalette").read_text() == "-- somebody else's\n"


def test_a_plugin_of_another_version_than_the_daemon(account):
    record = records.load(vlc().lua)
    records.save(vlc().lua, replace(record, version="0.0.1"))
    mended("plugin", "the plugin is of 0.0.1")


def test_a_damaged_record(account):
    (vlc().lua / records.RECORD_NAME).write_text("{half")
    mended("record", "cannot be read")
    assert (vlc().lua / "cinepalette.installed.json.damaged").read_text() == "{half"
    assert setup.run(uninstall=True) == 0
    assert not list(vlc().lua.rglob("*cinepalette*"))


def test_a_stranger_that_was_in_our_place_is_put_back_though_the_record_was_lost(account):
    setup.run(uninstall=True)
    ours = vlc().lua / "intf/cinepalette.lua"
    ours.parent.mkdir(parents=True)
    ours.write_text("-- somebody else's\n")
    setup.run()
    (vlc().lua / records.RECORD_NAME).write_text("{half")
    found(fix=True)
    setup.run(uninstall=True)
    assert ours.read_text() == "-- somebody else's\n"


def test_an_inbox_that_was_moved_in_the_settings(account):
    paths.config_file().parent.mkdir(parents=True, exist_ok=True)
    paths.config_file().write_text(f'[places]\ninbox = "{account}/Stills"\n')
    assert {result.check.name for result in found()} == {"folders", "plugin-settings", "daemon"}
    assert all(result.mended for result in found(fix=True))
    assert json.loads((vlc().lua / plugin.SETTINGS_NAME).read_text())["inbox"] == f"{account}/Stills"


@pytest.mark.parametrize("name", [plugin.SETTINGS_NAME, "intf/cinepalette.lua"])
def test_a_vlc_that_runs_with_the_plugin_of_before(account, monkeypatch, name):
    files = [path for path in vlc().lua.rglob("*") if path.is_file()]
    for path in files:
        os.utime(path, (1000, 1000))
    monkeypatch.setattr(players, "running_since", lambda: 2000.0)
    assert found() == []
    os.utime(vlc().lua / name, (3000, 3000))
    result = the_one("plugin-settings", "goes by the plugin that was there when it started")
    assert "start it again" in result.finding.cure


def test_an_inbox_where_a_snap_vlc_may_not_write(account, monkeypatch):
    paths.config_file().parent.mkdir(parents=True, exist_ok=True)
    paths.config_file().write_text(f'[places]\ninbox = "{account}/.hidden/Inbox"\n')
    found(fix=True)
    snap = replace(vlc(), sandbox=account, home_only=True)
    result = the_one("reach", "hidden folders of your home (.hidden)", vlcs=(snap,))
    assert "visible folder" in result.finding.cure


def test_an_inbox_that_cannot_be_written_to(account, monkeypatch):
    inbox = config.load().inbox
    inbox.chmod(0o500)
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, rights: path != inbox or bool(inbox.stat().st_mode & 0o200))
    mended("folders", "cannot be written to")
    assert inbox.stat().st_mode & 0o200
    monkeypatch.setattr(os, "access", access)


def test_an_inbox_that_is_gone(account):
    shutil.rmtree(config.load().inbox)
    mended("folders", "is not there")


def test_a_key_that_is_one_of_vlcs_own_hotkeys(account):
    before = vlc().vlcrc.read_bytes()
    vlc().vlcrc.write_bytes(before + b"#key-stop=s\nkey-frame-next=e\tShift+C\nkey-quit=Ctrl+q\n")
    result = the_one("keys", "Shift+C is a hotkey of VLC's own, too (key-frame-next)")
    assert "[vlc]" in result.finding.cure


def test_a_daemon_that_is_not_started_at_login(account):
    xdg.remove()
    mended("login", "is not started at login")


def test_a_daemon_that_is_started_at_login_twice(account, monkeypatch):
    monkeypatch.setattr(systemd, "run", lambda *words, check=True: subprocess.CompletedProcess(words, 0, "", ""))
    systemd.install(service.command(), {})
    mended("login", "twice")


def test_a_login_that_starts_another_installation(account):
    xdg.install(["/opt/elsewhere/bin/python", "-m", "cinepalette", "run"], {})
    mended("login", "/opt/elsewhere/bin/python")


def test_a_daemon_that_has_stopped(account, monkeypatch):
    monkeypatch.setattr(process, "watched", lambda chosen: [])
    result = the_one("daemon", "is not running")
    assert result.finding.mend


def test_a_daemon_of_an_older_version(account):
    os.utime(config.load().inbox / ".daemon.pid", (1, 1))
    the_one("daemon", "before this version was installed")
    (result,) = found(fix=True)
    assert result.mended


def test_a_full_disk(account, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9 - 10**6, 10**6))
    result = the_one("disk", "1 MB are left")
    assert "Make room" in result.finding.cure


def test_a_session_that_cannot_be_read(account):
    folder = config.load().output / "Nausicaä 2026-11-20"
    folder.mkdir()
    (folder / "session.json").write_text("{half")
    result = the_one("sessions", "Nausicaä 2026-11-20")
    assert "cinepalette add" in result.finding.cure


def test_a_vlc_without_lua(account):
    (account / "root/usr/lib/x86_64-linux-gnu/vlc/plugins/codec").mkdir(parents=True)
    the_one("vlc", "without Lua", root=account / "root")
    lua = account / "root/usr/lib/x86_64-linux-gnu/vlc/plugins/lua"
    lua.mkdir()
    (lua / "liblua_plugin.so").touch()
    assert found(root=account / "root") == []


def test_a_vlc_that_is_too_old(account, monkeypatch):
    monkeypatch.setattr(player, "_version", lambda: "2.2.8")
    the_one("vlc", "VLC 2.2.8 is too old")


def test_no_vlc_at_all(account):
    result = the_one("vlc", "no VLC", vlcs=())
    assert "videolan.org" in result.finding.cure


def test_a_wayland_session_where_keys_do_not_arrive(account):
    result = the_one("wayland", "Wayland session without X", environ={"XDG_SESSION_TYPE": "wayland"})
    assert "XWayland" in result.finding.cure
    assert found(environ={"XDG_SESSION_TYPE": "wayland", "DISPLAY": ":0"}) == []


def test_letters_that_no_font_has(account, monkeypatch):
    titles = [(None, Namespace(title="風の谷のナウシカ"))]
    monkeypatch.setattr("cinepalette.session.store.Store.sessions", lambda self: titles)
    monkeypatch.setattr("cinepalette.install.doctor.places._has_font", lambda char: ord(char) < 0x3000)
    monkeypatch.setattr(shutil, "which", lambda name, path=None: f"/usr/bin/{name}")
    (result,) = [one for one in found() if one.check.name == "fonts"]
    assert "Install fonts" in result.finding.cure


def test_a_command_that_leads_to_nothing(account):
    link = account / ".local/bin/cinepalette"
    link.unlink()
    link.symlink_to(account / "gone")
    mended("command", "leads to nothing")


def test_a_mistake_in_the_settings(account):
    paths.config_file().parent.mkdir(parents=True, exist_ok=True)
    paths.config_file().write_text("[palette]\nswatches = 1000\n")
    result = the_one("settings", "swatches")
    assert result.finding.cure == f"Correct it in {paths.config_file()}."


def test_the_environment_is_made_again_from_the_programs_own_copy(account, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(paths.environment_dir()))
    the_one("environment", "is gone")
    door = places.source_folder() / "install.py"
    door.parent.mkdir(parents=True)
    door.touch()
    made: list[Path] = []
    monkeypatch.setattr(judging, "damage", lambda environment: "" if made else "has lost 3 of its files")
    monkeypatch.setattr(making, "make", lambda environment, source: made.append(source.top))
    mended("environment", "has lost 3 of its files")
    assert made == [places.source_folder()]


def test_a_package_that_is_gone_is_said_in_one_line_with_what_mends_it(home, tmp_path):
    """A daemon/ without the packages that it needs, as after half of the environment was deleted."""
    clean = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(TOP / "daemon")}
    words = [sys.executable, "-S", "-m", "cinepalette", "status"]
    done = subprocess.run(words, env=clean, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "damaged (No module named" in done.stderr
    assert "Traceback" not in done.stderr


def test_at_its_start_the_daemon_writes_the_plugins_settings_and_logs_the_rest(account, caplog):
    paths.config_file().parent.mkdir(parents=True, exist_ok=True)
    paths.config_file().write_text('[vlc]\ntake = ["f9"]\n')
    vlc().vlcrc.write_bytes(b"volume=300\n")
    caplog.set_level("INFO")
    doctor.at_start(config.load())
    assert plugin.has_settings(vlc().lua, config.load())
    assert "the word that starts the plugin is missing" in caplog.text
    assert vlc().vlcrc.read_bytes() == b"volume=300\n"


def test_a_second_setup_looks_at_nothing_of_the_users_own(account, monkeypatch, tmp_path, caplog):
    vlc().vlcrc.write_bytes(b"")
    monkeypatch.setenv("CINEPALETTE_OUTPUT", str(tmp_path))
    (tmp_path / "Inbox").mkdir()
    doctor.at_start(config.load())
    assert caplog.text == ""


def test_a_check_that_fails_itself_keeps_no_other_from_being_made(account, monkeypatch):
    def refuse(data):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(vlcrc, "has", refuse)
    xdg.remove()
    assert {result.check.name for result in found()} == {"token", "login"}


def test_the_command_says_what_it_found_and_what_to_do(account, capsys):
    assert command.doctor(Namespace(fix=False, json=False)) == 0
    assert str(account / "collage.png") in capsys.readouterr().out
    vlc().vlcrc.write_bytes(b"")
    assert command.doctor(Namespace(fix=False, json=False)) == 1
    said = capsys.readouterr().out
    assert "✗ token: VLC: the word that starts the plugin is missing" in said
    assert "cinepalette doctor --fix" in said
    assert command.doctor(Namespace(fix=True, json=False)) == 0
    said = capsys.readouterr().out
    assert "✓ token" in said
    assert "All is well" in said


def test_its_json_is_for_programs(account, capsys):
    vlc().vlcrc.write_bytes(b"")
    assert command.doctor(Namespace(fix=False, json=True)) == 1
    facts = json.loads(capsys.readouterr().out)
    assert not facts["ok"]
    (finding,) = facts["findings"]
    assert (finding["check"], finding["mended"]) == ("token", False)


def test_every_check_stands_in_the_table_from_symptom_to_cure():
    page = (TOP / "daemon/docs/doctor.md").read_text(encoding="utf-8")
    assert doctor.table() in page, "daemon/docs/doctor.py writes it anew"
    assert len(doctor.CHECKS) >= 16
    for check in doctor.CHECKS:
        assert check.symptom
        assert check.subject
        assert check.mends or check.cure, "whatever does not mend itself says who does"
    assert program_checks.ENVIRONMENT in doctor.CHECKS
