"""install.py, the door: what it needs, what it says, and once the whole way through it."""

import ast
import importlib.util
import json
import os
import pwd
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from cinepalette import paths
from cinepalette.install import players, vlcrc
from cinepalette.install.environment import journal, judging, making, places, terminal
from cinepalette.install.environment.source import Source
from cinepalette.install.service import launchd, systemd, xdg
from platformdirs.macos import MacOS

import install

TOP = Path(__file__).resolve().parents[1]


def run_door(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """install.py as a person starts it, in a home of its own and out of reach of this desktop's user bus."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("SUDO_", "XDG_", "DBUS_"))}
    own = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "none"), "PATH": f"{home}/.local/bin:{outside['PATH']}"}
    return subprocess.run(
        [sys.executable, str(TOP / "install.py"), *words],
        env={**outside, **own, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def traces() -> list[Path]:
    """What building leaves in a checkout when nobody takes care."""
    return [path for path in (TOP / "build", TOP / "dist", *TOP.rglob("*.egg-info")) if path.exists()]


@pytest.mark.parametrize("door", [TOP / "install.py", TOP / "tests" / "__main__.py"])
def test_a_bare_python_is_enough(door):
    for node in ast.walk(ast.parse(door.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert {alias.name.split(".")[0] for alias in node.names} <= {*sys.stdlib_module_names, "install"}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            assert node.module.split(".")[0] in {*sys.stdlib_module_names, "cinepalette"}


def test_the_rooms_that_the_door_uses_need_nothing_installed(tmp_path):
    """A Python without any packages imports them, and leaves nothing in the checkout."""
    rooms = ("journal", "judging", "making", "places", "source", "terminal")
    names = ["cinepalette.install.players", *(f"cinepalette.install.environment.{room}" for room in rooms)]
    program = f"import sys; sys.path.insert(0, {str(TOP / 'daemon')!r}); import {', '.join(names)}"
    done = subprocess.run([sys.executable, "-I", "-S", "-B", "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_the_environment_is_where_the_program_in_it_looks_for_it(home, monkeypatch):
    assert places.data_folder() / "venv" == paths.environment_dir()
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "elsewhere"))
    assert places.data_folder() / "venv" == paths.environment_dir()
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert places.data_folder() == MacOS("cinepalette", appauthor=False).user_data_path
    monkeypatch.setattr(sys, "platform", "win32")
    assert places.data_folder() == home / "AppData/Local/cinepalette"


def test_under_sudo_it_says_to_whom_it_belongs(home):
    if os.geteuid() != 0:
        assert not install.is_root()
        return
    done = run_door(home, SUDO_USER="karl")
    assert done.returncode == 2
    assert "without sudo" in done.stderr
    assert run_door(home, "--dry-run", SUDO_USER="root").returncode == 0


def test_an_old_python_gets_one_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 6, 9, "final", 0))
    monkeypatch.setattr(install.shutil, "which", lambda name: None)
    assert install.main([]) == 2
    assert capsys.readouterr().err == "install.py: Python 3.11 or later is needed, and this is 3.6\n"
    monkeypatch.setattr(install.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "python3.12" else None)
    assert install.main([]) == 2
    assert capsys.readouterr().err.endswith("and this is 3.6: run python3.12 install.py\n")


def test_even_python_3_6_can_read_the_door():
    text = (TOP / "install.py").read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, 6))
    assert len(text.splitlines()) <= 350
    # Nothing that 3.6 would stumble over before it can say that it is too old.
    first = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    assert first <= {
        "argparse",
        "contextlib",
        "ctypes",
        "importlib",
        "importlib.util",
        "os",
        "shutil",
        "subprocess",
        "sys",
    }
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.NamedExpr | ast.AnnAssign)]
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.returns]


@pytest.fixture
def debian(monkeypatch) -> None:
    """A Debian that has apt, sudo and root's rights for us."""
    monkeypatch.setattr(install, "is_root", lambda: True)
    monkeypatch.setattr(install.shutil, "which", lambda name: f"/usr/bin/{name}")


def test_who_may_not_install_gets_the_line_to_type(debian, monkeypatch):
    monkeypatch.setattr(install, "is_root", lambda: False)
    monkeypatch.setattr(install, "may_sudo", lambda: False)
    with pytest.raises(places.Stop, match="sudo sh -c 'apt update && apt install python3-venv vlc'") as stop:
        install.bring(lambda: ["python3-venv", "vlc"])
    assert stop.value.code == 2
    monkeypatch.setattr(install.shutil, "which", lambda name: None if name == "sudo" else f"/usr/bin/{name}")
    with pytest.raises(places.Stop, match="    su -c 'apt update && apt install vlc'"):
        install.bring(lambda: ["vlc"])


def test_where_there_is_no_apt_the_systems_own_words_are_used(debian, monkeypatch):
    monkeypatch.setattr(install.shutil, "which", lambda name: "/usr/bin/dnf" if name == "dnf" else None)
    with pytest.raises(places.Stop, match="    dnf install vlc") as stop:
        install.bring(lambda: ["vlc"])
    assert stop.value.code == 2
    monkeypatch.setattr(install.shutil, "which", lambda name: None)
    with pytest.raises(places.Stop, match="your system's packages"):
        install.bring(lambda: ["vlc"])


@pytest.mark.skipif(sys.platform != "linux", reason="packages are brought on Linux")
def test_a_line_that_must_be_typed_anyway_brings_what_makes_the_environment_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(players, "vlcs", lambda: ["one"])
    monkeypatch.setattr(making, "can_make", lambda wheels=None: False)
    monkeypatch.setattr(shutil, "which", lambda name, **_: "/usr/bin/apt-get" if name == "apt-get" else None)
    for may in ("is_root", "may_sudo"):
        monkeypatch.setattr(install, may, lambda: False)
    monkeypatch.setattr(install, "has_library", lambda name: True)
    assert not any("venv" in name for name in install.missing_packages()), "there are other ways"
    monkeypatch.setattr(install, "has_library", lambda name: False)
    assert "venv" in install.missing_packages()[0]


def test_root_gets_what_is_missing_and_reads_what(debian, monkeypatch, capsys):
    asked: list[list[str]] = []
    monkeypatch.setattr(terminal, "show", lambda what, command, **how: asked.append(command) or True)
    install.bring(lambda: [] if asked else ["python3-venv", "vlc"])
    assert asked[-1][-2:] == ["python3-venv", "vlc"]
    assert "sudo" not in asked[-1]
    assert "python3-venv vlc" in capsys.readouterr().out


def test_nothing_is_asked_of_apt_where_nothing_is_missing(debian, monkeypatch):
    monkeypatch.setattr(terminal, "show", lambda *_, **__: pytest.fail("apt was asked"))
    install.bring(lambda: [])


def test_when_apt_fails_the_line_is_printed(debian, monkeypatch):
    monkeypatch.setattr(terminal, "show", lambda what, command, **how: False)
    with pytest.raises(places.Stop, match="apt install vlc"):
        install.bring(lambda: ["vlc"])


@pytest.fixture
def runner():
    """tests/__main__.py as a module."""
    spec = importlib.util.spec_from_file_location("runner", TOP / "tests" / "__main__.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_test_runner_prints_the_line_and_ends_with_2_where_it_may_not_install(debian, monkeypatch, capsys, runner):
    monkeypatch.setattr(install, "is_root", lambda: False)
    monkeypatch.setattr(install, "may_sudo", lambda: False)
    monkeypatch.setattr(runner, "missing_packages", lambda: ["xvfb", "openbox"])
    assert runner.main([]) == 2
    assert "apt install xvfb openbox" in capsys.readouterr().err


def test_a_dry_run_says_all_and_does_nothing(home):
    done = run_door(home, "--dry-run")
    assert done.returncode == 0, done.stderr
    for what in ("private Python environment", "locked packages", "extraintf", "login", "test collage"):
        assert what in done.stdout
    assert everything(home) == {}


def test_while_vlc_runs_nothing_is_downloaded_and_each_way_says_the_same(home, tmp_path, monkeypatch, capsys):
    (home / ".config/vlc").mkdir(parents=True)
    (home / ".config/vlc/vlcrc").write_bytes(b"volume=256\n")
    # The kernel calls a process by its file's name.
    (tmp_path / "vlc").symlink_to("/bin/sleep")
    running = subprocess.Popen([tmp_path / "vlc", "60"])
    try:
        before = everything(home)
        for words in ((), ("--dry-run",)):
            done = run_door(home, *words)
            assert done.returncode == 1
            assert "VLC is running: close it" in done.stderr
            assert done.stdout == ""
        (home / ".config/vlc/vlcrc").write_bytes(b"extraintf=" + vlcrc.TOKEN + b"\n")
        assert "! VLC is open, and goes by" in run_door(home, "--dry-run").stdout
        done = run_door(home, "--uninstall")
        assert "VLC is running: close it" in done.stderr
        (home / ".config/vlc/vlcrc").write_bytes(b"volume=256\n")
        assert everything(home) == before
    finally:
        running.kill()
        running.wait()


def test_what_is_left_of_a_program_that_was_deleted_by_hand_is_seen(home):
    assert install.traces() == []
    record = home / ".local/share/vlc/lua/cinepalette.installed.json"
    (home / ".config/vlc").mkdir(parents=True)
    (home / ".config/vlc/vlcrc").write_bytes(b"extraintf=" + vlcrc.TOKEN + b"\n")
    record.parent.mkdir(parents=True)
    record.touch()
    xdg.install(["python", "-m", "cinepalette", "run"], {})
    assert set(install.traces()) == {record, home / ".config/vlc/vlcrc", xdg.path()}
    assert {systemd.path(), xdg.path(), launchd.path()} == set(places.registrations())
    done = run_door(home, "--uninstall", "--dry-run")
    assert "would be made again" in done.stdout


def test_without_a_home_the_accounts_own_is_used_and_a_relative_one_is_none(home, monkeypatch):
    account = pwd.getpwuid(os.getuid()).pw_dir
    for named in ("", "relative"):
        monkeypatch.setenv("HOME", named)
        install.settle_home()
        assert os.environ["HOME"] == account
    monkeypatch.delenv("HOME")
    install.settle_home()
    assert os.environ["HOME"] == account
    monkeypatch.delenv("HOME")

    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(install.Path, "home", nobody)
    with pytest.raises(places.Stop, match="set HOME"):
        install.settle_home()


def test_another_python_can_be_named(home, tmp_path):
    other = tmp_path / "python3.12"
    other.write_text('#!/bin/sh\nshift\necho "the other one:" "$@"\n')
    other.chmod(0o755)
    assert run_door(home, "--python", str(other), "--dry-run").stdout == "the other one: --dry-run\n"
    assert run_door(home, f"--python={other}", "--dry-run").stdout == "the other one: --dry-run\n"
    assert run_door(home, "--python", "/nowhere/python").returncode == 2
    # A shortened word is none of ours: it would be handed on to the other Python, which would hand it on again.
    assert "unrecognized arguments: --pyth" in run_door(home, f"--pyth={other}", "--dry-run").stderr


def test_there_is_nothing_to_take_away_where_nothing_is(home):
    done = run_door(home, "--uninstall")
    assert done.returncode == 0
    assert "nothing to take away" in done.stdout


def test_where_an_earlier_version_wrote_nothing_down_folders_with_nothing_but_ours_are_ours(home):
    """0.1.0 made folders and did not say so; a note can be deleted with the program's folder, too."""

    def fill() -> None:
        for name in ("autostart/cinepalette.desktop", "vlc/vlcrc"):
            (home / ".config" / name).parent.mkdir(parents=True)
            (home / ".config" / name).touch()
        for name in (".local/bin", ".local/share/vlc/lua/intf", "Pictures/Cinepalette/Inbox"):
            (home / name).mkdir(parents=True)
        (home / ".local/bin/cinepalette").symlink_to("/nowhere")
        (home / ".local/share/vlc/lua/intf/cinepalette.lua").touch()

    def left() -> list[str]:
        journal.note()
        for name in (".local/bin/cinepalette", ".config/autostart/cinepalette.desktop"):
            (home / name).unlink()
        for name in (".local/share/vlc", "Pictures/Cinepalette"):
            shutil.rmtree(home / name)
        journal.forget()
        return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_dir())

    fill()
    assert left() == [".config", ".config/vlc"]
    shutil.rmtree(home / ".config")
    fill()
    # Somebody's own: a script, an empty folder, what a desktop has made.
    (home / ".local/bin/other").touch()
    (home / ".local/state").mkdir()
    (home / ".config/user-dirs.dirs").touch()
    assert left() == [".config", ".config/vlc", ".local", ".local/bin", ".local/state", "Pictures"]


def test_long_work_shows_its_name_and_when_it_fails_all_it_said(capsys):
    assert terminal.show("a short one", [sys.executable, "-c", "print('chatter')"])
    out = capsys.readouterr().out
    assert "✓ a short one" in out
    assert "chatter" not in out
    with pytest.raises(places.Stop, match="this failed"):
        terminal.show("a failing one", [sys.executable, "-c", "import sys; sys.exit('no space left')"])
    assert "no space left" in capsys.readouterr().err
    no_network = "WARNING: Retrying after connection broken by 'NewConnectionError('...')'"
    for said, cure in ((no_network, "--wheels"), ("OSError: [Errno 28] No space left on device", "make room")):
        with pytest.raises(places.Stop, match=cure):
            terminal.show("packages", [sys.executable, "-c", f"import sys; sys.exit({said!r})"])
    with pytest.raises(places.Stop, match="/nowhere/pip"):
        terminal.show("a missing one", ["/nowhere/pip"])


def test_a_python_that_was_replaced_or_a_changed_lock_asks_for_a_new_environment(tmp_path):
    assert not judging.is_ready(tmp_path, Source(TOP))
    (tmp_path / "cinepalette.mark").write_text("[]")
    assert places.read_mark(tmp_path) == {}
    (tmp_path / "cinepalette.mark").write_text("{half")
    assert places.read_mark(tmp_path) == {}


@pytest.fixture
def environment(tmp_path, monkeypatch) -> Path:
    """An environment with one package in it, which stands for all of them."""
    folder = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=120)
    inside = next(folder.glob("lib/python*/site-packages"))
    (inside / "cinepalette").mkdir()
    (inside / "cinepalette/__init__.py").write_text("# a package\n")
    (inside / "cinepalette-1.dist-info").mkdir()
    record = "cinepalette/__init__.py,sha256=x,12\n../../../bin/cinepalette,sha256=x,300\ncinepalette/x.pyc,,\n"
    (inside / "cinepalette-1.dist-info/RECORD").write_text(record)
    (folder / "bin/cinepalette").write_text("#!/elsewhere/python\n")
    (folder / "cinepalette.mark").write_text(json.dumps({"python": places.this_python(), "source": "x"}))
    monkeypatch.setattr(judging, "IMPORTS", "import cinepalette")
    return folder


def test_an_environment_that_is_whole_has_nothing_said_of_it(environment):
    assert judging.damage(environment) == ""


def test_an_environment_is_judged_by_what_is_in_it(environment):
    def said(break_it) -> str:
        aside = environment.with_name("aside")
        shutil.copytree(environment, aside, symlinks=True)
        break_it()
        words = judging.damage(environment)
        shutil.rmtree(environment)
        aside.rename(environment)
        return words

    inside = next(environment.glob("lib/python*/site-packages"))
    assert "has lost 1 of its files" in said((environment / "bin/cinepalette").unlink)
    assert "has lost 1 of its files" in said(lambda: (inside / "cinepalette/__init__.py").write_text("# cut"))
    assert "has lost 1 of its files" in said(lambda: shutil.rmtree(inside / "cinepalette"))
    assert said((environment / "cinepalette.mark").unlink) == "was not finished"
    assert said(lambda: shutil.rmtree(environment / "bin")) == "has no Python"

    def upgrade_python() -> None:
        (environment / "bin/python").unlink()
        (environment / "bin/python").symlink_to("/usr/bin/python3.9-that-is-gone")

    assert "was made with a Python that is gone (/usr/bin/python3.9-that-is-gone)" in said(upgrade_python)

    def another_python() -> None:
        inside.rename(inside.with_name("site-packages-of-before"))
        (environment / "cinepalette.mark").write_text('{"python": "cpython-39 /usr"}')

    assert "was made with another Python (cpython-39, now " in said(another_python)


def test_a_copy_of_the_program_speaks_where_its_python_is_gone(home, tmp_path):
    environment = places.folder()
    environment.mkdir(parents=True)
    making._write_launcher(environment)
    for words in ([], ["status"]):
        done = subprocess.run([places.launcher(), *words], capture_output=True, text=True, timeout=60)
        assert done.returncode == 1
        assert f"python3 {shlex.quote(str(places.source_folder() / 'install.py'))}" in done.stderr
    # A doctor is what helps: it needs no environment.
    door = places.source_folder() / "install.py"
    door.parent.mkdir()
    door.write_text("import sys; print('the door,', *sys.argv[1:])\n")
    done = subprocess.run([places.launcher(), "doctor", "--fix"], capture_output=True, text=True, timeout=60)
    assert done.stdout == "the door, doctor --fix\n"


def test_a_new_environment_takes_the_place_of_the_old_one_whole(home):
    old, new = places.folder(), places.folder().with_name("venv.new")
    for folder in (old, new):
        (folder / "bin").mkdir(parents=True)
        (folder / "bin/python").touch()
        (folder / "bin/cinepalette").write_text(f"#!{folder}/bin/python\n")
    making._swap(new, old)
    assert (old / "bin/cinepalette").read_text() == f"#!{old}/bin/python\n"
    assert not new.exists()


@pytest.fixture
def furnished(home: Path) -> Path:
    """A home whose environment is half made: it finds the tests' own packages, so that nothing is downloaded."""
    environment = home / ".local/share/cinepalette/venv"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True, timeout=120)
    inside = next(environment.glob("lib/python*/site-packages"))
    (inside / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    mark = {"python": places.this_python(), "locked": Source(TOP).locked_hash()}
    (environment / "cinepalette.mark").write_text(json.dumps(mark))
    yield home
    run_door(home, "--uninstall")


def test_once_the_whole_way_and_back(furnished):
    """Two installations are one, and the way back leaves VLC's files to the byte as they were."""
    file = furnished / ".config/vlc/vlcrc"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"extraintf=luaintf:http\nlua-intf=other")

    first = run_door(furnished)
    assert first.returncode == 0, first.stdout + first.stderr
    collage = Path(first.stdout.splitlines()[-1])
    assert collage.parent.name.startswith("Cinepalette test")
    assert collage.stat().st_size > 10_000
    # The proof is no session of the user's.
    assert not list((furnished / "Pictures/Cinepalette").glob("*/session.json"))
    assert (furnished / ".local/share/vlc/lua/intf/cinepalette.lua").exists()
    assert file.read_bytes() == b'extraintf=luaintf:http:luaintf{intf="cinepalette"}\nlua-intf=other'

    second = run_door(furnished)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "private environment" not in second.stdout
    assert "restart the daemon" in second.stdout

    status = subprocess.run(
        [furnished / ".local/bin/cinepalette", "status"],
        env={**os.environ, "HOME": str(furnished)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "The daemon is running" in status.stdout

    last = run_door(furnished, "--uninstall")
    assert last.returncode == 0, last.stdout + last.stderr
    left = everything(furnished)
    assert left.pop(".config/vlc/vlcrc") == b"extraintf=luaintf:http\nlua-intf=other"
    folders = [str(path.relative_to(furnished)) for path in sorted(furnished.rglob("*"))]
    ours = ("cinepalette", "vlc", "Pictures", "autostart", "systemd", ".local/", ".cache")
    found = [name for name in folders if any(word in name for word in ours)]
    assert found == [".config/vlc", ".config/vlc/vlcrc"]
    assert traces() == []


@pytest.fixture
def asked(home, monkeypatch) -> list[list[str]]:
    """The commands that make an environment, recorded; an environment comes of them as they would make it."""
    commands: list[list[str]] = []

    def show(what: str, command: list[str], check: bool = True, **how: object) -> bool:
        commands.append(command)
        if "venv" in command or "--app-data" in command:
            inside = Path(command[-1]) / "lib/python3.11/site-packages"
            (inside / "cinepalette").mkdir(parents=True)
            if "uv" not in command:
                (inside / "pip").mkdir()
            (Path(command[-1]) / "bin").mkdir()
            (Path(command[-1]) / "bin/python").symlink_to(sys.executable)
        return True

    monkeypatch.setattr(making, "show", show)
    monkeypatch.setattr(making, "IMPORTS", "pass")
    monkeypatch.setattr(making.shutil, "which", lambda name: None)
    return commands


def test_what_is_installed_is_what_is_locked(asked):
    making.make(places.folder(), Source(TOP, ["web"]))
    venv, packages, program = asked
    assert venv[1:3] == ["-m", "venv"]
    for lock in ("requirements.txt", "requirements-web.txt"):
        assert packages[packages.index(str(TOP / "daemon" / lock)) - 1] == "-r"
    assert "--only-binary=:all:" in packages
    assert {"--no-deps", "--force-reinstall"} <= set(program)
    assert places.read_mark(places.folder())["extras"] == "web"
    assert places.launcher().exists()
    assert (places.source_folder() / "install.py").exists()
    assert not places.folder().with_name("venv.new").exists()
    # Again with another source and the same lock: only the program itself.
    making.make(places.folder(), Source(TOP, ["web"]))
    assert len(asked) == 4
    making.remove(places.folder())
    assert not places.data_folder().exists()


def test_an_update_that_is_stopped_leaves_the_program_of_before_and_its_daemon(asked, monkeypatch):
    making.make(places.folder(), Source(TOP))
    program = places.folder() / "lib/python3.11/site-packages/cinepalette/__init__.py"
    program.write_text("the old one")
    before = {path: path.read_bytes() for path in places.data_folder().rglob("*") if path.is_file()}
    came_at = program.stat().st_ctime_ns

    def stopped(what: str, command: list[str], check: bool = True, **how: object) -> bool:
        (new,) = places.data_folder().glob("venv.new/lib/python3.11/site-packages/cinepalette/__init__.py")
        # As pip does it.
        new.unlink()
        new.write_text("half of the new one")
        raise KeyboardInterrupt

    monkeypatch.setattr(making, "show", stopped)
    monkeypatch.setattr(making, "_stop_daemon", lambda environment: pytest.fail("the daemon was stopped"))
    with pytest.raises(KeyboardInterrupt):
        making.make(places.folder(), Source(TOP))
    assert {path: path.read_bytes() for path in before} == before
    # By this a daemon is known that began before its program came.
    assert program.stat().st_ctime_ns == came_at
    # What is left of the new one goes with the rest.
    making.remove(places.folder())
    assert not places.data_folder().exists()


def test_who_is_stopped_while_the_new_version_takes_its_place_has_it_whole_and_the_daemon_running(asked, monkeypatch):
    making.make(places.folder(), Source(TOP))
    done: list[str] = []
    monkeypatch.setattr(making, "_stop_daemon", lambda environment: True)
    monkeypatch.setattr(making, "start_daemon", lambda environment: done.append("started"))
    swap = making._swap

    def stopped(new: Path, environment: Path) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        swap(new, environment)

    monkeypatch.setattr(making, "_swap", stopped)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            making.make(places.folder(), Source(TOP, ["web"]))
    finally:
        signal.signal(signal.SIGINT, before)
    assert places.read_mark(places.folder())["extras"] == "web"
    assert places.read_mark(places.folder())["source"]
    assert done == ["started"]


def test_without_room_on_the_disk_nothing_is_downloaded(asked, monkeypatch):
    monkeypatch.setattr(making.shutil, "disk_usage", lambda folder: SimpleNamespace(free=90_000_000))
    with pytest.raises(places.Stop, match=r"is too full: 90 MB are left, and \d+ MB are needed .* Make room"):
        making.make(places.folder(), Source(TOP))
    assert asked == []


def test_where_the_program_may_not_be_written_its_place_is_named(asked, home):
    (home / ".local").write_text("a file where a folder should be")
    with pytest.raises(places.Stop, match=r"The program's place is .*cinepalette: see to it"):
        making.make(places.folder(), Source(TOP))
    assert asked == []


def test_uv_is_used_where_it_is(asked, monkeypatch):
    monkeypatch.setattr(making.shutil, "which", lambda name: "/usr/bin/uv" if name == "uv" else None)
    making.make(places.folder(), Source(TOP))
    assert [command[:3] for command in asked] == [["uv", "venv", "--quiet"], *[["uv", "pip", "install"]] * 2]


def test_without_a_network_all_comes_from_the_folder(asked, tmp_path, monkeypatch):
    monkeypatch.setattr(making.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(places.Stop, match=r"virtualenv\.pyz: is needed"):
        making.make(places.folder(), Source(TOP), tmp_path)
    assert not making.can_make(tmp_path)
    (tmp_path / "virtualenv.pyz").touch()
    assert making.can_make(tmp_path)
    making.make(places.folder(), Source(TOP), tmp_path)
    assert asked[0][1] == str(tmp_path / "virtualenv.pyz")
    for command in asked[1:]:
        assert command[command.index("--find-links") + 1] == str(tmp_path)
        assert "--no-index" in command


def test_without_ensurepip_and_uv_virtualenv_is_fetched_or_the_cure_said(asked, monkeypatch):
    monkeypatch.setattr(making.importlib.util, "find_spec", lambda name: None)

    def offline(address, timeout):
        raise OSError("no network")

    monkeypatch.setattr(making.urllib.request, "urlopen", offline)
    with pytest.raises(places.Stop, match="install python3-venv"):
        making.make(places.folder(), Source(TOP))


def test_an_extra_brings_its_own_lock_and_stays_with_every_update(home, environment):
    plain, web = Source(TOP), Source(TOP, ["web", "web"])
    assert {line.split("==")[0] for line in web.locked()} - {line.split("==")[0] for line in plain.locked()} >= {
        "starlette"
    }
    assert plain.locked_hash() != web.locked_hash()
    (environment / "cinepalette.mark").write_text('{"extras": "web"}')
    assert install.known_source(environment).extras == ("web",)
    assert "no such extra" in run_door(home, "--with", "nonsense", "--dry-run").stderr
    many = f"put {len(web.locked())} locked packages"
    assert many in run_door(home, "--with", "web", "--dry-run").stdout


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ([], ["-m", "pytest"]),
        (["-k", "palette"], ["-m", "pytest", "-k", "palette"]),
        (["tests/test_setup.py", "-x"], ["-m", "pytest", "tests/test_setup.py", "-x"]),
        (["tests/bench/collage.py", "10"], [str(TOP / "tests/bench/collage.py"), "10"]),
        (["tests/test_truth_vlc.py"], [str(TOP / "tests/test_truth_vlc.py")]),
    ],
)
def test_the_test_runner_runs_scripts_by_their_path(runner, monkeypatch, words, command):
    monkeypatch.chdir(TOP)
    assert runner.command(words) == command


def test_the_test_runner_leaves_the_environments_of_other_checkouts_while_they_are_in_use(
    runner, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache = tmp_path / "cinepalette/tests"
    for name, age_s in (("in use", 60), ("forgotten", 30 * 24 * 3600)):
        (cache / name).mkdir(parents=True)
        (cache / name / "whole").touch()
        for path in (cache / name / "whole", cache / name):
            os.utime(path, (time.time() - age_s,) * 2)
    monkeypatch.setattr(runner, "show", lambda what, command: Path(command[-1]).mkdir() if "venv" in command else None)
    made = runner.environment().parents[1]
    assert sorted(cache.iterdir()) == sorted([made, cache / "in use"])
    os.utime(made / "whole", (0, 0))
    runner.environment()
    assert (made / "whole").stat().st_mtime > 0


def test_the_test_runners_help_builds_nothing(runner, monkeypatch, capsys):
    monkeypatch.setattr(runner, "environment", lambda: pytest.fail("an environment was made"))
    assert runner.main(["--help"]) == 0
    assert "python3 tests" in capsys.readouterr().out
