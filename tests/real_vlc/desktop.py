"""A screen without a monitor: Xvfb with a window manager, real key presses, screenshots."""

import contextlib
import mmap
import os
import pwd
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image, ImageGrab

ACCOUNT = "cinepalette-test"
"""VLC refuses to run as root: where the tests are root, it runs as this user."""

_FUNCTION_KEYS = {f"F{number}": str(66 + number) for number in range(1, 11)} | {"F11": "95", "F12": "96"}
"""X's codes of the keys. By name, xdotool presses Alt as well where a key map has the name on a second level too."""

Found = TypeVar("Found")


def wait_for(condition: Callable[[], Found], what: str, timeout_s: float = 15.0, step_s: float = 0.02) -> Found:
    """The first true value that `condition` gives; AssertionError naming `what` when there is none in time."""
    end = time.monotonic() + timeout_s
    while True:
        if found := condition():
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout_s:g} s in vain for {what}")
        time.sleep(step_s)


def _account() -> dict[str, object]:
    """How Popen becomes a user whom VLC accepts: nothing to do unless we are root."""
    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/bin/sh", ACCOUNT], check=True, capture_output=True
        )
        entry = pwd.getpwnam(ACCOUNT)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def give(path: Path) -> Path:
    """Hands a file or folder, with all in it, to the user as whom VLC runs."""
    if account := _account():
        for each in (path, *path.rglob("*")):
            # A VLC that runs already may take a file away meanwhile.
            with contextlib.suppress(FileNotFoundError):
                os.chown(each, account["user"], account["group"], follow_symlinks=False)
    return path


class Desktop:
    """Xvfb and openbox on a display of their own; a context manager.

    `with Desktop() as desktop:` costs about half a second, so share one among the tests of a file (scope="module").
    """

    def __init__(self, size: tuple[int, int] = (1280, 800)):
        self.size = size
        self.display = ""
        self._processes: list[subprocess.Popen] = []

    def __enter__(self) -> "Desktop":
        self.folder = Path(tempfile.mkdtemp(prefix="cinepalette-desktop-"))
        self.folder.chmod(0o755)
        give(self.folder)
        read, write = os.pipe()
        screen = f"{self.size[0]}x{self.size[1]}x24"
        server = ["Xvfb", "-displayfd", str(write), "-screen", "0", screen, "-nolisten", "tcp", "-ac", "-noreset"]
        server += ["-fbdir", str(self.folder)]
        self._processes.append(
            subprocess.Popen(server, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if not number:
            self.__exit__()
            raise RuntimeError("Xvfb did not start")
        self.display = f":{number}"
        self._processes.append(self.spawn(["openbox"], home=self.folder))
        wait_for(self._managed, "the window manager")
        with (self.folder / "Xvfb_screen0").open("rb") as screen_file:
            self._memory = mmap.mmap(screen_file.fileno(), 0, access=mmap.ACCESS_READ)
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            if process.poll() is None:
                process.kill()
                process.wait()
        self._processes.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def spawn(
        self, command: Sequence[str | Path], *, home: Path, env: Mapping[str, str] | None = None, **popen: object
    ) -> subprocess.Popen:
        """Starts a program on this desktop as the user as whom VLC runs, with `home` as its home."""
        keep = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH") if name in os.environ}
        runtime = home / ".runtime"
        if not runtime.exists():
            runtime.mkdir(mode=0o700)
            give(runtime)
        full = {
            **keep,
            "HOME": str(home),
            "DISPLAY": self.display,
            "LC_ALL": "C.UTF-8",
            "XDG_RUNTIME_DIR": str(runtime),
            # Not the developer's session bus; and none is launched either.
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            **(env or {}),
        }
        popen.setdefault("stdout", subprocess.DEVNULL)
        popen.setdefault("stderr", subprocess.DEVNULL)
        popen.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.Popen([str(part) for part in command], env=full, cwd=home, **_account(), **popen)

    def xdotool(self, *words: str) -> str:
        """Runs xdotool here and returns what it prints; words may chain commands."""
        result = subprocess.run(
            ["xdotool", *words], env={**os.environ, "DISPLAY": self.display}, capture_output=True, text=True, timeout=30
        )
        return result.stdout

    def press(self, *keys: str, apart_s: float | Sequence[float] = 0.0) -> None:
        """Presses keys (`shift+c`, `F12`) and lets each go; `apart_s` lies between each two, one for all or a list."""
        pauses = [apart_s] * (len(keys) - 1) if isinstance(apart_s, float) else apart_s
        words: list[str] = []
        for key, pause_s in zip(keys, [0, *pauses], strict=True):
            if pause_s:
                words += ["sleep", f"{pause_s:.3f}"]
            *modifiers, last = key.split("+")
            for modifier in modifiers:
                words += ["keydown", modifier]
            words += ["key", "--delay", "0", _FUNCTION_KEYS.get(last, last)]
            for modifier in reversed(modifiers):
                words += ["keyup", modifier]
        self.xdotool(*words)

    def hold(self, key: str, seconds: float) -> None:
        """Keeps a key down, so that the X server repeats it."""
        parts = key.split("+")
        words = [word for part in parts for word in ("keydown", part)]
        words += ["sleep", f"{seconds:.3f}"]
        words += [word for part in reversed(parts) for word in ("keyup", part)]
        self.xdotool(*words)

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Clicks at a place of the screen."""
        self.xdotool("mousemove", str(x), str(y), "click", str(button))

    def windows(self, name: str) -> list[str]:
        """The ids of the visible windows whose title matches the regular expression."""
        return self.xdotool("search", "--onlyvisible", "--name", name).split()

    def screenshot(self) -> Image.Image:
        """The whole screen, RGB."""
        return ImageGrab.grab(xdisplay=self.display).convert("RGB")

    def peek(self, box: tuple[int, int, int, int]) -> np.ndarray:
        """A part (left, top, right, bottom) of the screen as uint8 (height, width, 3) RGB, in well under 1 ms.

        It is read straight from the X server's memory, whose form X11's XWDFile.h gives.
        """
        header = struct.unpack(">25I", self._memory[:100])
        height, bytes_per_line = header[5], header[12]
        start = header[0] + header[19] * 12
        rows = np.frombuffer(self._memory, np.uint8, bytes_per_line * height, start).reshape(height, -1, 4)
        left, top, right, bottom = box
        return rows[top:bottom, left:right, 2::-1].copy()

    def _managed(self) -> bool:
        # A window manager that runs answers what the desktop is called.
        return self.xdotool("get_num_desktops").strip().isdigit()
