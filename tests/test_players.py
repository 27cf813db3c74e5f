"""Where VLC's files are on each system, on homes that are built for the case."""

from pathlib import Path

import pytest
from cinepalette import paths
from cinepalette.install import players
from cinepalette.install.players import Vlc, vlcs


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


def touched(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_debians_vlc_is_found_before_it_has_ever_run(home, root):
    touched(root / "usr/bin/vlc")
    assert vlcs("linux", home, {"PATH": ""}, root) == (
        Vlc("VLC", home / ".config/vlc/vlcrc", home / ".local/share/vlc/lua"),
    )


def test_a_vlc_somewhere_on_the_path_is_found(home, root, tmp_path):
    program = touched(tmp_path / "opt/vlc")
    program.chmod(0o755)
    assert [vlc.name for vlc in vlcs("linux", home, {"PATH": str(program.parent)}, root)] == ["VLC"]


def test_no_vlc_gives_nothing(home, root):
    for system in ("linux", "darwin", "win32"):
        assert vlcs(system, home, {"PATH": "", "APPDATA": str(home / "AppData/Roaming")}, root) == ()


def test_folders_that_the_user_has_moved_are_followed_and_relative_ones_ignored(home, root):
    touched(root / "usr/bin/vlc")
    environ = {"PATH": "", "XDG_CONFIG_HOME": "/elsewhere/config", "XDG_DATA_HOME": "data"}
    (vlc,) = vlcs("linux", home, environ, root)
    assert vlc.vlcrc == Path("/elsewhere/config/vlc/vlcrc")
    assert vlc.lua == home / ".local/share/vlc/lua"


def test_a_flatpak_beside_the_systems_own_is_found_too(home, root):
    touched(root / "usr/bin/vlc")
    (root / "var/lib/flatpak/app/org.videolan.VLC").mkdir(parents=True)
    own, flatpak = vlcs("linux", home, {"PATH": ""}, root)
    assert own.name == "VLC"
    sandbox = home / ".var/app/org.videolan.VLC"
    assert (flatpak.vlcrc, flatpak.lua) == (sandbox / "config/vlc/vlcrc", sandbox / "data/vlc/lua")


def test_a_snap_that_has_run_is_found_and_one_that_has_not_says_so(home, root):
    (root / "snap/vlc/current").mkdir(parents=True)
    (vlc,) = vlcs("linux", home, {"PATH": ""}, root)
    assert "start it once" in vlc.problem
    (home / "snap/vlc/4000").mkdir(parents=True)
    (home / "snap/vlc/current").symlink_to("4000")
    (vlc,) = vlcs("linux", home, {"PATH": ""}, root)
    folder = home / "snap/vlc"
    assert (vlc.vlcrc, vlc.lua) == (folder / "common/vlcrc", folder / "current/.local/share/vlc/lua")


def test_snaps_program_on_the_path_is_not_taken_for_the_systems_own(home, root):
    program = touched(root / "snap/bin/vlc")
    program.chmod(0o755)
    (home / "snap/vlc/current").mkdir(parents=True)
    assert [vlc.name for vlc in vlcs("linux", home, {"PATH": str(program.parent)}, root)] == ["VLC (snap)"]


def test_macos(home, root):
    (root / "Applications/VLC.app").mkdir(parents=True)
    (vlc,) = vlcs("darwin", home, {}, root)
    assert vlc.vlcrc == home / "Library/Preferences/org.videolan.vlc/vlcrc"
    assert vlc.lua == home / "Library/Application Support/org.videolan.vlc/lua"


def windows(home: Path, root: Path) -> dict[str, str]:
    return {
        "APPDATA": str(home / "AppData/Roaming"),
        "LOCALAPPDATA": str(home / "AppData/Local"),
        "ProgramFiles": str(root / "Program Files"),
        "PATH": "",
    }


def test_windows(home, root):
    touched(root / "Program Files/VideoLAN/VLC/vlc.exe")
    (vlc,) = vlcs("win32", home, windows(home, root), root)
    assert vlc == Vlc("VLC", home / "AppData/Roaming/vlc/vlcrc", home / "AppData/Roaming/vlc/lua")


def test_a_portable_vlc_keeps_its_files_beside_itself(home, root):
    program = touched(root / "Program Files/VideoLAN/VLC/vlc.exe")
    portable = program.parent / "portable"
    portable.mkdir()
    (vlc,) = vlcs("win32", home, windows(home, root), root)
    assert (vlc.vlcrc, vlc.lua) == (portable / "vlcrc", portable / "lua")


def test_the_microsoft_stores_vlc_is_named_with_what_stands_against_it(home, root):
    (home / "AppData/Local/Packages/VideoLAN.VLC_paz6r1rewnh0a").mkdir(parents=True)
    (vlc,) = vlcs("win32", home, windows(home, root), root)
    assert "videolan.org" in vlc.problem


def test_a_portable_vlc_that_was_unpacked_in_downloads_is_found(home, root):
    touched(home / "Downloads/vlc-3.0.24/vlc.exe")
    (home / "Downloads/vlc-3.0.24/portable").mkdir()
    (vlc,) = vlcs("win32", home, windows(home, root), root)
    assert vlc.vlcrc == home / "Downloads/vlc-3.0.24/portable/vlcrc"


def test_portableapps_keeps_its_settings_with_its_data(home, root):
    app = root / "PortableApps/VLCPortable"
    touched(app / "App/vlc/vlc.exe")
    (vlc,) = vlcs("win32", home, windows(home, root), root)
    assert (vlc.vlcrc, vlc.lua) == (app / "Data/settings/vlcrc", app / "App/vlc/lua")


def test_an_appimage_shares_the_files_of_the_systems_own_vlc(home, root):
    touched(home / "Applications/VLC-3.0.21-x86_64.AppImage")
    (vlc,) = vlcs("linux", home, {"PATH": ""}, root)
    assert (vlc.vlcrc, vlc.lua) == (home / ".config/vlc/vlcrc", home / ".local/share/vlc/lua")
    touched(root / "usr/bin/vlc")
    assert [one.name for one in vlcs("linux", home, {"PATH": ""}, root)] == ["VLC"]


def test_an_appimage_with_a_home_of_its_own_keeps_its_files_there(home, root):
    image = touched(home / "Downloads/vlc.appimage")
    own = image.with_name("vlc.appimage.home")
    own.mkdir()
    (vlc,) = vlcs("linux", home, {"PATH": ""}, root)
    assert (vlc.vlcrc, vlc.lua) == (own / ".config/vlc/vlcrc", own / ".local/share/vlc/lua")
    image.with_name("vlc.appimage.config").mkdir()
    (vlc,) = vlcs("linux", home, {"PATH": ""}, root)
    assert vlc.vlcrc == image.with_name("vlc.appimage.config") / "vlc/vlcrc"


def test_several_vlcs_at_once_each_have_their_own_files(home, root):
    touched(root / "usr/bin/vlc")
    (root / "var/lib/flatpak/app/org.videolan.VLC").mkdir(parents=True)
    (home / "snap/vlc/current").mkdir(parents=True)
    image = touched(home / "Downloads/VLC.AppImage")
    image.with_name("VLC.AppImage.home").mkdir()
    found = vlcs("linux", home, {"PATH": ""}, root)
    assert [vlc.name for vlc in found] == ["VLC", "VLC (AppImage, VLC.AppImage)", "VLC (flatpak)", "VLC (snap)"]
    assert len({vlc.vlcrc for vlc in found}) == len({vlc.lua for vlc in found}) == 4


def test_each_vlc_says_into_which_inbox_it_may_write(home, root):
    (root / "var/lib/flatpak/app/org.videolan.VLC").mkdir(parents=True)
    (home / "snap/vlc/current").mkdir(parents=True)
    flatpak, snap = vlcs("linux", home, {"PATH": ""}, root)
    for vlc in (flatpak, snap):
        assert vlc.cannot_write(home / "Pictures/Cinepalette/Inbox") == ""
    assert flatpak.cannot_write(Path("/mnt/films/Inbox")) == ""
    assert "a /tmp of its own" in flatpak.cannot_write(Path("/tmp/Inbox"))
    assert "in your home only" in snap.cannot_write(Path("/mnt/films/Inbox"))
    assert "hidden folders" in snap.cannot_write(home / ".stills/Inbox")


@pytest.mark.parametrize("flavor", players.FLAVORS, ids=lambda flavor: flavor.name)
def test_where_nothing_is_no_flavor_finds_anything_and_nothing_comes_into_being(home, root, flavor):
    machine = players.Machine(home, {"PATH": ""}, root)
    assert list(flavor.find(machine)) == []
    assert not root.exists()
    assert list(home.iterdir()) == []


def test_our_own_places_are_below_the_home(home):
    for path in (paths.config_file(), paths.environment_dir(), paths.log_file(), paths.cache_dir(), paths.output_dir()):
        assert path.is_relative_to(home)


def test_the_output_folder_is_in_the_pictures_folder_that_the_desktop_names(home, monkeypatch):
    monkeypatch.delenv("XDG_PICTURES_DIR", raising=False)
    (home / ".config").mkdir()
    (home / ".config/user-dirs.dirs").write_text('XDG_PICTURES_DIR="$HOME/Bilder"\n')
    assert paths.output_dir() == home / "Bilder/Cinepalette"


def test_the_plugins_files_are_found():
    assert (players.plugin_source() / "modules/cinepalette").is_dir()
