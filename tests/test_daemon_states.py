"""SIGTERM ends the daemon within two seconds in every state that an arrival, a disk or another program can bring it to.

Each state has a process of its own, forked from one in which everything is loaded already.
"""

import json
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cinepalette.config import Config, TruthOptions
from cinepalette.daemon import process
from cinepalette.daemon.loop import Daemon
from cinepalette.daemon.pipeline import Pipeline
from cinepalette.picture import decoding
from cinepalette.picture.writing import write_png
from cinepalette.session.store import Store
from daemon_process import SOON_S, wait_for
from filelock import FileLock
from PIL import Image
from test_daemon import bands

if sys.platform != "linux":
    pytest.skip("needs fork, pipes and inotify", allow_module_level=True)

from faults.machine import Fault, failing

IN_TIME_S = 2.0
# On a busy machine the quietest moment counts.
TRIES = 3

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__, "cinepalette.drawing.pages", "cinepalette.picture.stills"])


@dataclass
class Place:
    """Where one daemon works, and what a state does to it."""

    root: Path
    after: ExitStack = field(default_factory=ExitStack)
    """What is to be ended after the daemon."""

    @property
    def inbox(self) -> Path:
        return self.root / "Inbox"

    @property
    def output(self) -> Path:
        return self.root / "Out"

    @property
    def config(self) -> Config:
        return Config(self.inbox, self.output, self.root / "config.toml", self.root / "log", truth=TruthOptions("film"))

    def log(self) -> str:
        return self.config.log.read_text() if self.config.log.exists() else ""

    def says(self, text: str) -> None:
        wait_for(lambda: text in self.log(), f"«{text}» in the log")

    def press(self, name: str, rgb: np.ndarray, **sidecar: Any) -> None:
        write_png(self.inbox / f"vlc-{name}.png", rgb)
        self.sidecar(name, **sidecar)

    def sidecar(self, name: str, **sidecar: Any) -> None:
        (self.inbox / f"vlc-{name}.json").write_text(json.dumps({"v": 1, **sidecar}))

    def is_in_hand(self) -> None:
        wait_for(lambda: list(self.inbox.glob("taken/*/*")), "an arrival in hand")


def nothing(place: Place) -> None:
    """Idle, at work, or without anything."""


@dataclass(frozen=True)
class State:
    """One state: what there is before, what is different in the daemon's process, and what happens then."""

    name: str
    then: Callable[[Place], object] = nothing
    before: Callable[[Place], object] = nothing
    inside: Callable[[Place], object] = nothing
    waits_for: str = "watching "
    """What the daemon says when it has begun."""


def _pipe(name: str) -> Callable[[Place], object]:
    def make(place: Place) -> None:
        os.mkfifo(place.inbox / name)
        place.press("next", bands())
        wait_for((place.inbox / "replies" / "vlc-next.json").exists, "the still after it")

    return make


def _endless(name: str) -> Callable[[Place], object]:
    def make(place: Place) -> None:
        (place.inbox / name).symlink_to("/dev/zero")
        place.press("next", bands())
        wait_for((place.inbox / "replies" / "vlc-next.json").exists, "the still after it")

    return make


def _huge(place: Place) -> None:
    Image.new("L", (10_900, 10_900), 90).save(place.root / "huge.png", compress_level=1)
    (place.root / "huge.png").rename(place.inbox / "huge.png")
    place.is_in_hand()


def _program(place: Place) -> None:
    (place.inbox / "x.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n{} loop\n")
    place.is_in_hand()


def _locked(name: str) -> Callable[[Place], object]:
    def hold(place: Place) -> None:
        lock = FileLock(place.root / name)
        place.after.enter_context(lock)
        place.press("1", bands(), title="Sintel")
        place.is_in_hand()

    return hold


def _slow_copy(place: Place) -> None:
    stopped = threading.Event()

    def copy() -> None:
        with (place.inbox / "slow.png").open("wb") as file:
            while not stopped.wait(0.02):
                file.write(b"more")
                file.flush()

    copying = threading.Thread(target=copy)
    copying.start()
    place.after.callback(copying.join)
    place.after.callback(stopped.set)
    wait_for((place.inbox / "slow.png").exists, "the copy")


def _waiting(count: int) -> Callable[[Place], object]:
    def put(place: Place) -> None:
        place.inbox.mkdir()
        write_png(place.root / "one.png", bands())
        data = (place.root / "one.png").read_bytes()
        for number in range(count):
            (place.inbox / f"{number:03}.png").write_bytes(data)
            os.utime(place.inbox / f"{number:03}.png", (number, number))

    return put


def _sixty(place: Place) -> None:
    """A session of sixty stills that has no collage yet."""
    line = Pipeline(place.config, Store(place.output))
    write_png(place.root / "one.png", bands())
    for _ in range(60):
        line.add(place.root / "one.png", "Evening")


def _film(uri: str) -> Callable[[Place], object]:
    def shoot(place: Place) -> None:
        os.mkfifo(place.root / "pipe.mkv")
        (place.root / "list.m3u8").write_text("#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:9/segment.ts\n")
        place.sidecar("1", failed=True, uri=uri.format(root=place.root), time_s=3.0)
        place.press("2", bands(), uri=uri.format(root=place.root), time_s=3.0)
        wait_for((place.inbox / "replies" / "vlc-2.json").exists, "the still after it")

    return shoot


def _endless_film(place: Place) -> None:
    """A film whose frame is sought for as long as it may."""

    def seek(*_: object) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            np.sort(np.random.default_rng(1).random(1_000_000))

    decoding.frame_at = decoding.matching_frame = seek  # type: ignore[assignment]


def _inotify_is_used_up(place: Place) -> None:
    from cinepalette.inbox import watch

    def none_left(*_: object) -> None:
        raise OSError(24, "inotify instance limit reached")

    watch.Observer.start = none_left  # type: ignore[method-assign]


def _drive_is_away(place: Place) -> None:
    from cinepalette import paths

    note = place.root / "drive.json"
    note.write_text(json.dumps({"output": str(place.output), "mount": str(place.root)}))
    paths.drive_file = lambda: note


def _fails(fault: Fault) -> Callable[[Place], object]:
    return lambda place: failing(place.output, fault)


def _output_moved(place: Place) -> None:
    place.press("1", bands(), title="Sintel")
    wait_for(lambda: list(place.output.glob("*/session.json")), "a session")
    place.output.rename(place.root / "Before")
    place.press("2", bands(), title="Sintel")


def _damage(place: Place) -> None:
    for name, text in (("A", "{"), ("B", "[]"), ("C", '{"v": 1, "stills": 7}')):
        (place.output / name).mkdir(parents=True)
        (place.output / name / "session.json").write_text(text)


def _half_done(place: Place) -> None:
    place.output.mkdir()
    (place.output / ".intent.json").write_text('{"v": 1, "moves": [["a", "b"]], "files": [["c", "d"]]}')


def _press(place: Place) -> None:
    place.press("1", bands(), title="Sintel")
    place.is_in_hand()


def _burst(place: Place) -> None:
    for number in range(9):
        place.press(f"{number}", bands(1920, 1080, number), title="Sintel", time_s=number)


STATES = (
    State("idle"),
    State("a burst", _burst),
    State("400 pictures waiting", before=_waiting(400)),
    State("starting", before=_waiting(40), waits_for=""),
    *(State(f"a pipe as {name}", _pipe(name)) for name in ("x.png", "vlc-1.png", "vlc-1.json", "request-1.json")),
    *(State(f"endless {name}", _endless(name)) for name in ("x.png", "vlc-1.json", "request-1.json")),
    State("a huge picture being decoded", _huge),
    State("a program as picture", _program),
    State("the sessions held by another program", _locked("Out/.lock")),
    State("the collages held by another program", _locked("Out/.drawing.lock")),
    State("the inbox moved away", lambda place: place.inbox.rename(place.root / "Before")),
    State("the output moved away", _output_moved),
    State("the output read-only", _press, inside=_fails(Fault.READ_ONLY)),
    State("the output full", _press, inside=_fails(Fault.FULL)),
    State("the drive not connected", inside=_drive_is_away, waits_for="its drive is not at"),
    State("a slow copy", _slow_copy),
    State("a collage of sixty being drawn", before=_sixty),
    State("no inotify left", inside=_inotify_is_used_up),
    State("a pipe as film", _film("file://{root}/pipe.mkv")),
    State("a film from the network", _film("http://127.0.0.1:9/film.mkv")),
    State("a playlist as film", _film("file://{root}/list.m3u8")),
    State("a film that takes too long", lambda place: place.sidecar("1", failed=True, uri="file:///film.mkv", time_s=3),
          inside=_endless_film),
    State("damaged sessions", _press, before=_damage),
    State("a change half done", _press, before=_half_done),
)  # fmt: skip


def run(root: Path, name: str) -> None:
    """The daemon's process."""
    place = Place(root)
    process.log_to(place.config.log, also_terminal=False)
    next(state for state in STATES if state.name == name).inside(place)
    Daemon(place.config).run()


@contextmanager
def daemon(place: Place, state: State) -> Iterator[BaseProcess]:
    made = _FORKS.Process(target=run, args=(place.root, state.name))
    with place.after:
        state.before(place)
        made.start()
        try:
            yield made
        finally:
            made.kill()
            made.join()


def _seconds_to_end(root: Path, state: State, number: int) -> float:
    root.mkdir()
    place = Place(root)
    with daemon(place, state) as made:
        place.says(state.waits_for) if state.waits_for else wait_for(place.config.log.exists, "its log")
        state.then(place)
        begun = time.monotonic()
        os.kill(made.pid, number)
        made.join(SOON_S)
        took = time.monotonic() - begun
        assert made.exitcode in {0, -number}, place.log()
        assert "Traceback" not in place.log()
    return took


@pytest.mark.parametrize(
    ("state", "number"),
    [*((state, signal.SIGTERM) for state in STATES), *((state, signal.SIGINT) for state in STATES[:3])],
    ids=lambda one: getattr(one, "name", ""),
)
def test_a_stop_comes_in_time(tmp_path: Path, state: State, number: int) -> None:
    took = []
    while not took or (took[-1] >= IN_TIME_S and len(took) < TRIES):
        took.append(_seconds_to_end(tmp_path / f"{len(took)}", state, number))
    assert min(took) < IN_TIME_S
