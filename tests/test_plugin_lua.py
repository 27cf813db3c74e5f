"""The plugin's modules under every Lua that VLC is built with, against a stand-in for VLC's own table."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LUA = HERE / "lua"
PLUGIN = HERE.parent / "plugin" / "lua"

LUAS = [name for name in ("lua5.1", "lua5.2", "lua5.3", "lua5.4") if shutil.which(name)]
"""VideoLAN's builds have 5.1, Debian's and the snap 5.2, the flatpak 5.3; 5.4 is what comes next."""


@pytest.mark.parametrize("name", sorted(path.stem for path in LUA.glob("test_*.lua")))
@pytest.mark.parametrize("lua", LUAS)
def test_the_modules_do_what_they_say(lua, name, tmp_path):
    command = [lua, LUA / "run.lua", PLUGIN / "modules", LUA, name]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr


def test_some_lua_is_there_to_test_with():
    assert LUAS, "apt install lua5.1 lua5.2 lua5.3 lua5.4"


def test_luacheck_finds_nothing():
    files = sorted([*PLUGIN.rglob("*.lua"), *LUA.glob("*.lua")])
    command = ["luacheck", "--no-color", "--std", "min", "--max-line-length", "120", "--globals", "vlc", "--", *files]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout
