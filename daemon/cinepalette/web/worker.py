"""A process that finds palettes for the server, one after the other, behind everything else on the machine.

Run as `python -m cinepalette.web.worker`. A job is a line of JSON and the picture's bytes, the answer likewise.
"""

import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2

from .. import config as settings
from ..errors import CinepaletteError, UnreadableImage
from ..export import formats
from ..palette.extraction import DEFAULTS
from ..picture import reading
from ..picture.stills import palette_of

# A tenth of a core beside somebody who wants it whole. With less, a busy machine has no palette within a minute.
_NICENESS = 10


def main() -> None:
    """Answers jobs until its input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the server, which ends us in its own time
    _stand_behind()
    while line := sys.stdin.buffer.readline():
        job = json.loads(line)
        data = sys.stdin.buffer.read(job["bytes"])
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
        return {"ok": False, "status": 422, "detail": f"The picture {error.reason}."}, b""
    except CinepaletteError as error:
        return {"ok": False, "status": 400, "detail": f"{error}."}, b""
    except Exception as error:
        # The next picture must find a worker.
        return {"ok": False, "status": 500, "detail": f"The palette was not found: {error}"}, b""


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
