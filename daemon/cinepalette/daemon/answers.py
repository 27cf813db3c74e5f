"""What the player is answered: the palette that is laid over its film, and what a key or the dialog asked for."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from ..drawing import fonts, overlay
from ..errors import CinepaletteError
from ..inbox.protocol import Arrival, Kind, Request
from ..model import Session, Size, Video
from ..picture.encoding import png_bytes
from ..session import changes
from ..session.folder import Folder
from ..session.store import Store
from . import desktop, results
from .pipeline import Admitted

log = logging.getLogger(__name__)

# The strip in the player's dialog is drawn as for a film of this size.
_DIALOG_FRAME = (1280, 720)


@dataclass(frozen=True)
class Answer:
    """An answer as it goes to the player."""

    data: dict[str, Any]
    drawn: Image.Image | None = None
    """What is laid over the film, or shown in the dialog."""

    @classmethod
    def failed(cls, text: str) -> "Answer":
        """That something could not be done."""
        return cls({"ok": False, "text": text})

    @property
    def json(self) -> dict[str, Any]:
        """With the size of what is drawn."""
        return self.data | ({"strip_size": self.drawn.size} if self.drawn else {})

    @property
    def png(self) -> bytes | None:
        """What is drawn, as a file."""
        return png_bytes(np.asarray(self.drawn)) if self.drawn else None


def to_still(arrival: Arrival, admitted: Admitted) -> Answer:
    """The palette of a still, drawn for the film from which it came."""
    frame = _as_drawn(admitted.still.size, arrival.sidecar.video if arrival.sidecar else Video())
    title = f"{admitted.still.n} · {admitted.title}"
    strip = overlay.over_film(admitted.still.swatches, frame, title, admitted.where, fonts.typesetter())
    answer = {
        "ok": True,
        "text": f"{admitted.text}, taken from the film itself" if arrival.kind is Kind.SIDECAR else admitted.text,
        "n": admitted.still.n,
        "session": admitted.folder.name,
        "stills": admitted.count,
        "video_size": frame,
        "titled": True,
    }
    return Answer(answer, strip)


class Answers:
    """Carries out requests, and answers them."""

    def __init__(self, store: Store, changed: Callable[[Folder], None], stop: Callable[[], None]) -> None:
        """`changed` is called for each session whose collage is behind now, `stop` to end the daemon."""
        self._store = store
        self._changed = changed
        self._stop = stop

    def to_request(self, request: Request) -> Answer:
        """Does what a request asks for; what cannot be done is an answer as well."""
        try:
            answer = self._outcome(request)
        except (CinepaletteError, OSError) as error:
            log.warning("%s: %s", request.path.name, error)
            answer = Answer.failed(str(error))
        frame = self._frame_of(request)
        if frame is None:
            return answer
        note = overlay.note_over_film(answer.data["text"], frame, fonts.typesetter())
        return Answer(answer.data | {"video_size": frame, "titled": True}, note)

    def _outcome(self, request: Request) -> Answer:
        if request.do == "stop":
            self._stop()
            return _done("The palette daemon stops")
        if request.do == "open":
            latest = self._latest()
            place = latest[0].path if latest else self._store.output
            desktop.open_folder(place)
            return _done(f"Opened {place}")
        if request.do == "status":
            return _done("The palette daemon is running", self._status(), self._last_strip())
        outcome = changes.by_key(self._store, request.do, request.n)
        for folder in outcome.redraw:
            self._changed(folder)
        log.info("%s", outcome.text)
        return _done(outcome.text, self._status())

    def _status(self) -> dict[str, Any]:
        """The latest session, for the player's dialog."""
        latest = self._latest()
        if latest is None:
            return {"stills": 0}
        folder, session = latest
        return {
            "session": folder.name,
            "stills": len(session.stills),
            "last": max((still.n for still in session.stills), default=None),
            "collage": str(results.collage_path(folder)),
        }

    def _last_strip(self) -> Image.Image | None:
        """The last palette of the latest session, as it was laid over the film."""
        latest = self._latest()
        if latest is None or not latest[1].stills:
            return None
        last = max(latest[1].stills, key=lambda still: still.n)
        return overlay.over_film(last.swatches, _DIALOG_FRAME)

    def _frame_of(self, request: Request) -> Size | None:
        """The frame that an answer is laid over; None where the player did not say what is on its screen."""
        width, height = request.video.width, request.video.height
        if width is None or height is None:
            return None
        size = (width, height)
        with suppress(CinepaletteError, OSError):  # what is wrong with the sessions, the answer says already
            # A still has the width at which the film is seen, which is not the one at which it is coded.
            if (latest := self._latest()) and latest[1].stills:
                size = latest[1].stills[-1].size
        return _as_drawn(size, request.video)

    def _latest(self) -> tuple[Folder, Session] | None:
        with self._store.lock():
            sessions = self._store.sessions()
        return sessions[-1] if sessions else None


def _done(text: str, more: dict[str, Any] | None = None, drawn: Image.Image | None = None) -> Answer:
    return Answer({"ok": True, "text": text, **(more or {})}, drawn)


def _as_drawn(still_size: Size, video: Video) -> Size:
    """The frame in the pixels in which the player draws over it: as high as the video is coded, as wide as it is seen.

    For a DVD, and for a phone's upright video, that is not the size of the still.
    """
    width, height = still_size
    coded_height = video.height
    # What no film has, a sidecar may say all the same.
    if coded_height and coded_height > 2 * max(still_size):
        coded_height = None
    return (round(coded_height * width / height), coded_height) if coded_height else still_size
