"""Arrivals out of a real folder with real events: each once, in order, none missed."""

import errno
import os
import queue
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cinepalette.errors import DaemonError
from cinepalette.inbox import watch as room
from cinepalette.inbox.folder import Inbox
from cinepalette.inbox.protocol import Arrival, Request
from cinepalette.inbox.taking import Taken
from cinepalette.inbox.watch import Watch

SOON_S = 10.0


class Watched:
    """A watch that runs in a thread and hands its arrivals over."""

    def __init__(self, inbox: Path) -> None:
        self.inbox = inbox
        self.watch = Watch(Inbox(inbox))
        self.found: queue.Queue[Arrival | Taken | Request] = queue.Queue()
        self.thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self.watch.start()
        self.thread.start()

    def _run(self) -> None:
        for arrived in self.watch.arrivals():
            if isinstance(arrived, Arrival):
                arrived = Inbox(self.inbox).take(arrived)
            elif isinstance(arrived, Request):
                arrived.path.unlink(missing_ok=True)
            if arrived is not None:
                self.found.put(arrived)

    def next(self) -> str:
        return self.found.get(timeout=SOON_S).path.name

    def stop(self) -> None:
        self.watch.stop()
        self.thread.join(SOON_S)
        assert not self.thread.is_alive()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path / "Inbox")
    yield made
    made.stop()


def still(inbox: Path, name: str) -> None:
    """As the plugin writes it: the picture, then the sidecar."""
    (inbox / f"{name}.bmp").write_bytes(b"picture")
    (inbox / f"{name}.json").write_text('{"v": 1}')


def test_a_still_right_after_another_is_not_held_back(watched: Watched) -> None:
    watched.start()
    waited_s = []
    for number in range(6):
        begun = time.monotonic()
        still(watched.inbox, f"vlc-{number}")
        assert watched.next() == f"vlc-{number}.bmp"
        waited_s.append(time.monotonic() - begun)
    # It was half a second for each but the first: the quietest moment of a busy machine counts.
    assert min(waited_s[1:]) < 0.3


def test_stills_come_in_order_and_each_once(watched: Watched) -> None:
    watched.start()
    for number in range(20):
        still(watched.inbox, f"vlc-{number:02}")
    assert [watched.next() for _ in range(20)] == [f"vlc-{number:02}.bmp" for number in range(20)]
    (watched.inbox / "request-last.json").write_text('{"v": 1, "do": "undo"}')
    assert watched.next() == "request-last.json"
    assert watched.found.empty()


def test_what_arrived_while_nobody_watched_is_found(watched: Watched) -> None:
    watched.inbox.mkdir()
    still(watched.inbox, "vlc-1")
    watched.start()
    assert watched.next() == "vlc-1.bmp"


def test_a_picture_that_is_moved_in_or_renamed_is_found(watched: Watched, tmp_path: Path) -> None:
    watched.start()
    (tmp_path / "moved.png").write_bytes(b"picture")
    (tmp_path / "moved.png").rename(watched.inbox / "moved.png")
    assert watched.next() == "moved.png"
    (watched.inbox / "download.part").write_bytes(b"picture")
    (watched.inbox / "download.part").rename(watched.inbox / "download.png")
    assert watched.next() == "download.png"


def test_a_slow_copy_is_taken_when_it_is_done(watched: Watched) -> None:
    watched.start()
    finished = 0.0
    with (watched.inbox / "slow.png").open("wb") as file:
        deadline = time.monotonic() + 1.2
        while time.monotonic() < deadline:
            file.write(b"more")
            file.flush()
            threading.Event().wait(0.1)
        finished = time.monotonic()
    assert watched.next() == "slow.png"
    assert time.monotonic() > finished


def test_what_is_in_hand_comes_again_and_another_of_its_name_too(watched: Watched) -> None:
    watched.start()
    still(watched.inbox, "vlc-1")
    taken = watched.found.get(timeout=SOON_S)
    watched.watch.again(taken.folder, 0.0)
    assert watched.found.get(timeout=SOON_S).folder == taken.folder
    still(watched.inbox, "vlc-1")
    assert watched.found.get(timeout=SOON_S).folder != taken.folder


def test_what_is_in_hand_since_before_comes_first(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    inbox.create()
    still(tmp_path, "vlc-1")
    taken = inbox.take(inbox.look(tmp_path / "vlc-1.bmp", SOON_S))
    request = tmp_path / "request-stop.json"
    request.write_text('{"v": 1, "do": "stop"}')
    os.utime(taken.folder, (1_000_000, 1_000_000))
    watch = Watch(inbox)
    watch.again(taken.folder, 0.0)
    watch.start()
    arrivals = watch.arrivals()
    assert [type(next(arrivals)) for _ in range(2)] == [Taken, Request]
    watch.stop()
    assert list(arrivals) == []


def test_pictures_in_folders_below_are_not_ours(watched: Watched) -> None:
    watched.start()
    (watched.inbox / "rejected").mkdir()
    (watched.inbox / "rejected" / "old.png").write_bytes(b"picture")
    still(watched.inbox, "vlc-1")
    assert watched.next() == "vlc-1.bmp"


def test_an_inbox_that_is_deleted_is_made_anew(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "RESCAN_S", 0.2)
    watched.start()
    shutil.rmtree(watched.inbox)
    deadline = time.monotonic() + SOON_S
    while not watched.inbox.is_dir() and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    still(watched.inbox, "vlc-1")
    assert watched.next() == "vlc-1.bmp"


def test_where_no_events_come_it_looks_every_second(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    class Deaf(room.PollingObserver):
        """An observer on a drive that reports nothing."""

        def schedule(self, *_args: object, **_options: object) -> None:
            return

    monkeypatch.setattr(room, "Observer", Deaf)
    monkeypatch.setattr(room, "_PROBE_WAIT_S", 0.1)
    watched.start()
    still(watched.inbox, "vlc-1")
    assert watched.next() == "vlc-1.bmp"


def test_one_file_that_cannot_be_looked_at_ends_nothing(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    look = Inbox.look

    def stumbles(inbox: Inbox, path: Path, unchanged_s: float) -> object:
        return 1 / 0 if path.name == "bad.png" else look(inbox, path, unchanged_s)

    monkeypatch.setattr(Inbox, "look", stumbles)
    watched.start()
    (watched.inbox / "bad.png").write_bytes(b"picture")
    still(watched.inbox, "vlc-1")
    assert watched.next() == "vlc-1.bmp"


def test_a_drive_that_goes_and_comes_back_ends_nothing(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "RESCAN_S", 0.1)
    waiting, gone = Inbox.waiting, [OSError("the drive is gone")] * 2

    def unplugged(inbox: Inbox) -> Iterator[Path]:
        if gone:
            raise gone.pop()
        return waiting(inbox)

    monkeypatch.setattr(Inbox, "waiting", unplugged)
    watched.start()
    still(watched.inbox, "vlc-1")
    assert watched.next() == "vlc-1.bmp"
    request = watched.inbox / "request-1.json"
    request.write_text('{"v": 1, "do": "undo"}')
    assert watched.next() == "request-1.json"


def test_an_inbox_that_was_deleted_and_made_again_is_watched(watched: Watched) -> None:
    watched.watch.start()
    before = watched.watch._observer
    watched.inbox.rename(watched.inbox.with_name("Before"))
    watched.watch._rescan(0.0)
    assert watched.watch._observer is not before
    (emitter,) = watched.watch._observer.emitters
    shutil.rmtree(watched.inbox)
    # The new folder may get the number of the old one; then the emitter shows it, which ends a moment later.
    emitter.join(SOON_S)
    watched.inbox.mkdir()
    watched.watch._rescan(0.0)
    watched.thread.start()
    still(watched.inbox, "vlc-1")
    assert watched.next() == "vlc-1.bmp"


def test_an_event_by_the_path_behind_a_link_is_one_of_the_inbox(tmp_path: Path) -> None:
    """As macOS reports them."""
    (tmp_path / "Drive" / "Inbox").mkdir(parents=True)
    (tmp_path / "Link").symlink_to(tmp_path / "Drive")
    linked = Watch(Inbox(tmp_path / "Link" / "Inbox"))
    linked.start()
    linked._changed.put(tmp_path / "Drive" / "Inbox" / "vlc-1.bmp")
    linked._wait(time.monotonic() + SOON_S)
    linked._stop_observer()
    assert tmp_path / "Link" / "Inbox" / "vlc-1.bmp" in linked._due


def test_where_the_system_gives_no_more_watches_it_looks_every_second(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*_args: object, **_options: object) -> None:
        raise OSError(errno.EMFILE, "inotify instance limit reached")

    monkeypatch.setattr(room.Observer, "start", none_left)
    watched.start()
    still(watched.inbox, "vlc-1")
    assert watched.next() == "vlc-1.bmp"


def test_four_hundred_at_once_come_in_the_order_of_writing(watched: Watched) -> None:
    watched.inbox.mkdir()
    names = [f"{number * 7 % 400:03}.png" for number in range(400)]
    for age, name in enumerate(reversed(names)):
        (watched.inbox / name).write_bytes(b"picture")
        os.utime(watched.inbox / name, (1_000_000 - age, 1_000_000 - age))
    watched.start()
    assert [watched.next() for _ in names] == names


def test_a_second_hand_on_the_inbox_ends_the_watching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken_over() -> None:
        if held:
            raise DaemonError("another daemon is watching this folder already")
        held.append(True)

    held: list[bool] = []
    watch = Watch(Inbox(tmp_path / "Inbox"), taken_over)
    watch.start()
    shutil.rmtree(tmp_path / "Inbox")
    with pytest.raises(DaemonError):
        next(watch.arrivals())
    watch._stop_observer()
