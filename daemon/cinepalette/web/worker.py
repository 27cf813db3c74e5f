"""A process that finds palettes for the server, one after the other, behind everything else on the machine.

Run as `python -m cinepalette.web.worker INBOX`. A job is a line of JSON and the picture's bytes, the answer likewise.
While the daemon answers a key it rests: somebody waits for that answer in the middle of a film.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import cv2

from .. import config as settings
from ..errors import CinepaletteError, UnreadableImage
from ..export import formats
from ..inbox import protocol
from ..palette.extraction import DEFAULTS
from ..picture import reading
from ..picture.stills import palette_of

# A thirtieth of a core beside somebody who wants it whole.
_NICENESS = 15

# How often it looks for a key, how long it rests at most, and between two looks for the answer.
_LOOK_S, _REST_S, _NAP_S = 0.002, 0.5, 0.01


def main() -> None:
    """Answers jobs until its input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the server, which ends us in its own time
    _stand_behind()
    inbox = Path(sys.argv[1])
    while line := sys.stdin.buffer.readline():
        job = json.loads(line)
        data = sys.stdin.buffer.read(job["bytes"])
        with resting_for_keys(inbox):
            answer, content = _done(job, data)
        sys.stdout.buffer.write(json.dumps({**answer, "bytes": len(content)}).encode() + b"\n" + content)
        sys.stdout.buffer.flush()


def _done(job: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        options = settings.checked(DEFAULTS, "palette", **job["options"])
        form = formats.find(job["format"])
        name = job["name"] or "picture"
        swatches, _ = palette_of(reading.decode(data).rgb, options=options)
        return {"ok": True}, form.encode([formats.Group(name, swatches)], Path(name).stem)
    except UnreadableImage as error:
        return {"ok": False, "status": 422, "detail": f"The file {error.reason}."}, b""
    except CinepaletteError as error:
        return {"ok": False, "status": 400, "detail": f"{error}."}, b""
    except Exception as error:
        # The next picture must find a worker.
        return {"ok": False, "status": 500, "detail": f"The palette was not found: {error}"}, b""


@contextmanager
def resting_for_keys(inbox: Path) -> Iterator[None]:
    """Interrupts the work within whenever something comes into the inbox, until the daemon has answered.

    A low priority is not enough: a process that runs is not put off for some milliseconds, and the daemon wants the
    processor for many short moments.
    """
    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return
    seen = _changed_at(inbox)

    def look(_signal: int, _frame: FrameType | None) -> None:
        nonlocal seen
        if _changed_at(inbox) != seen:
            _rest(inbox / protocol.REPLIES)
            seen = _changed_at(inbox)
        # Set anew each time: one that went on by itself would interrupt the rest.
        signal.setitimer(signal.ITIMER_REAL, _LOOK_S)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _LOOK_S)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _rest(replies: Path) -> None:
    unanswered, until = _changed_at(replies), time.monotonic() + _REST_S
    while _changed_at(replies) == unanswered and time.monotonic() < until:
        time.sleep(_NAP_S)


def _changed_at(folder: Path) -> int:
    """When something last came into a folder or left it; 0 where there is none."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def _stand_behind() -> None:
    """The player and the daemon go first; one core at most."""
    cv2.setNumThreads(1)
    if sys.platform == "linux":
        # Linux shares time between sessions first, whatever the niceness within each; this process is one of its own.
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(_NICENESS))
    if hasattr(os, "nice"):
        os.nice(_NICENESS)


if __name__ == "__main__":
    main()
