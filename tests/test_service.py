"""The daemon at login, on each system: what is written, what is asked of the system, what is left."""

import plistlib
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from cinepalette.errors import SetupError
from cinepalette.install import service
from cinepalette.install.service import common, launchd, systemd, windows, xdg

COMMAND = ["/home/u/my data/venv/bin/python", "-m", "cinepalette", "run"]


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """The system's commands, recorded and all of them successful."""
    commands: list[str] = []

    def run(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        commands.append(" ".join(command))
        return subprocess.CompletedProcess(command, 0, "\tstate = running\n", "")

    for module in (systemd, launchd):
        monkeypatch.setattr(module, "run", run)
    return commands


@pytest.fixture
def registry(monkeypatch) -> dict[str, str]:
    """A stand-in for the user's Run key."""
    values: dict[str, str] = {}

    class Key:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

    def missing_as_windows_says(action):
        def wrapped(_key, name):
            if name not in values:
                raise FileNotFoundError(2, "The system cannot find the file specified", name)
            return action(name)

        return wrapped

    winreg = SimpleNamespace(
        HKEY_CURRENT_USER=1,
        REG_SZ=1,
        CreateKey=lambda root, path: Key(),
        SetValueEx=lambda key, name, reserved, kind, value: values.__setitem__(name, value),
        DeleteValue=missing_as_windows_says(values.pop),
        QueryValueEx=missing_as_windows_says(lambda name: (values[name], 1)),
    )
    monkeypatch.setitem(sys.modules, "winreg", winreg)
    return values


def test_every_system_has_the_same_verbs(monkeypatch):
    monkeypatch.setattr(systemd, "is_usable", lambda: True)
    for system in ("linux", "darwin", "win32"):
        module = service.current(system)
        for verb in ("install", "remove", "start", "is_installed", "name"):
            assert callable(getattr(module, verb)), f"{module.__name__}.{verb}"


def test_without_a_user_bus_linux_has_the_autostart_entry(monkeypatch):
    monkeypatch.setattr(systemd, "is_usable", lambda: False)
    assert service.current("linux") is xdg
    assert service.all_here("linux") == (systemd, xdg)


def test_systemd_gets_a_unit_that_says_what_to_run(home, asked):
    systemd.install(COMMAND, {"CINEPALETTE_OUTPUT": '/data/50% "films"'})
    unit = (home / ".config/systemd/user/cinepalette.service").read_text()
    assert 'ExecStart="/home/u/my data/venv/bin/python" "-m" "cinepalette" "run"\n' in unit
    assert r'Environment="CINEPALETTE_OUTPUT=/data/50%% \"films\""' + "\n" in unit
    assert "@" not in unit
    assert asked == ["systemctl --user daemon-reload", "systemctl --user enable cinepalette.service"]
    assert systemd.is_installed()


def test_systemd_agrees_that_the_unit_is_one(home, asked, tmp_path):
    systemd.install([sys.executable, "-m", "cinepalette", "run"], {"CINEPALETTE_INBOX": "/a b"})
    try:
        checked = subprocess.run(
            ["systemd-analyze", "--user", "verify", str(systemd.path())], capture_output=True, text=True, timeout=60
        )
    except FileNotFoundError:
        # Where there is no systemd nobody reads the unit either.
        return
    assert "cinepalette.service" not in checked.stderr


def test_systemd_starts_what_is_registered_and_nothing_else(home, asked):
    assert not systemd.start()
    systemd.install(COMMAND, {})
    assert systemd.start()
    assert asked[-1] == "systemctl --user restart cinepalette.service"
    # As systemd enables it; where it answers no more, nobody else takes the link away.
    wanted = systemd.path().parent / "default.target.wants/cinepalette.service"
    wanted.parent.mkdir()
    wanted.symlink_to(systemd.path())
    systemd.remove()
    assert not wanted.is_symlink()
    assert "systemctl --user disable --now cinepalette.service" in asked
    assert not systemd.is_installed()
    assert not list(home.rglob("*.service"))


def test_the_autostart_entry_can_be_run_as_the_desktop_runs_it(home):
    xdg.install([*COMMAND, 'odd "$`\\%'], {"CINEPALETTE_INBOX": "/a b"})
    entry = (home / ".config/autostart/cinepalette.desktop").read_text()
    (line,) = [line for line in entry.splitlines() if line.startswith("Exec=")]
    # A desktop file's string first, its field codes next, its quoting last, which for these is the shell's.
    words = shlex.split(line.removeprefix("Exec=").replace("\\\\", "\\").replace("%%", "%").replace("\\`", "`"))
    words = [word.replace("\\$", "$") for word in words]
    assert words == ["env", "CINEPALETTE_INBOX=/a b", *COMMAND, 'odd "$`\\%']
    assert "@" not in entry
    assert not xdg.start()
    xdg.remove()
    assert not xdg.is_installed()
    xdg.remove()


def test_launchd_gets_an_agent(home, asked):
    command = ["/Users/u/R&D/python", "-m", "cinepalette", "run"]
    launchd.install(command, {"CINEPALETTE_INBOX": "/a <b>"})
    agent = plistlib.loads((home / "Library/LaunchAgents/cinepalette.plist").read_bytes())
    assert agent["Label"] == "cinepalette"
    assert agent["ProgramArguments"] == command
    assert agent["EnvironmentVariables"] == {"CINEPALETTE_INBOX": "/a <b>"}
    assert agent["RunAtLoad"] is True
    assert launchd.start()
    assert asked[-1].startswith("launchctl bootstrap gui/")
    assert launchd.is_installed()
    launchd.remove()
    assert not launchd.is_installed()


def test_windows_starts_it_without_a_console(registry, tmp_path):
    python = tmp_path / "my data" / "python.exe"
    python.parent.mkdir()
    python.touch()
    python.with_name("pythonw.exe").touch()
    windows.install([str(python), "-m", "cinepalette", "run"], {})
    assert registry == {"Cinepalette": f'"{python.with_name("pythonw.exe")}" -m cinepalette run'}
    assert windows.is_installed()
    windows.remove()
    assert registry == {}
    assert not windows.is_installed()
    windows.remove()


def test_what_the_system_says_reaches_the_user():
    with pytest.raises(SetupError, match="no such thing here"):
        common.run(sys.executable, "-c", "import sys; sys.exit('no such thing here')")
    with pytest.raises(SetupError, match="/nowhere/systemctl"):
        common.run("/nowhere/systemctl")
    assert common.run("/nowhere/systemctl", check=False).returncode != 0


def test_a_second_setup_does_not_start_the_users_own_daemon(monkeypatch, tmp_path: Path):
    monkeypatch.setattr(service, "current", lambda: pytest.fail("the user's own daemon was asked for"))
    monkeypatch.setenv("CINEPALETTE_INBOX", str(tmp_path))
    assert not service.start()


@pytest.mark.parametrize("module", [systemd, xdg, launchd, windows], ids=lambda module: module.__name__)
def test_what_is_registered_is_read_again_as_it_was_written(home, asked, registry, module):
    odd = ["/home/u/my $data 100%/R&D/python", "-m", "cinepalette", "run"]
    assert module.registered() is None
    module.install(odd, {} if module is windows else {"CINEPALETTE_INBOX": "/a b"})
    assert module.registered() == odd
    module.remove()
    assert module.registered() is None


def test_status_says_whether_login_starts_this_installation(home, asked, monkeypatch):
    monkeypatch.setattr(systemd, "is_usable", lambda: False)
    assert "not started at login" in service.registration().text
    xdg.install(service.command(), {})
    assert service.registration().text == "started at login (autostart entry)"
    systemd.install(service.command(), {})
    assert "twice" in service.registration().text
    systemd.remove()
    xdg.install(["/opt/other/bin/python", "-m", "cinepalette", "run"], {})
    assert "another installation at login (/opt/other/bin/python)" in service.registration().text


def test_windows_registration_is_ours_with_the_python_that_opens_no_console(registry, monkeypatch, tmp_path):
    python = tmp_path / "python.exe"
    for name in ("python.exe", "pythonw.exe"):
        (tmp_path / name).touch()
    monkeypatch.setattr(service, "all_here", lambda: (windows,))
    monkeypatch.setattr(service, "command", lambda: [str(python), "-m", "cinepalette", "run"])
    windows.install(service.command(), {})
    assert "pythonw.exe" in registry["Cinepalette"]
    assert service.registration().text == "started at login (Run key)"
