"""The process that watches: answers each arrival at once, keeps it in the background, redraws when it is quiet.

Three threads, so that a key press never waits for an encoder: the main one answers, the keeper writes stills and
cards, the artist redraws sessions, once for a burst.
"""

import logging
import os
import queue
import signal
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from PIL import Image

from ..config import Config
from ..drawing import overlay
from ..errors import CinepaletteError, DaemonError, UnreadableImage
from ..inbox import protocol
from ..inbox.folder import Inbox, rest_s
from ..inbox.protocol import FROM_PLAYER, LOCK_NAME, PID_NAME, Arrival, Kind, Request
from ..inbox.watch import Watch
from ..model import Session, Sidecar, Size
from ..picture.wording import in_words
from ..picture.writing import png_bytes, sweep
from ..session import changes
from ..session.store import Folder, Store
from . import desktop, page, pipeline, process, results
from .artist import Artist

log = logging.getLogger(__name__)

# How soon a still that could not be written, as when the disk is full, is tried again.
_RETRY_S = 30.0

# Who only asks whether a daemon runs holds its lock for a moment, too.
_LOCK_WAIT_S = 1.0

# The strip in the player's dialog is drawn as for a film of this size.
_DIALOG_FRAME = (1280, 720)


class Daemon:
    """One daemon, for one inbox."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._inbox = Inbox(config.inbox)
        self._store = Store(config.output)
        self._pipeline = pipeline.Pipeline(config, self._store)
        self._watch = Watch(self._inbox)
        # Bounded: each holds a whole frame, and a burst must not fill the memory.
        self._to_keep: queue.Queue[tuple[Arrival, pipeline.Admitted] | None] = queue.Queue(maxsize=4)
        self._artist = Artist(self._pipeline)
        self._unfinished: set[Path] = set()
        """Files that may have their place in a session already, though they still lie in the inbox."""

    def run(self) -> None:
        """Watches until SIGTERM, SIGINT or a stop request; the still in hand is finished first.

        Raises `DaemonError` when another daemon watches this inbox.
        """
        self._inbox.create()
        lock = FileLock(self._inbox.path / LOCK_NAME)
        try:
            lock.acquire(timeout=_LOCK_WAIT_S)
        except Timeout:
            raise DaemonError(f"{self._inbox.path}: another daemon is watching this folder already") from None
        try:
            (self._inbox.path / PID_NAME).write_text(f"{os.getpid()}\n")
            with process.noted(self._config):
                self._run()
        finally:
            (self._inbox.path / PID_NAME).unlink(missing_ok=True)
            lock.release()

    def stop(self, *_signal: object) -> None:
        """Ends `run`; may be called from a signal handler."""
        self._watch.stop()

    def _run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            if threading.current_thread() is threading.main_thread():
                signal.signal(number, self.stop)
        keeper = threading.Thread(target=self._keep_all, name="keeper")
        keeper.start()
        self._artist.start()
        try:
            self._repair()
            self._watch.start()
            log.info("watching %s, writing to %s", self._inbox.path, self._config.output)
            for arrived in self._watch.arrivals():
                self._answer(arrived)
        finally:
            self._to_keep.put(None)
            keeper.join()
            self._artist.finish()
            log.info("stopped")

    def _repair(self) -> None:
        """Finishes what a crash cut off: stills that have their place but whose files are not all written."""
        for folder in self._store.folders():
            try:
                with self._store.lock():
                    session = self._store.load(folder)
                    folder.settle((*session.stills, *session.removed))
                sweep(folder.path)
                if self._pipeline.is_behind(folder):
                    self._artist.touch(folder)
            except Exception as error:
                # Whatever has become of an old session, the next still must find a daemon.
                log.warning("%s: not looked after: %s", folder.name, error)
        self._inbox.forget_requests()
        self._unfinished.update(self._inbox.waiting())

    def _answer(self, arrived: Arrival | Request) -> None:
        try:
            if isinstance(arrived, Request):
                self._answer_request(arrived)
            else:
                self._answer_still(arrived)
        except Exception:
            # A mistake of ours about one still must not cost the next one. It stays in the inbox for the next start.
            log.exception("%s: left in the inbox", arrived.path.name)

    def _answer_still(self, arrival: Arrival) -> None:
        begun = time.monotonic()
        try:
            admitted = self._admitted(arrival)
        except UnreadableImage as error:
            self._refuse(arrival, error)
            return
        except (CinepaletteError, OSError) as error:
            log.error("%s: %s", arrival.path.name, error)
            self._watch.again(arrival.path, protocol.STALLED_S)
            self._inbox.reply(arrival.path, {"ok": False, "text": "Saved, but not yet kept: see cinepalette status"})
            return
        try:
            self._show(arrival, admitted)
            page.touch(self._store, admitted.folder)
        except Exception:
            # The still has its place: it must be kept whether or not the player hears of it.
            log.exception("%s: not answered", arrival.path.name)
        log.info(
            "%s: %s (%s) in %.0f ms%s",
            arrival.path.name,
            admitted.text,
            " ".join(swatch.hex for swatch in admitted.still.swatches),
            (time.monotonic() - begun) * 1000,
            "".join(f"; {note}" for note in (*arrival.notes, *map(in_words, admitted.still.correction))),
        )
        self._to_keep.put((arrival, admitted))

    def _show(self, arrival: Arrival, admitted: pipeline.Admitted) -> None:
        """Answers the player with the palette, drawn for its film."""
        if arrival.kind not in FROM_PLAYER:
            return
        frame = _as_drawn(admitted.still.size, arrival.sidecar)
        strip = overlay.draw(admitted.still.swatches, frame)
        answer = {
            "ok": True,
            "text": f"{admitted.text}, taken from the film itself" if arrival.kind is Kind.SIDECAR else admitted.text,
            "n": admitted.still.n,
            "session": admitted.folder.name,
            "stills": admitted.count,
            "strip_size": strip.size,
            "video_size": frame,
        }
        self._inbox.reply(arrival.path, answer, png_bytes(np.asarray(strip)))

    def _admitted(self, arrival: Arrival) -> pipeline.Admitted:
        """A still with its place in a session: a new one, or the one that it had when it could not be finished."""
        if arrival.path in self._unfinished:
            before = self._pipeline.admitted_before(arrival.path, arrival.sidecar)
            self._unfinished.discard(arrival.path)
            if before is not None:
                log.info("%s: finished after an interruption", arrival.path.name)
                return before
        return self._pipeline.admit(arrival.path, arrival.sidecar)

    def _refuse(self, arrival: Arrival, error: UnreadableImage) -> None:
        """A picture that cannot be read: waited for while it may be on its way, then put aside with the reason."""
        try:
            rest = rest_s(arrival.path, protocol.STALLED_S)
        except OSError:
            log.warning("%s: has disappeared", arrival.path.name)
            self._watch.done(arrival.path)
            return
        if rest and arrival.path.is_file() and arrival.kind is not Kind.SIDECAR:
            self._watch.again(arrival.path, rest)
            return
        try:
            kept_at = self._inbox.reject(arrival.path, error.reason)
        except OSError as problem:
            log.error("%s: %s; cannot be moved away: %s", arrival.path.name, error.reason, problem)
            return
        log.warning("%s: %s; kept as %s", arrival.path.name, error.reason, kept_at)
        self._watch.done(arrival.path)
        if arrival.kind in FROM_PLAYER:
            self._inbox.reply(arrival.path, {"ok": False, "text": f"VLC's picture {error.reason}"})

    def _answer_request(self, request: Request) -> None:
        # First of all, so that it is never carried out twice.
        request.path.unlink(missing_ok=True)
        self._watch.done(request.path)
        strip_png = None
        try:
            answer = self._outcome(request)
            if request.do == "status" and (last := self._last_strip()):
                answer["strip_size"], strip_png = last.size, png_bytes(np.asarray(last))
        except (CinepaletteError, OSError) as error:
            log.warning("%s: %s", request.path.name, error)
            answer = {"ok": False, "text": str(error)}
        self._inbox.reply(request.path, answer, strip_png)

    def _outcome(self, request: Request) -> dict[str, Any]:
        if request.do == "stop":
            self.stop()
            return {"ok": True, "text": "The palette daemon stops"}
        if request.do == "open":
            latest = self._latest()
            folder = latest[0].path if latest else self._config.output
            desktop.open_folder(folder)
            return {"ok": True, "text": f"Opened {folder}"}
        if request.do == "status":
            return {"ok": True, "text": "The palette daemon is running", **self._status()}
        outcome = changes.by_key(self._store, request.do, request.n)
        for folder in outcome.redraw:
            self._artist.touch(folder, renamed=outcome.renamed)
            page.touch(self._store, folder)
        log.info("%s", outcome.text)
        return {"ok": True, "text": outcome.text, **self._status()}

    def _status(self) -> dict[str, Any]:
        """The latest session, for the player's dialog."""
        latest = self._latest()
        if latest is None:
            return {"stills": 0}
        folder, session = latest
        return {"session": folder.name, "stills": len(session.stills), "collage": str(results.collage_path(folder))}

    def _last_strip(self) -> Image.Image | None:
        """The last palette of the latest session, as it was laid over the film."""
        latest = self._latest()
        if latest is None or not latest[1].stills:
            return None
        last = max(latest[1].stills, key=lambda still: still.n)
        return overlay.draw(last.swatches, _DIALOG_FRAME)

    def _latest(self) -> tuple[Folder, Session] | None:
        with self._store.lock():
            sessions = self._store.sessions()
        return sessions[-1] if sessions else None

    def _keep_all(self) -> None:
        """The keeper's thread."""
        while (job := self._to_keep.get()) is not None:
            try:
                self._keep(*job)
            except Exception:
                log.exception("%s: left in the inbox", job[0].path.name)

    def _keep(self, arrival: Arrival, admitted: pipeline.Admitted) -> None:
        """Writes a still and clears it out of the inbox; one that cannot be written stays there and comes again.

        Nothing is waited for here: whatever is wrong with one still, the next ones and a stop must get through.
        """
        path = arrival.path
        try:
            self._pipeline.keep(admitted, arrival.sidecar)
            if pipeline.is_another(path, admitted.still):
                log.info("%s: was replaced meanwhile; taken once more", path.name)
                self._watch.again(path, 0.0)
            else:
                self._pipeline.put_original(admitted, path)
                self._inbox.clear(arrival)
                self._watch.done(path)
        except (CinepaletteError, OSError) as error:
            log.error("%s: not kept yet: %s", path.name, error)
            self._unfinished.add(path)
            self._watch.again(path, _RETRY_S)
            return
        self._artist.touch(admitted.folder)


def _as_drawn(still_size: Size, sidecar: Sidecar | None) -> Size:
    """The frame in the pixels in which the player draws over it: as high as the video is coded, as wide as it is seen.

    For a DVD, and for a phone's upright video, that is not the size of the still.
    """
    width, height = still_size
    coded_height = sidecar and sidecar.video.height
    return (round(coded_height * width / height), coded_height) if coded_height else still_size
