"""Our files among strangers' in VLC's Lua folder."""

import json
import stat
from pathlib import Path

import pytest
from cinepalette import config
from cinepalette.errors import SetupError
from cinepalette.install import doctor, players, plugin, records

OURS = {"intf/cinepalette.lua": "-- listener 1\n", "modules/cinepalette/still.lua": "return {}\n"}


@pytest.fixture
def source(tmp_path: Path, monkeypatch) -> Path:
    """This version's files, two of them."""
    folder = tmp_path / "source"
    write(folder, OURS)
    monkeypatch.setattr(players, "plugin_source", lambda: folder)
    return folder


@pytest.fixture
def lua(home: Path) -> Path:
    return home / ".local/share/vlc/lua"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def tree(folder: Path) -> dict[str, str]:
    """All files below a folder, and the empty folders as None."""
    return {
        path.relative_to(folder).as_posix(): path.read_text() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
        if path.is_file() or not any(path.iterdir())
    }


def test_installed_and_taken_away_nothing_is_left(source, lua, home):
    before = tree(home)
    plugin.install(lua)
    assert {name: (lua / name).read_text() for name in OURS} == OURS
    assert plugin.is_current(lua)
    plugin.remove(lua)
    assert tree(home) == before == {}


def test_folders_that_were_there_stay_even_when_they_are_empty(source, lua):
    (lua / "intf").mkdir(parents=True)
    plugin.install(lua)
    plugin.remove(lua)
    assert tree(lua.parent) == {"lua/intf": None}


def test_twice_is_once(source, lua):
    plugin.install(lua)
    once = tree(lua)
    assert plugin.install(lua) == []
    assert tree(lua) == once
    plugin.remove(lua)
    assert not lua.exists()


def test_a_strangers_file_in_our_place_is_kept_and_put_back(source, lua):
    write(lua, {"intf/cinepalette.lua": "-- somebody else's\n", "intf/other.lua": "-- other\n"})
    before = tree(lua)
    assert plugin.install(lua) == ["cinepalette.lua.before-cinepalette"]
    assert (lua / "intf/cinepalette.lua").read_text() == OURS["intf/cinepalette.lua"]
    plugin.install(lua)
    plugin.remove(lua)
    assert tree(lua) == before


def test_a_new_version_replaces_the_old_one_and_removes_what_it_no_longer_has(source, lua):
    plugin.install(lua)
    (source / "modules/cinepalette/still.lua").rename(source / "modules/cinepalette/shot.lua")
    (source / "intf/cinepalette.lua").write_text("-- listener 2\n")
    assert not plugin.is_current(lua)
    assert plugin.install(lua) == []
    assert (lua / "intf/cinepalette.lua").read_text() == "-- listener 2\n"
    assert sorted(path.name for path in lua.rglob("*.lua")) == ["cinepalette.lua", "shot.lua"]
    plugin.remove(lua)
    assert not lua.exists()


def test_what_somebody_has_changed_is_kept_aside_by_a_new_version(source, lua):
    plugin.install(lua)
    (lua / "intf/cinepalette.lua").write_text("-- my own keys\n")
    assert plugin.install(lua) == ["cinepalette.lua.before-cinepalette"]
    assert (lua / "intf/cinepalette.lua.before-cinepalette").read_text() == "-- my own keys\n"


def test_what_somebody_has_changed_is_left_when_the_rest_goes(source, lua):
    plugin.install(lua)
    (lua / "intf/cinepalette.lua").write_text("-- my own keys\n")
    assert plugin.remove(lua) == ["intf/cinepalette.lua"]
    assert tree(lua) == {"intf/cinepalette.lua": "-- my own keys\n"}


def test_an_interrupted_installation_can_be_finished_and_undone(source, lua, home, monkeypatch):
    write(lua, {"modules/cinepalette/still.lua": "-- somebody else's\n"})
    before = tree(home)
    whole = plugin.write_whole

    def full_disk(path, data):
        if path.name == "still.lua":
            raise OSError(28, "No space left on device")
        whole(path, data)

    monkeypatch.setattr(plugin, "write_whole", full_disk)
    with pytest.raises(OSError, match="No space"):
        plugin.install(lua)
    monkeypatch.setattr(plugin, "write_whole", whole)
    assert not plugin.is_current(lua)
    plugin.install(lua)
    assert plugin.is_current(lua)
    plugin.remove(lua)
    assert tree(home) == before


def test_taking_away_what_was_never_there_does_nothing(source, lua, home):
    write(lua, {"intf/cinepalette.lua": "-- somebody else's\n"})
    before = tree(home)
    assert plugin.remove(lua) == []
    assert tree(home) == before


def test_a_damaged_record_is_said_and_not_guessed_at(source, lua):
    plugin.install(lua)
    (lua / records.RECORD_NAME).write_text("{")
    with pytest.raises(SetupError, match="cannot be read"):
        plugin.install(lua)


def test_only_the_user_may_read_the_record_which_can_hold_passwords(source, lua):
    plugin.install(lua)
    records.save(lua, records.Record(vlcrc_seen=True, vlcrc_before=b"http-password=x\n"))
    assert stat.S_IMODE((lua / records.RECORD_NAME).stat().st_mode) == 0o600
    assert records.load(lua).vlcrc_before == b"http-password=x\n"


def test_the_plugins_settings_name_the_inbox_and_the_keys(source, lua, home, tmp_path):
    file = tmp_path / "config.toml"
    file.write_text('[vlc]\ntake = ["ctrl+f9"]\noverlay_seconds = 5\n')
    inbox = home / "Bücher/Inbox"
    chosen = config.load({"CINEPALETTE_CONFIG": str(file), "CINEPALETTE_INBOX": str(inbox)})
    plugin.install(lua)
    plugin.write_settings(lua, chosen)
    written = json.loads((lua / "cinepalette.json").read_text(encoding="utf-8"))
    assert (written["v"], written["inbox"]) == (1, str(inbox))
    assert written["keys"]["take"] == ["ctrl+f9"]
    assert written["overlay"] == {"show": True, "seconds": 5.0, "position": "bottom"}
    plugin.remove(lua)
    assert not lua.exists()


def test_the_daemon_refreshes_settings_only_where_the_plugin_is(source, lua, home, monkeypatch):
    (home / ".config/vlc").mkdir(parents=True)
    (home / ".config/vlc/vlcrc").touch()
    chosen = config.load()
    doctor.at_start(chosen)
    assert not lua.exists()
    plugin.install(lua)
    doctor.at_start(chosen)
    assert plugin.has_settings(lua, chosen)
    monkeypatch.setenv("CINEPALETTE_INBOX", str(home / "second"))
    doctor.at_start(config.load())
    assert plugin.has_settings(lua, chosen)
