"""The daemon's end: a signal stops it in time, whatever it is doing.

Python runs a signal's handler between two of its own steps in the main thread, which may be waiting for another
program's lock or for a large picture. So the signal's number is also written into a pipe, by the C code that receives
it, and a thread that reads the pipe sees to the end.
"""

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)

# Two seconds are promised, also on a busy machine. Whatever is unfinished then is finished at the start.
_PATIENCE_S = 1.2


@contextlib.contextmanager
def in_time(stop: Callable[[], None], cut_off: Callable[[], None]) -> Iterator[None]:
    """Has SIGTERM and SIGINT call `stop`; where the block has not ended soon after, `cut_off`, and ends the process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    out, into = os.pipe()
    os.set_blocking(into, False)
    ended = threading.Event()

    def see_to_it() -> None:
        if os.read(out, 1) == b"\0":
            return
        stop()
        if not ended.wait(_PATIENCE_S):
            log.warning("stopped in the middle; what is unfinished is finished at the next start")
            with contextlib.suppress(Exception):
                cut_off()
            os._exit(0)

    threading.Thread(target=see_to_it, name="ending", daemon=True).start()
    before = signal.set_wakeup_fd(into, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())
    try:
        yield
    finally:
        ended.set()
        signal.set_wakeup_fd(before)
        os.write(into, b"\0")
