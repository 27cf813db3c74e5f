"""The watched folder: events of the system turned into arrivals, each once, in the order in which they came.

The handler only queues. The folder is looked through at the start and every half minute, which finds what events
missed, and set up again when it has been deleted. Where events do not come at all (some network and virtual drives)
watchdog polls instead.
"""

import logging
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from ..errors import DaemonError
from ..model import one_line
from ..picture.opening import version_of
from .folder import Inbox, written_at
from .protocol import Arrival, Request, Wait
from .taking import Taken

log = logging.getLogger(__name__)

RESCAN_S = 30.0
# How soon it is noticed that the inbox was moved away, of which no event comes.
_GLANCE_S = 2.0
_POLL_S = 1.0
_PROBE_NAME = ".watched"
_PROBE_WAIT_S = 2.0


_Changes = queue.SimpleQueue["Path | _Again | None"]


class _Handler(FileSystemEventHandler):
    """Queues the paths of events; an exception here would end watchdog's thread."""

    def __init__(self, changed: "_Changes") -> None:
        self._changed = changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        # Opening and reading is what we do ourselves.
        if event.event_type in {"created", "modified", "closed"}:
            self._changed.put(Path(str(event.src_path)))
        elif event.event_type == "moved":
            self._changed.put(Path(str(event.dest_path)))
        elif event.event_type == "deleted" and event.is_directory:
            self._changed.put(None)  # the inbox itself may be gone


@dataclass(frozen=True)
class _Place:
    """A folder as the system knows it, whatever leads to it."""

    path: Path
    """Without links: macOS reports events by this one."""
    number: int
    """Another one when a folder was deleted and made again."""

    @classmethod
    def of(cls, folder: Path) -> "_Place":
        real = folder.resolve(strict=True)
        return cls(real, real.stat().st_ino)


@dataclass(frozen=True)
class _Again:
    """A path that is to be looked at at a moment of the monotonic clock."""

    path: Path
    at: float


class Watch:
    """Arrivals and requests of one inbox."""

    def __init__(
        self,
        inbox: Inbox,
        hold: Callable[[], None] = lambda: None,
        strangers: Callable[[tuple[str, ...]], None] = lambda names: None,
    ) -> None:
        """`hold` is called before an inbox is watched or made, and again and again; its `DaemonError` ends `arrivals`.

        `strangers` is given the names of what lies in the inbox and is left there, whenever they change.
        """
        self._inbox = inbox
        self._hold = hold
        self._note_strangers = strangers
        self._strangers: tuple[str, ...] = ()
        self._changed: _Changes = queue.SimpleQueue()
        """All that comes from other threads; the rest belongs to the thread that runs `arrivals`."""
        self._due: dict[Path, float] = {}
        self._seen: dict[Path, tuple[tuple[int, ...] | None, float]] = {}
        """The version of a file and since when it is that: a drive's own clock may be wrong."""
        self._observer: BaseObserver | None = None
        self._observed: _Place | None = None
        self._stopped = threading.Event()

    def start(self) -> None:
        """Starts watching; what lies in the inbox already counts as just arrived."""
        self._hold()
        self._inbox.create()
        try:
            self._observe(Observer())
            come = self._events_come()
        except OSError as error:  # the system gives no more watches
            log.warning("%s: cannot be watched: %s", self._inbox.path, error)
            come = False
        if not come:
            log.warning("%s: no events come from this drive; looking every second instead", self._inbox.path)
            self._stop_observer()
            self._observe(PollingObserver(timeout=_POLL_S))

    def stop(self) -> None:
        """Ends `arrivals`; may be called from any thread or a signal handler."""
        self._stopped.set()
        self._changed.put(None)

    def again(self, path: Path, seconds: float) -> None:
        """Has something looked at once more after `seconds`; from any thread."""
        self._changed.put(_Again(path, time.monotonic() + seconds))

    def arrivals(self) -> Iterator[Arrival | Taken | Request]:
        """What arrives, until `stop`, the older before the newer. It comes again until it is taken."""
        rescan_at, trouble = 0.0, ""
        self._wait(0.0)  # what is in hand since before is older than what is asked now
        while not self._stopped.is_set():
            now = time.monotonic()
            try:
                if now >= rescan_at or not self._is_observed():
                    rescan_at = now + RESCAN_S
                    self._rescan(now)
                self._hold()
                trouble = ""
            except DaemonError:
                raise
            except Exception as error:  # a drive that has gone may come back
                if str(error) != trouble:
                    trouble = str(error)
                    log.warning("%s: cannot be looked through: %s", self._inbox.path, error)
            for path in sorted((path for path, due in self._due.items() if due <= now), key=written_at):
                if self._stopped.is_set():
                    break
                del self._due[path]
                found = self._look(path)
                if isinstance(found, Wait):
                    self._due[path] = time.monotonic() + found.seconds
                elif found is not None:
                    yield found
            self._wait(min([rescan_at, now + _GLANCE_S, *self._due.values()]))
        self._stop_observer()

    def _look(self, path: Path) -> Arrival | Taken | Request | Wait | None:
        try:
            return self._inbox.look(path, self._unchanged_s(path))
        except Exception:
            # One odd file must not end the watching of all others.
            log.exception("%s: left in the inbox", one_line(path.name))
            return None

    def _unchanged_s(self, path: Path) -> float:
        """For how long a file has been seen as it is."""
        now, version = time.monotonic(), version_of(path)
        known, since = self._seen.get(path, (None, now))
        if version is None or known != version:
            since = now
        self._seen[path] = (version, since)
        return now - since

    def _wait(self, until: float) -> None:
        """Takes the next changes, or returns when it is time to look at something."""
        try:
            change = self._changed.get(timeout=max(0.0, until - time.monotonic()))
            while True:
                if isinstance(change, _Again):
                    self._due[change.path] = change.at
                elif change is not None and self._observed and change.parent == self._observed.path:
                    self._due[self._inbox.path / change.name] = 0.0
                change = self._changed.get_nowait()
        except queue.Empty:
            return

    def _rescan(self, now: float) -> None:
        if self._observer is None or not self._is_observed():
            self._stop_observer()
            self.start()
            log.warning("%s: was gone or became another folder; it is watched anew", self._inbox.path)
        waiting = list(self._inbox.waiting())
        for path in waiting:
            self._due.setdefault(path, now)
        self._seen = {path: seen for path, seen in self._seen.items() if path in self._due}
        self._inbox.sweep()
        strangers = self._inbox.strangers()
        if new := sorted(set(strangers) - set(self._strangers)):
            log.info("%s: not a picture that can be read, left there: %s", self._inbox.path, ", ".join(new))
        if strangers != self._strangers:
            self._strangers = strangers
            self._note_strangers(strangers)

    def _observe(self, observer: BaseObserver) -> None:
        self._observed = _Place.of(self._inbox.path)
        if sys.platform == "linux":
            from watchdog.observers.inotify_move_event_grouper import InotifyMoveEventGrouper

            # What is taken leaves the folder. watchdog would hold back all that comes in the half second after, to
            # find out where it has gone.
            InotifyMoveEventGrouper.delay = 0.0
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
        return same and self._observer is not None and any(one.is_alive() for one in self._observer.emitters)

    def _events_come(self) -> bool:
        """Whether the system reports a file that we write ourselves."""
        probe = self._inbox.path.resolve() / _PROBE_NAME
        deadline = time.monotonic() + _PROBE_WAIT_S
        waiting: list[Path | _Again] = []
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
