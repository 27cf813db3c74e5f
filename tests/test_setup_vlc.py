"""What setting up does to VLC's own files, with a real VLC reading and writing them."""

from pathlib import Path

from cinepalette import config
from cinepalette.install import plugin, vlcrc
from real_vlc import VLC, Desktop, give, wait_for, write_film

# Another add-on's interface: it says that it runs, and changes a setting, so that VLC writes its file when it ends.
OTHER = """
vlc.config.set("video-title-timeout", 4711)
local mark = io.open(vlc.config.userdatadir() .. "/other-runs", "w")
mark:write("yes")
mark:close()
"""


def test_another_addons_interface_runs_beside_ours_and_vlcs_own_writing_costs_nobody_anything(tmp_path: Path):
    film = write_film(tmp_path / "Bars.mp4", seconds=30)
    settings = {"extraintf": "oldrc:luaintf", "lua-intf": "other"}
    with Desktop() as desktop, VLC(desktop, film, vlcrc=settings, plugin=False) as vlc:
        # It is set up while it is closed: of two VLCs the one without the plugin may get the keys.
        vlc.kill()
        (vlc.lua / "intf").mkdir(parents=True)
        (vlc.lua / "intf/other.lua").write_text(OTHER)
        before = vlc.vlcrc.read_bytes()
        plugin.install(vlc.lua)
        plugin.write_settings(vlc.lua, config.load({"CINEPALETTE_INBOX": str(vlc.inbox)}))
        vlc.vlcrc.write_bytes(vlcrc.add(before))
        give(vlc.home)

        vlc.start()
        vlc.wait_playing()
        wait_for((vlc.lua.parent / "other-runs").exists, "the other add-on")
        desktop.press("shift+c")
        vlc.wait_stills(1)
        vlc.quit()

        written = vlc.vlcrc.read_bytes()
        assert b"\nvideo-title-timeout=4711\n" in written, "VLC has written its settings"
        assert vlcrc.has(written)
        after = vlcrc.remove(written, before)
        assert after == written.replace(b":" + vlcrc.TOKEN, b"")
        assert b"\nextraintf=oldrc:luaintf\n" in after
        plugin.remove(vlc.lua)
        assert [path.name for path in vlc.lua.rglob("*") if path.is_file()] == ["other.lua"]
