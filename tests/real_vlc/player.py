"""A real VLC with our plugin, in a home of its own."""

import contextlib
import glob
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from .desktop import Desktop, give, wait_for

PLUGIN = Path(__file__).resolve().parents[2] / "plugin" / "lua"
LISTENER = 'luaintf{intf="cinepalette"}'

QUIET = {
    "qt-privacy-ask": "0",
    "metadata-network-access": "0",
    "qt-updates-notif": "0",
    "audio": "0",
    "dbus": "0",
    "video-title-show": "0",
    # Keeps the film's window where it is while the film plays.
    "qt-video-autoresize": "0",
    # The same picture on every machine and little work: no graphics card is asked. This output shows HD video with the
    # BT.601 matrix, as VLC's snapshots do; where the screen's colors matter, "any" shows the right ones.
    "vout": "xcb_x11",
    "avcodec-hw": "none",
}
"""The vlcrc of every test; `vlcrc=` adds to it or overrides it."""


_KEY_LOST_S = 3.0


def _within_reach(film: Path, folder: Path) -> Path:
    """The film, with its subtitles, in a folder that VLC's user can read: pytest keeps root's to root."""
    folder.mkdir(exist_ok=True)
    for path in film.parent.glob(f"{glob.escape(film.stem)}.*"):
        target = folder / path.name
        if not target.exists():
            try:
                target.hardlink_to(path)
            except OSError:  # another disk
                shutil.copy(path, target)
    return folder / film.name


class VLC:
    """One run of a real VLC; a context manager that leaves nothing behind.

    with Desktop() as desktop, VLC(desktop, film) as vlc:
        vlc.wait_playing()
        desktop.press("shift+c")
        [still] = vlc.wait_stills(1)

    `settings` becomes the plugin's cinepalette.json (the inbox is filled in), `vlcrc` adds lines to vlcrc (None takes
    one out), `language` is a VLC language such as "de", `options` go to the command line, `plugin=False` leaves
    VLC without our plugin.
    """

    def __init__(
        self,
        desktop: Desktop,
        *films: Path | str,
        settings: Mapping[str, object] | None = None,
        vlcrc: Mapping[str, str | None] | None = None,
        language: str | None = None,
        options: Sequence[str] = (),
        plugin: bool = True,
    ):
        self.desktop = desktop
        self.films = films
        self.language = language
        self.options = options
        self.home = Path(tempfile.mkdtemp(prefix="cinepalette-vlc-"))
        self.home.chmod(0o755)
        self.inbox = self.home / "Pictures" / "Cinepalette" / "Inbox"
        self.replies = self.inbox / "replies"
        self.lua = self.home / ".local" / "share" / "vlc" / "lua"
        self.vlcrc = self.home / ".config" / "vlc" / "vlcrc"
        self.log_file = self.home / "vlc.log"
        self.process: subprocess.Popen | None = None

        # Short, because a Unix socket's path may have at most 107 bytes.
        self._remote = self.home / "rc"
        lines: dict[str, str | None] = {
            "extraintf": f"oldrc:{LISTENER}" if plugin else "oldrc",
            "rc-unix": str(self._remote),
            "rc-fake-tty": "1",
            **QUIET,
            **(vlcrc or {}),
        }
        self.vlcrc.parent.mkdir(parents=True)
        self.vlcrc.write_text("".join(f"{key}={value}\n" for key, value in lines.items() if value is not None))
        if plugin:
            shutil.copytree(PLUGIN, self.lua)
            self.write_settings({"v": 1, "inbox": str(self.inbox), **(settings or {})})
        self.replies.mkdir(parents=True)
        if os.geteuid() == 0:
            self.films = [
                _within_reach(film, self.home / "films") if isinstance(film, Path) else film for film in films
            ]
        give(self.home)

    def write_settings(self, settings: Mapping[str, object]) -> None:
        """Replaces the plugin's cinepalette.json, which VLC reads when it starts."""
        (self.lua / "cinepalette.json").write_text(json.dumps(settings), encoding="utf-8")

    # Running

    def __enter__(self) -> "VLC":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    def start(self) -> None:
        """Starts VLC with its films; returns when it takes commands."""
        self._remote.unlink(missing_ok=True)
        with self.log_file.open("a") as log:
            self.process = self.desktop.spawn(
                ["vlc", "--verbose=1", *self.options, *self.films],
                home=self.home,
                env={"LANGUAGE": self.language} if self.language else None,
                stdout=log,
                stderr=log,
            )
        wait_for(lambda: self._remote.exists() or self.process.poll() is not None, "VLC to start", 30)
        assert self.process.poll() is None, self.log()

    def kill(self) -> None:
        """Ends VLC whatever state it is in."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    def quit(self, timeout_s: float = 10.0) -> float:
        """Quits with Ctrl+Q as a viewer does; the seconds until the process is gone."""
        # A video that stops, or a message of VLC's, takes the keyboard away: then nobody would hear the key.
        self.focus()
        begin = time.monotonic()
        self.desktop.press("ctrl+q")
        with contextlib.suppress(AssertionError):
            return self._gone(begin, _KEY_LOST_S)
        # A VLC that quits closes its window first. One that still has it was busy when the key came, and lost it.
        if self.desktop.xdotool("search", "--onlyvisible", "--class", "^vlc$"):
            self.focus()
            begin = time.monotonic()
            self.desktop.press("ctrl+q")
        return self._gone(begin, timeout_s)

    def terminate(self, timeout_s: float = 10.0) -> float:
        """Ends VLC as the system does at logout (SIGTERM); the seconds until the process is gone."""
        begin = time.monotonic()
        self.process.terminate()
        return self._gone(begin, timeout_s)

    def _gone(self, begin: float, timeout_s: float) -> float:
        try:
            wait_for(lambda: self.process.poll() is not None, "VLC to quit", timeout_s, 0.01)
        except AssertionError as error:
            window = self.desktop.xdotool("getwindowfocus", "getwindowname").strip()
            raise AssertionError(
                f"{error}; the keyboard is with {window!r}; VLC said:\n{self.log()[-3000:]}"
            ) from error
        return time.monotonic() - begin

    def log(self) -> str:
        """What VLC has printed so far."""
        return self.log_file.read_text(errors="replace")

    def cpu_s(self, thread: str | None = None) -> float:
        """Processor seconds used so far by VLC, or by its threads of that kernel name."""
        fields = []
        tasks = Path(f"/proc/{self.process.pid}/task")
        for task in tasks.iterdir():
            with contextlib.suppress(FileNotFoundError):
                stat = (task / "stat").read_text()
                name, rest = stat[stat.index("(") + 1 : stat.rindex(")")], stat[stat.rindex(")") + 2 :].split()
                if thread is None or name == thread:
                    fields.append(int(rest[11]) + int(rest[12]))
        return sum(fields) / os.sysconf("SC_CLK_TCK")

    # Telling and asking VLC, through its remote control

    def rc(self, command: str) -> str:
        """Gives VLC's remote control one command (`pause`, `seek 10`, `get_time`) and returns its answer."""
        with socket.socket(socket.AF_UNIX) as remote:
            remote.settimeout(10)
            remote.connect(str(self._remote))
            remote.sendall(f"{command}\nlogout\n".encode())
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                while part := remote.recv(65536):
                    answer += part
        lines = answer.decode(errors="replace").replace("> ", "").splitlines()
        # The greeting comes first, the farewell last.
        return "\n".join(
            line for line in lines if line and not line.startswith(("VLC media player", "Command Line", "Bye"))
        )

    def time_s(self) -> int:
        """The film's position in whole seconds; -1 while there is none."""
        word = self.rc("get_time").strip().split("\n")[-1]
        return int(word) if word.isdigit() else -1

    def wait_playing(self, timeout_s: float = 30) -> "VLC":
        """Waits until the film's picture is on screen and keys reach VLC's window."""
        self.focus()
        try:
            wait_for(lambda: self.displayed_frames() > 2, "the film's first frames", timeout_s, 0.1)
        except AssertionError as error:
            raise AssertionError(f"{error}; VLC said:\n{self.rc('status')}\n{self.log()[-3000:]}") from error
        return self

    def focus(self) -> None:
        """Gives the keyboard to VLC's main window."""
        find = ("search", "--onlyvisible", "--class", "^vlc$")  # its title depends on VLC's language
        [window, *_] = wait_for(lambda: self.desktop.xdotool(*find).split(), "VLC's window", 30, 0.1)
        self.desktop.xdotool("windowfocus", "--sync", window)

    def displayed_frames(self) -> int:
        """Frames of the present film that have been on screen, by VLC's own account."""
        return self._statistic(7)

    def lost_frames(self) -> int:
        """Frames of the present film that came too late to be shown, by VLC's own account."""
        return self._statistic(8)

    def _statistic(self, place: int) -> int:
        # The words are in VLC's language, the order is not.
        numbers = [line.split(":")[-1].split()[0] for line in self.rc("stats").splitlines() if line.startswith("| ")]
        return int(numbers[place]) if len(numbers) > place else 0

    # What a user would find

    def pictures(self) -> list[Path]:
        """Every picture of ours in the inbox, in the order of the shots."""
        return sorted(path for path in self.inbox.glob("vlc-*") if path.suffix != ".json")

    def stills(self) -> list[Path]:
        """The pictures that have their sidecar, in the order of the shots."""
        return [path for path in self.pictures() if path.with_suffix(".json").exists()]

    def wait_stills(self, count: int, timeout_s: float = 15) -> list[Path]:
        """Waits until at least `count` stills have their sidecar and returns all."""
        return wait_for(lambda: len(found := self.stills()) >= count and found, f"{count} stills", timeout_s)

    def sidecar(self, still: Path) -> dict:
        """The sidecar of a still."""
        return json.loads(still.with_suffix(".json").read_text(encoding="utf-8"))
