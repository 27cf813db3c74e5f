"""The process that watches: answers each arrival at once, keeps it in the background, redraws when it is quiet.

Three threads, so that a key press never waits for an encoder: the main one answers, the keeper writes stills and
cards, the artist redraws sessions, once for a burst.
"""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from ..config import Config
from ..errors import CinepaletteError, SessionError, UnreadableImage
from ..inbox import protocol, taking
from ..inbox.folder import Inbox
from ..inbox.protocol import FROM_PLAYER, Arrival, Kind, Request
from ..inbox.taking import Taken
from ..inbox.watch import Watch
from ..model import one_line
from ..picture import opening
from ..picture.wording import in_words
from ..picture.writing import sweep
from ..session import commit
from ..session.folder import Folder
from ..session.store import Store
from . import answers, notes, page, pipeline, process
from .answers import Answer, Answers
from .artist import Artist
from .keeper import Keeper

log = logging.getLogger(__name__)

# How soon a still that could not be written, as when the disk is full, is tried again.
_RETRY_S = 30.0

# How soon it is noticed that the drive of the sessions was connected.
_DRIVE_S = 2.0

# A file that has brought the daemon down so often is put aside.
_MOST_TRIES = 2


class Daemon:
    """One daemon, for one inbox."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._inbox = Inbox(config.inbox)
        self._hold = process.Hold(config.inbox)
        self._notes = notes.Notes(config.inbox)
        self._store = Store(config.output)
        self._pipeline = pipeline.Pipeline(config, self._store)
        self._watch = Watch(self._inbox, self._hold_inbox, self._notes.ignoring)
        self._keeper = Keeper(self._keep)
        self._artist = Artist(self._pipeline)
        self._answers = Answers(self._store, self._changed, self.stop)
        self._syncing = ThreadPoolExecutor(1, thread_name_prefix="sync")
        self._stopped = threading.Event()
        self._reading: Taken | None = None
        """What is being decoded: cut off by a stop, it is not to blame. Set by the main thread, read by any."""

    def run(self) -> None:
        """Watches until SIGTERM, SIGINT or a stop request; the still in hand is finished first.

        Raises `DaemonError` when another daemon watches this inbox.
        """
        try:
            with process.ends_in_time(self.stop, self._cut_off):
                if self._comes_to_hold():
                    with process.noted(self._config), self._notes.kept():
                        self._run()
        finally:
            self._hold.release()

    def stop(self) -> None:
        """Ends `run`; from any thread."""
        self._stopped.set()
        self._watch.stop()

    def _comes_to_hold(self) -> bool:
        """Holds the inbox, as soon as the drive that it is on is connected; False when stopped before."""
        waits = False
        while not self._stopped.is_set():
            try:
                self._hold_inbox()
                return True
            except SessionError as error:
                if not waits:
                    log.warning("%s", error)
                waits = True
                self._stopped.wait(_DRIVE_S)
        return False

    def _hold_inbox(self) -> None:
        self._store.drive.check(self._inbox.path)
        self._hold.take()

    def _cut_off(self) -> None:
        """What may not wait, before the process ends in the middle of its work."""
        if (reading := self._reading) is not None:
            reading.not_to_blame()
        self._hold.forget()

    def _run(self) -> None:
        self._keeper.start()
        self._artist.start()
        try:
            self._repair()
            self._watch.start()
            log.info("watching %s, writing to %s", self._inbox.path, self._config.output)
            for arrived in self._watch.arrivals():
                self._answer(arrived)
        finally:
            self._keeper.finish()
            self._artist.finish()
            self._syncing.shutdown()
            log.info("stopped")

    def _repair(self) -> None:
        """Finishes what a crash cut off: stills in hand, and those that have their place but not all their files."""
        in_hand = {place.name for place in self._inbox.in_hand()}
        commit.sweep(self._config.output)
        for folder in self._store.folders():
            try:
                self._pipeline.repair(folder, lambda still: still.arrival in in_hand)
                if self._pipeline.is_behind(folder):
                    self._artist.touch(folder)
            except Exception as error:
                # A damaged old session must not keep the daemon from the next still.
                log.warning("%s: not looked after: %s", folder.name, error)
        self._inbox.forget_requests()
        for place in (self._config.output, self._inbox.path):
            sweep(place)
        for place in self._inbox.in_hand():
            self._watch.again(place, 0.0)

    def _answer(self, arrived: Arrival | Taken | Request) -> None:
        try:
            match arrived:
                case Request():
                    self._answer_request(arrived)
                case Taken():
                    self._answer_still(arrived, is_new=False)
                case Arrival() if taken := self._inbox.take(arrived):
                    self._answer_still(taken, is_new=True)
                case Arrival():
                    self._watch.again(arrived.path, protocol.QUIET_S)
        except Exception:
            # A mistake of ours about one still must not cost the next one.
            name = one_line(arrived.path.name)
            log.exception("%s: left in the inbox", name)

    def _answer_still(self, taken: Taken, *, is_new: bool) -> None:
        begun = time.monotonic()
        arrival = taken.arrival
        try:
            if taken.tries >= _MOST_TRIES:
                raise UnreadableImage("has brought the daemon down each time it was read")
            with taken.trying():
                self._reading = taken
                admitted = self._admitted(taken, is_new=is_new)
        except UnreadableImage as error:
            self._wait_or_refuse(taken, error.reason)
            return
        except Exception as error:
            known = isinstance(error, CinepaletteError | OSError)
            log.error("%s: %s", arrival.name, error, exc_info=not known)
            self._watch.again(taken.folder, _RETRY_S)
            self._reply(arrival, Answer.failed("Saved, but not yet kept: see cinepalette status"))
            return
        finally:
            self._reading = None
        try:
            if arrival.kind in FROM_PLAYER:
                answer = answers.to_still(arrival, admitted)
                self._inbox.reply(arrival.path, answer.json, answer.png)
            page.touch(self._store, admitted.folder)
        except Exception:
            # The still has its place: it must be kept whether or not the player hears of it.
            log.exception("%s: not answered", arrival.name)
        log.info(
            "%s: %s (%s) in %.0f ms%s",
            arrival.name,
            admitted.text,
            " ".join(swatch.hex for swatch in admitted.still.swatches),
            (time.monotonic() - begun) * 1000,
            "".join(f"; {note}" for note in (*arrival.notes, *map(in_words, admitted.still.correction))),
        )
        self._keeper.put(taken, admitted)

    def _admitted(self, taken: Taken, *, is_new: bool) -> pipeline.Admitted:
        """A still with its place in a session: a new one, or the one that it had when it could not be finished."""
        settled = self._syncing.submit(taken.sync)
        arrival = taken.arrival
        what = (taken.path, arrival.sidecar, arrival.kind)
        before = None if is_new else self._pipeline.admitted_before(*what, taken.key)
        if before is not None:
            log.info("%s: finished after an interruption", arrival.name)
            return before
        return self._pipeline.admit(*what, key=taken.key, settled=settled.result)

    def _wait_or_refuse(self, taken: Taken, reason: str) -> None:
        """A picture that cannot be read: waited for while it may be on its way, then put aside with the reason."""
        arrival = taken.arrival
        rest = protocol.STALLED_S - arrival.unchanged_s if taken.tries < _MOST_TRIES else 0.0
        if rest > 0 and arrival.kind is not Kind.SIDECAR and not taken.path.is_dir() and taking.give_back(taken):
            self._watch.again(arrival.path, rest)
        else:
            self._refuse(taken, reason)

    def _refuse(self, taken: Taken, reason: str) -> None:
        arrival = taken.arrival
        try:
            kept_at = self._inbox.reject(taken, reason)
        except OSError as problem:
            log.error("%s: %s; cannot be moved away: %s", arrival.name, reason, problem)
            return
        log.warning("%s: %s; kept as %s", arrival.name, reason, one_line(str(kept_at)))
        if arrival.kind in FROM_PLAYER:
            self._reply(arrival, Answer.failed(f"VLC's picture {reason}"))

    def _reply(self, asked: Arrival | Request, answer: Answer) -> None:
        """An answer that cannot be written costs nothing but itself."""
        try:
            self._inbox.reply(asked.path, answer.json, answer.png)
        except OSError as error:
            log.warning("%s: not answered: %s", one_line(asked.path.name), error)

    def _answer_request(self, request: Request) -> None:
        # First of all, so that it is never carried out twice, by us or by another daemon.
        try:
            request.path.unlink()
        except FileNotFoundError:
            return
        self._reply(request, self._answers.to_request(request))

    def _changed(self, folder: Folder) -> None:
        self._artist.touch(folder)
        page.touch(self._store, folder)

    def _keep(self, taken: Taken, admitted: pipeline.Admitted) -> None:
        """Writes a still and clears it away; one that cannot be written stays in hand and comes again.

        Nothing is waited for here: whatever is wrong with one still, the next ones and a stop must get through.
        """
        try:
            self._pipeline.keep(admitted, taken.arrival.sidecar)
            if opening.version_of(taken.path) not in {None, admitted.version}:
                log.info("%s: was written to after it was read; taken once more", taken.arrival.name)
                self._watch.again(taking.renewed(taken).folder, protocol.STALLED_S)
            else:
                self._pipeline.put_original(admitted, taken.path)
                taking.clear(taken)
        except BaseException:
            self._watch.again(taken.folder, _RETRY_S)
            raise
        self._notes.kept_still(admitted.text, admitted.folder.name)
        self._artist.touch(admitted.folder)
