"""The keeper: a thread that writes stills and takes them out of the inbox when they are safe."""

import logging
import threading
from collections import deque
from collections.abc import Callable

from ..errors import CinepaletteError
from ..inbox.taking import Taken
from .pipeline import Admitted

log = logging.getLogger(__name__)

# Frames that may wait to be written: four of 4K, or one that is larger. A burst must not fill the memory.
_MOST_PIXELS = 4 * 3840 * 2160


class Keeper:
    """Stills that have their place and wait to be written, and the thread that does it."""

    def __init__(self, keep: Callable[[Taken, Admitted], None]) -> None:
        self._keep = keep
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Taken, Admitted]] = deque()
        """Guarded by `_changed`, and so are the next two."""
        self._pixels = 0
        self._finishing = False
        self._thread = threading.Thread(target=self._run, name="keeper")

    def start(self) -> None:
        self._thread.start()

    def put(self, taken: Taken, admitted: Admitted) -> None:
        """Has a still written; waits while too many frames are in memory."""
        pixels = _pixels(admitted)
        with self._changed:
            self._changed.wait_for(lambda: self._pixels == 0 or self._pixels + pixels <= _MOST_PIXELS)
            self._pixels += pixels
            self._waiting.append((taken, admitted))
            self._changed.notify_all()

    def finish(self) -> None:
        """Writes what is still to be written, and ends."""
        with self._changed:
            self._finishing = True
            self._changed.notify_all()
        self._thread.join()

    def next(self) -> tuple[Taken, Admitted] | None:
        """Waits for a still; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._finishing)
            return self._waiting.popleft() if self._waiting else None

    def write(self, taken: Taken, admitted: Admitted) -> None:
        """Writes one, and makes room for the next."""
        try:
            self._keep(taken, admitted)
        except (CinepaletteError, OSError) as error:
            log.error("%s: not kept yet: %s", taken.arrival.name, error)
        except Exception:
            log.exception("%s: left in the inbox", taken.arrival.name)
        finally:
            with self._changed:
                self._pixels -= _pixels(admitted)
                self._changed.notify_all()

    def _run(self) -> None:
        while (job := self.next()) is not None:
            self.write(*job)
            del job  # a frame less while the next is waited for


def _pixels(admitted: Admitted) -> int:
    width, height = admitted.still.size
    return width * height
