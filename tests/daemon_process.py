"""The real daemon as a process of its own, on an inbox and an output folder of its own."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np

Found = TypeVar("Found")

SOON_S = 30.0


def wait_for(condition: Callable[[], Found], what: str, seconds: float = SOON_S, step_s: float = 0.02) -> Found:
    """What the condition gives once it is true; fails the test when it stays false."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        threading.Event().wait(step_s)
    return found


class DaemonProcess:
    """`cinepalette run`, with everything it may touch below one folder."""

    def __init__(self, root: Path, inbox: Path | None = None) -> None:
        self.home = root / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.output = root / "Cinepalette"
        self.inbox = inbox or self.output / "Inbox"
        self.config = root / "config.toml"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "CINEPALETTE_"))},
            "HOME": str(self.home),
            "CINEPALETTE_CONFIG": str(self.config),
            "CINEPALETTE_INBOX": str(self.inbox),
            "CINEPALETTE_OUTPUT": str(self.output),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "DaemonProcess":
        command = [sys.executable, "-m", "cinepalette", "run"]
        before = self.log().count("watching ")
        self.process = subprocess.Popen(command, env=self.environment, stderr=subprocess.PIPE, start_new_session=True)
        wait_for(
            lambda: self.log().count("watching ") > before or self.process.poll() is not None, "the daemon's start"
        )
        assert self.process.poll() is None, self.process.stderr.read().decode()
        return self

    def kill(self) -> None:
        """As a power failure does it."""
        self.process.kill()
        self.process.wait(SOON_S)
        self.log_file.unlink(missing_ok=True)

    def stop(self) -> int:
        """Asks it to end, and gives its exit code."""
        if self.process is None or self.process.poll() is not None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SOON_S)

    def finish(self) -> None:
        """Asks it to end as `cinepalette stop` does: all that it has in hand is finished first."""
        (self.inbox / "request-stop.json").write_text('{"v": 1, "do": "stop"}')
        assert self.process.wait(SOON_S) == 0

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another command beside it."""
        command = [sys.executable, "-m", "cinepalette", *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)

    @property
    def log_file(self) -> Path:
        return self.output / ".cinepalette.log"

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8") if self.log_file.exists() else ""

    def press(self, name: str, rgb: np.ndarray, **sidecar: Any) -> None:
        """A still as the plugin writes it: the picture, then the sidecar."""
        cv2.imwrite(str(self.inbox / f"vlc-{name}.bmp"), rgb[..., ::-1])
        (self.inbox / f"vlc-{name}.json").write_text(json.dumps({"v": 1, **sidecar}), encoding="utf-8")

    def ask(self, do: str, **more: Any) -> dict[str, Any]:
        """A request as the plugin writes it, and the answer."""
        name = f"request-{time.monotonic_ns()}.json"
        (self.inbox / name).write_text(json.dumps({"v": 1, "do": do, **more}))
        return self.reply(name.removesuffix(".json"))

    def reply(self, stem: str) -> dict[str, Any]:
        """The answer to what arrived under that name."""
        path = self.inbox / "replies" / f"{stem}.json"
        wait_for(path.exists, f"the reply to {stem}")
        return json.loads(path.read_text(encoding="utf-8"))

    def arrived(self) -> list[str]:
        """What still lies in the inbox, in hand or not."""
        waiting = [path.name for path in self.inbox.iterdir() if path.is_file() and not path.name.startswith(".")]
        # Unlike `glob`, it goes on when a folder has just been cleared away.
        in_hand = [name for _, _, names in os.walk(self.inbox / "taken") for name in names]
        return sorted((*waiting, *in_hand))

    def wait_until_kept(self) -> None:
        wait_for(lambda: not self.arrived(), "an empty inbox")

    def sessions(self) -> list[Path]:
        return sorted(path.parent for path in self.output.glob("*/session.json"))

    def session(self) -> dict[str, Any]:
        (folder,) = self.sessions()
        return json.loads((folder / "session.json").read_text(encoding="utf-8"))
