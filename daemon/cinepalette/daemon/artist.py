"""The artist: a thread that draws sessions again, each once when a burst is over."""

import ctypes
import logging
import threading
import time

from ..errors import CinepaletteError
from ..session.folder import Folder
from . import pipeline

log = logging.getLogger(__name__)

# A burst is over when nothing has been kept for the one, and is drawn in between after the other.
REDRAW_QUIET_S = 0.25
REDRAW_LATEST_S = 2.0
# A disk that is full now may have room again.
_RETRY_S = 30.0


class Artist:
    """Sessions that are to be drawn, and the thread that does it."""

    def __init__(self, line: pipeline.Pipeline) -> None:
        self._pipeline = line
        self._changed = threading.Condition()
        self._first: dict[Folder, float] = {}
        """When each was first asked for since it was drawn; guarded by `_changed`, and so are the next two."""
        self._last: dict[Folder, float] = {}
        self._finishing = False
        self._thread = threading.Thread(target=self._run, name="artist")

    def start(self) -> None:
        self._thread.start()

    def touch(self, folder: Folder, in_s: float = 0.0) -> None:
        """Asks for a session to be drawn soon."""
        with self._changed:
            now = time.monotonic() + in_s
            self._first[folder] = min(now, self._first.get(folder, now))
            self._last[folder] = now
            self._changed.notify()

    def finish(self) -> None:
        """Draws what is still to be drawn, and ends."""
        with self._changed:
            self._finishing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._pipeline.warm_up()
        except Exception:
            log.exception("the first still may take longer")
        pipeline.stand_back()
        while (folder := self._next()) is not None:
            begun = time.monotonic()
            try:
                collage = self._pipeline.redraw(folder)
            except CinepaletteError as error:
                if _is_gone(folder):
                    log.info("%s: was renamed or deleted before its collage was drawn", folder.name)
                else:
                    log.error("%s: collage not drawn: %s", folder.name, error)
            except OSError as error:
                log.error("%s: collage not drawn, tried again in %.0f s: %s", folder.name, _RETRY_S, error)
                self._try_again(folder)
            except Exception:
                log.exception("%s: collage not drawn", folder.name)
            else:
                log.info("%s in %.0f ms", collage, (time.monotonic() - begun) * 1000)
            _give_back_memory()

    def _try_again(self, folder: Folder) -> None:
        """Once more later, as for a full disk; not while the daemon ends."""
        with self._changed:
            finishing = self._finishing
        if not finishing:
            self.touch(folder, _RETRY_S)

    def _next(self) -> Folder | None:
        """Waits for a session whose burst is over; None at the end."""
        with self._changed:
            while True:
                now = time.monotonic()
                due = {
                    folder: min(self._last[folder] + REDRAW_QUIET_S, self._first[folder] + REDRAW_LATEST_S)
                    for folder in self._first
                }
                folder = min(due, key=lambda one: due[one], default=None)
                if folder is not None and (due[folder] <= now or self._finishing):
                    del self._first[folder], self._last[folder]
                    return folder
                if self._finishing:
                    return None
                self._changed.wait(None if folder is None else due[folder] - now)


def _is_gone(folder: Folder) -> bool:
    """Whether a session's folder has another name now, or none; with its drive away that is not known."""
    return folder.path.parent.is_dir() and not folder.path.exists()


def _give_back_memory() -> None:
    """Returns the frames of a burst to the system: glibc would keep some hundred megabytes for the next one."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):
        return  # another C library, which does so by itself
