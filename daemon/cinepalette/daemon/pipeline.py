"""One still through all the rooms: from the file that arrived to its place in the session, its card and the collage.

Three steps, each safe to be cut off: `admit` finds the palette and gives the still its place, which is enough to
answer the viewer; `keep` writes the clean still and the card; `redraw` draws what follows from the session as a whole.
Until `keep` is done the file that arrived is the still, and must stay where it is.
"""

import logging
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from ..config import Config
from ..drawing import card, fonts, overlay, pages
from ..errors import CinepaletteError, SessionError, UnreadableImage
from ..inbox.protocol import Kind, kind_of
from ..model import Box, Progress, Session, Sidecar, Size, Still, label, timecode
from ..palette import extraction
from ..picture import decoding, opening, reading, stills, truth, writing
from ..session import changes, films
from ..session.folder import Folder
from ..session.names import still_name
from ..session.store import Belonging, Store
from . import cards, page, results

log = logging.getLogger(__name__)

# Enough to give way to a player; with more, a thread that is put off while it holds Python's lock holds up the answer.
_BACKGROUND_NICENESS = 5

# A session that was changed so lately may be in the hands of `add`, whose still is about to be written.
_BEING_ADDED_S = 60.0


@dataclass(frozen=True)
class Admitted:
    """A still that has its place in a session and waits to be written."""

    folder: Folder
    still: Still
    rgb: np.ndarray
    """The clean still, (height, width, 3) uint8 sRGB."""
    title: str
    """Of its session."""
    count: int
    """Stills in its session, this one included."""
    version: tuple[int, ...] = ()
    """Of the file that was read; another one when somebody has written to it since."""

    @property
    def text(self) -> str:
        """The still for the viewer: `3 · Big Buck Bunny 00:41:07`."""
        return label(self.still, self.title)

    @property
    def where(self) -> str:
        """Its position in the film, or the name of a picture from elsewhere."""
        return self.still.label


class Pipeline:
    """The way of a still, with the settings in force."""

    def __init__(self, config: Config, store: Store) -> None:
        self._config = config
        self._store = store
        self._hashing = ThreadPoolExecutor(1, thread_name_prefix="hash")
        self._encoders = ThreadPoolExecutor(2, thread_name_prefix="encode", initializer=stand_back)

    def warm_up(self) -> None:
        """Does once what the first still would wait for: fonts are found, libraries load what they load late."""
        rgb = np.zeros((90, 160, 3), np.uint8)
        swatches, _ = stills.palette_of(rgb, options=self._config.palette)
        for size in ((1920, 1080), (3840, 2160)):
            overlay.over_film(swatches, size, "Film", timecode(0), fonts.typesetter())
        card.draw(rgb, swatches, self._config.card)
        fonts.typesetter()("0", 20, (0, 0, 0))

    def admit(
        self,
        path: Path,
        sidecar: Sidecar | None = None,
        kind: Kind = Kind.PICTURE,
        session: str | None = None,
        key: str = "",
        settled: Callable[[], object] = lambda: None,
    ) -> Admitted:
        """Reads a picture, makes it true, finds its palette and writes its place into the session.

        `session` asks for one by name; `key` is what the arrival is known by in the inbox, and `settled` returns when
        that has survived a power failure. Raises `UnreadableImage`.
        """
        contents = opening.read(path, reading.MAX_BYTES)
        version, fingerprint = contents.version, self._hashing.submit(lambda: contents.fingerprint)
        rgb, steps = self._pixels(contents, sidecar, kind)
        said = sidecar or Sidecar()
        taken_at = said.taken_at or datetime.now().astimezone()
        belonging = Belonging(
            films.film_of(said),
            taken_at,
            timedelta(hours=self._config.session.gap_hours),
            session or said.session,
        )
        size = (rgb.shape[1], rgb.shape[0])
        # Found before the still has its place: nobody waits for a palette while another still is placed.
        swatches, box = stills.palette_of(rgb, self._boxes(belonging, size), self._config.palette)
        mark = fingerprint.result()

        def still(n: int) -> Still:
            name = still_name(n, said.time_s)
            return Still(
                n=n,
                still=f"stills/{name}",
                card=f"cards/{name}",
                taken_at=taken_at,
                size=size,
                swatches=swatches,
                time_s=said.time_s,
                source=contents.name,
                fingerprint=mark,
                arrival=key,
                correction=steps,
                box=box,
                written=False,
            )

        settled()
        placed = changes.place(self._store, belonging, still)
        session_now = placed.session
        return Admitted(placed.folder, placed.still, rgb, session_now.title, len(session_now.stills), version)

    def admitted_before(self, path: Path, sidecar: Sidecar | None, kind: Kind, key: str) -> Admitted | None:
        """The still that an arrival became before it could be finished; None when it became none."""
        with self._store.lock():  # or one that goes from a session to another would be seen in neither
            found = self._known_by(key)
        if found is None:
            return None
        folder, session, still = found
        contents = opening.read(path, reading.MAX_BYTES)
        rgb, _ = self._pixels(contents, sidecar, kind)
        return Admitted(folder, still, rgb, session.title, len(session.stills), contents.version)

    def keep(self, admitted: Admitted, sidecar: Sidecar | None = None) -> None:
        """Writes the clean still and the card; when this returns, the still has survived a power failure."""
        if self._config.truth.source == "film":
            admitted = self._replaced_by_film(admitted, sidecar)
        folder, still = admitted.folder, admitted.still
        # Another session may be in its folder's place by now, and have another still under its number.
        changes.placed(self._store.load(folder), still, folder)
        clean = self._encoders.submit(writing.write_png, folder.path / still.still, admitted.rgb, durable=True)
        card = self._encoders.submit(self._write_card, admitted)
        clean.result()
        card.result()
        folder.sync(changes.note(self._store, folder, replace(still, written=True)))

    def add(self, path: Path, session: str | None = None, sidecar: Sidecar | None = None) -> Admitted:
        """`admit` and `keep` for a picture that stays where it is; a failure leaves no trace in the session."""
        try:
            admitted = self.admit(path, sidecar, session=session)
        except UnreadableImage as error:
            error.name = str(path)
            raise
        try:
            self.keep(admitted, sidecar)
        except BaseException:
            with suppress(CinepaletteError, OSError):  # what is not done now, the daemon's next start does
                changes.forget(self._store, admitted.folder, admitted.still)
            raise
        return admitted

    def repair(self, folder: Folder, is_awaited: Callable[[Still], bool]) -> None:
        """Finishes what a crash cut off in a session: stills that have their place and were not noted as written.

        Those that are awaited will be written when they come again.
        """
        with self._store.lock():
            session = self._store.load(folder)
            folder.settle((*session.stills, *session.removed))
        for still in (*session.stills, *session.removed):
            if still.written or is_awaited(still):
                continue
            if _is_whole(folder.path / still.still):
                changes.note(self._store, folder, replace(still, written=True))
            elif not folder.changed_within(_BEING_ADDED_S):
                log.warning("%s: still %d was never written, and is taken out", folder.name, still.n)
                changes.forget(self._store, folder, still)

    def put_original(self, admitted: Admitted, path: Path) -> None:
        """Keeps a picture as it came where it holds more than the still does.

        One from elsewhere may be the only copy; from one that was tone-mapped no way leads back.
        """
        holds_more = kind_of(path) is Kind.PICTURE or not truth.can_be_undone(admitted.still.correction)
        if holds_more and path.exists():
            target = results.original_path(admitted.folder, admitted.still)
            target.parent.mkdir(exist_ok=True)
            writing.move(path, target)
            for folder in (target.parent, admitted.folder.path):
                writing.sync_folder(folder)
            with self._store.lock():
                self._take_along(target, admitted.still)

    def redraw(self, folder: Folder, progress: Progress | None = None) -> Path:
        """Draws all that follows from a session as a whole, and cards that are behind; gives the collage's path."""
        self._store.drive.check()
        with self._store.drawing():
            try:
                with self._store.lock():
                    session = self._store.load(folder)
                    folder.settle((*session.stills, *session.removed))
                cards.redraw(folder.path, session, self._config.card, progress)
                return results.redraw(folder, session, self._config, progress)
            finally:
                # A session that cannot be drawn must not keep the page from showing the others.
                page.write(self._store)

    def with_palettes(self, folder: Folder, options: extraction.Options, progress: Progress | None = None) -> Session:
        """A session with the palettes that its stills have by other options; nothing is written."""
        session = self._store.load(folder).as_written
        found = []
        for number, still in enumerate(session.stills, 1):
            rgb = reading.read(folder.path / still.still).rgb
            found.append(replace(still, swatches=stills.palette_of(rgb, [still.box], options)[0]))
            if progress:
                progress(number, len(session.stills))
        return replace(session, stills=tuple(found))

    def is_behind(self, folder: Folder) -> bool:
        """Whether a session's collage does not show it as it is now."""
        session = self._store.load(folder)
        return cards.are_behind(folder.path, session, self._config.card) or results.is_behind(
            folder, session, self._config
        )

    def _take_along(self, original: Path, still: Still) -> None:
        """Moves an original after its still, which a merge or a split may just have given to another session."""
        found = self._known_by(still.arrival)
        if found is None or not original.exists():
            return
        folder, _, now = found
        target = results.original_path(folder, now)
        if target != original and not target.exists():
            target.parent.mkdir(exist_ok=True)
            writing.move(original, target)

    def _boxes(self, belonging: Belonging, size: Size) -> list[Box | None]:
        """Where earlier stills of the session that a still belongs to have their picture."""
        folder = self._store.open_for(belonging)
        with suppress(SessionError):  # renamed this moment, or deleted: its own picture decides alone
            if folder is not None:
                return [one.box for one in self._store.load(folder).stills if one.size == size]
        return []

    def _pixels(self, contents: opening.Contents, sidecar: Sidecar | None, kind: Kind) -> stills.Still:
        film = films.local_path(sidecar.uri) if sidecar else None
        match kind:
            case Kind.SIDECAR:
                return stills.of_film(film, sidecar)
            case Kind.STILL:
                return stills.of_snapshot(contents, sidecar, film)
            case _:
                return stills.of_picture(contents, sidecar)

    def _known_by(self, key: str) -> tuple[Folder, Session, Still] | None:
        """The still of an arrival, in any session, also among those that were taken out."""
        for folder in self._store.folders():
            with suppress(SessionError):
                session = self._store.load(folder)
                for still in (*session.stills, *session.removed):
                    if still.arrival == key:
                        return folder, session, still
        return None

    def _replaced_by_film(self, admitted: Admitted, sidecar: Sidecar | None) -> Admitted:
        """The still as the film's own frame at its full depth, where that is found."""
        film = films.local_path(sidecar.uri) if sidecar else None
        if sidecar is None or film is None or sidecar.time_s is None:
            return admitted
        try:
            found = decoding.matching_frame(film, sidecar.time_s, admitted.rgb)
        except UnreadableImage as error:
            log.warning("%s: kept as the player took it: %s", admitted.text, error)
            return admitted
        if found is None or found.rgb.shape != admitted.rgb.shape:
            log.info("%s: kept as the player took it: no such frame in the film there", admitted.text)
            return admitted
        # The palette stays the one that the viewer was shown.
        still = replace(admitted.still, time_s=found.time_s, correction=found.steps)
        return replace(admitted, still=changes.note(self._store, admitted.folder, still), rgb=found.rgb)

    def _write_card(self, admitted: Admitted) -> None:
        folder, still = admitted.folder, admitted.still
        # First: an open gallery waits for them.
        pages.keep_tiles(folder.path, still, admitted.rgb)
        cards.draw(folder.path, still, admitted.title, admitted.rgb, self._config.card)


def _is_whole(path: Path) -> bool:
    """Whether a still can be read to its end: after a power failure a name may be there without its bytes."""
    try:
        reading.read(path)
    except UnreadableImage:
        return False
    return True


def stand_back() -> None:
    """Lowers the priority of the thread that calls it, so that its work costs the film no frame.

    Only Linux has a niceness for each thread; elsewhere it would slow the answer to a key, too.
    """
    if sys.platform == "linux":
        os.nice(_BACKGROUND_NICENESS)
