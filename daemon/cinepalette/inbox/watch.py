"""The watched folder: events of the system turned into arrivals, each once, in the order in which they came.

The handler only queues. The folder is looked through at the start and every half minute, which finds what events
missed, and set up again when it has been deleted. Where events do not come at all (some network and virtual drives)
watchdog polls instead.
"""

import logging
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from .folder import Inbox
from .protocol import Arrival, Request, Wait

log = logging.getLogger(__name__)

RESCAN_S = 30.0
_POLL_S = 1.0
_PROBE_NAME = ".watched"
_PROBE_WAIT_S = 2.0


class _Handler(FileSystemEventHandler):
    """Queues the paths of events; an exception here would end watchdog's thread."""

    def __init__(self, changed: "queue.SimpleQueue[Path | None]") -> None:
        self._changed = changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        # Opening and reading is what we do ourselves.
        if event.event_type in {"created", "modified", "closed"}:
            self._changed.put(Path(str(event.src_path)))
        elif event.event_type == "moved":
            self._changed.put(Path(str(event.dest_path)))


@dataclass(frozen=True)
class _Place:
    """A folder as the system knows it, whatever leads to it."""

    path: Path
    """Without links: macOS tells of events by this one."""
    number: int
    """Another one when a folder was deleted and made again."""

    @classmethod
    def of(cls, folder: Path) -> "_Place":
        real = folder.resolve(strict=True)
        return cls(real, real.stat().st_ino)


class Watch:
    """Arrivals and requests of one inbox."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._changed: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
        self._due: dict[Path, float] = {}
        self._taken: set[Path] = set()
        self._observer: BaseObserver | None = None
        self._observed: _Place | None = None
        self._stopped = threading.Event()

    def start(self) -> None:
        """Starts watching; what lies in the inbox already counts as just arrived."""
        self._inbox.create()
        self._observe(Observer())
        if not self._events_come():
            log.warning("%s: no events come from this drive; looking every second instead", self._inbox.path)
            self._stop_observer()
            self._observe(PollingObserver(timeout=_POLL_S))

    def stop(self) -> None:
        """Ends `arrivals`; may be called from any thread or a signal handler."""
        self._stopped.set()
        self._changed.put(None)

    def again(self, path: Path, seconds: float) -> None:
        """Gives a taken arrival back, to be looked at once more after so many seconds; from any thread."""
        self._taken.discard(path)
        self._due[path] = time.monotonic() + seconds
        self._changed.put(None)

    def done(self, path: Path) -> None:
        """The file of an arrival is out of the inbox; another one of that name is a new arrival."""
        self._taken.discard(path)

    def arrivals(self) -> Iterator[Arrival | Request]:
        """What arrives, until `stop`. Each is given once, until `again` or `done` is said of its path."""
        rescan_at = 0.0
        while not self._stopped.is_set():
            now = time.monotonic()
            if now >= rescan_at:
                try:
                    self._rescan(now)
                except Exception as error:  # a drive that has gone may come back
                    log.warning("%s: cannot be looked through: %s", self._inbox.path, error)
                rescan_at = now + RESCAN_S
            # A copy: `again` adds to it from another thread.
            for path in [path for path, due in self._due.copy().items() if due <= now]:
                if self._stopped.is_set():
                    break
                del self._due[path]
                found = self._look(path)
                if isinstance(found, Wait):
                    self._due[path] = time.monotonic() + found.seconds
                elif found is not None and found.path not in self._taken:
                    self._taken.add(found.path)
                    yield found
            self._wait(min([rescan_at, *self._due.copy().values()]))
        self._stop_observer()

    def _look(self, path: Path) -> Arrival | Request | Wait | None:
        try:
            return self._inbox.look(path)
        except Exception:
            # One odd file must not end the watching of all others.
            log.exception("%s: left in the inbox", path.name)
            return None

    def _wait(self, until: float) -> None:
        """Takes the next changes, or returns when it is time to look at something."""
        try:
            path = self._changed.get(timeout=max(0.0, until - time.monotonic()))
            while True:
                if path is not None and path.parent == self._observed.path:
                    self._due[self._inbox.path / path.name] = 0.0
                path = self._changed.get_nowait()
        except queue.Empty:
            return

    def _rescan(self, now: float) -> None:
        if self._observer is None or not self._is_observed():
            log.warning("%s: is gone or another folder; watched anew", self._inbox.path)
            self._stop_observer()
            self.start()
        for path in self._inbox.waiting():
            self._due.setdefault(path, now)
        self._inbox.sweep()

    def _observe(self, observer: BaseObserver) -> None:
        self._observed = _Place.of(self._inbox.path)
        observer.schedule(_Handler(self._changed), str(self._observed.path), recursive=False)
        observer.daemon = True
        observer.start()
        self._observer = observer

    def _is_observed(self) -> bool:
        """Whether the folder that is watched is still the inbox, and watched: a deleted one's emitter only ends."""
        try:
            same = _Place.of(self._inbox.path) == self._observed
        except OSError:
            return False
        return same and any(emitter.is_alive() for emitter in self._observer.emitters)

    def _events_come(self) -> bool:
        """Whether the system tells of a file that we write ourselves."""
        probe = self._observed.path / _PROBE_NAME
        deadline = time.monotonic() + _PROBE_WAIT_S
        waiting: list[Path] = []
        try:
            probe.write_bytes(b"")
            while (left := deadline - time.monotonic()) > 0:
                path = self._changed.get(timeout=left)
                if path == probe:
                    return True
                if path is not None:
                    waiting.append(path)
        except queue.Empty:
            return False
        finally:
            probe.unlink(missing_ok=True)
            for path in waiting:
                self._changed.put(path)
        return False

    def _stop_observer(self) -> None:
        if self._observer is not None and self._observer.is_alive():
            self._observer.stop()
            self._observer.join(timeout=5)
        self._observer = None
