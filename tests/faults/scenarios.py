"""What is tried under faults: each builds a tree, does one thing to it, and knows what must be there at the end."""

import json
import logging
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
from cinepalette.config import Config
from cinepalette.daemon.loop import Daemon
from cinepalette.daemon.pipeline import Pipeline
from cinepalette.drawing import fonts, overlay
from cinepalette.drawing.style import CardStyle
from cinepalette.errors import UnreadableImage
from cinepalette.inbox.protocol import Arrival
from cinepalette.inbox.taking import Taken
from cinepalette.model import Sidecar
from cinepalette.picture import reading
from cinepalette.picture.stills import palette_of
from cinepalette.session import changes
from cinepalette.session.store import Store

BEGUN = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Scenario:
    """One thing that is done, under a fault, and then repaired as the next start does it."""

    name: str
    build: Callable[[Path], object]
    """Makes what there is before, in an empty folder."""
    run: Callable[[Path], object]
    """Does it."""
    recover: Callable[[Path], object]
    """What happens at the next start, without a fault."""
    judge: Callable[[Path], tuple[int, int]]
    """How much is lost then, and how much is there more than once."""


def config(root: Path) -> Config:
    """Everything below one folder."""
    # Nothing is lost in a caption, and finding fonts takes longer than all the rest.
    card = CardStyle(caption=False)
    return Config(root / "Out" / "Inbox", root / "Out", root / "config.toml", root / "log", card=card)


def picture(number: int) -> np.ndarray:
    """A small picture that no other number has, (height, width, 3)."""
    rgb = np.full((24, 40, 3), 30, np.uint8)
    rgb[:, 10:] = (200, 60, 40)
    rgb[:, 20:] = (40, 60, 200)
    rgb[2:6, 2:6] = (number * 20, 255 - number * 20, number)
    return rgb


def found(root: Path) -> Counter[int]:
    """How often each picture is a still of some session, shown or taken out, with its pixels in its file.

    Whatever is listed without its file counts as picture -1.
    """
    known = {picture(number).tobytes(): number for number in range(12)}
    seen: Counter[int] = Counter()
    store = Store(config(root).output)
    for folder in store.folders():
        session = store.load(folder)
        for still in (*session.stills, *session.removed):
            try:
                seen[known.get(reading.read(folder.path / still.still).rgb.tobytes(), -1)] += 1
            except UnreadableImage:
                seen[-1] += 1
    return seen


def stills(certain: int = 0) -> Callable[[Path], tuple[int, int]]:
    """Judges by the stills: the first so many must be there, the others need not when the thing was cut off."""

    def judge(root: Path) -> tuple[int, int]:
        seen = found(root)
        lost = sum(1 for number in range(certain) if not seen[number]) + seen[-1]
        doubled = sum(count - 1 for number, count in seen.items() if number >= 0 and count > 1)
        return lost, doubled

    return judge


def _put(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", picture(number)[..., ::-1])[1].tobytes())
    os.utime(path, (0, 0))


def _arrivals(root: Path) -> None:
    inbox = config(root).inbox
    (inbox / "replies").mkdir(parents=True)
    for number in range(3):
        _put(inbox / f"vlc-{number}.png", number)
        (inbox / f"vlc-{number}.json").write_text(json.dumps({"v": 1, "title": "Sintel", "time_s": number}))
    _put(inbox / "a.png", 3)


def work_off(root: Path) -> None:
    """A daemon from its start to its end, in one thread: it takes all that lies there and keeps it."""
    logging.disable(logging.CRITICAL)
    for path in config(root).output.glob("*/session.json"):
        # What another program may still be adding is left alone for a while: the next start comes later.
        os.utime(path, (0, 0))
    daemon = Daemon(config(root))
    daemon._hold_inbox()
    daemon._inbox.create()
    daemon._repair()
    for _ in range(4):
        daemon._watch._wait(0.0)
        places = sorted(daemon._watch._due)
        daemon._watch._due.clear()
        for path in (*places, *daemon._inbox.waiting()):
            arrived = daemon._inbox.look(path, 1000.0)
            if isinstance(arrived, Arrival | Taken):
                daemon._answer(arrived)
            while daemon._keeper._waiting:
                daemon._keeper.write(*daemon._keeper.next())


def _sessions(root: Path) -> None:
    """Two sessions of three stills, one of them taken out."""
    _pictures(root)
    line = _line(root)
    for number in range(6):
        title, taken_at = "Sintel" if number < 3 else "Nausicaä", BEGUN + timedelta(minutes=number)
        sidecar = Sidecar(title=title, time_s=number, taken_at=taken_at)
        line.keep(line.admit(root / f"{number}.png", sidecar))
    store = Store(config(root).output)
    changes.remove(store, store.find("Sintel"), 2)


def _pictures(root: Path) -> None:
    for number in range(6):
        _put(root / f"{number}.png", number)
    config(root).output.mkdir()


def _line(root: Path) -> Pipeline:
    logging.disable(logging.CRITICAL)
    return Pipeline(config(root), Store(config(root).output))


def _changed(*do: Callable[[Store], object]) -> Callable[[Path], None]:
    def run(root: Path) -> None:
        logging.disable(logging.CRITICAL)
        store = Store(config(root).output)
        for one in do:
            one(store)

    return run


def _built(*do: Callable[[Store], object]) -> Callable[[Path], None]:
    def build(root: Path) -> None:
        _sessions(root)
        _changed(*do)(root)

    return build


def _merge(store: Store) -> object:
    return changes.merge(store, store.find("Sintel"), store.find("Nausicaä"))


def _split(store: Store) -> object:
    return changes.split(store, store.find("Nausicaä"), 2)


def _undo(title: str) -> Callable[[Store], object]:
    return lambda store: changes.undo(store, store.find(title))


def _redo(title: str) -> Callable[[Store], object]:
    return lambda store: changes.redo(store, store.find(title))


def _add(root: Path) -> None:
    line = _line(root)
    for number in range(3):
        line.add(root / f"{number}.png")


def _change(name: str, build: Callable[[Path], object], do: Callable[[Store], object]) -> Scenario:
    return Scenario(name, build, _changed(do), work_off, stills(6))


def warm_up() -> None:
    """Loads what each child would load again for its first picture."""
    data = cv2.imencode(".png", picture(0)[..., ::-1])[1].tobytes()
    swatches, _ = palette_of(reading.decode(data).rgb)
    overlay.over_film(swatches, (640, 360), "Film", "00:00:00", fonts.typesetter())


SCENARIOS = (
    Scenario("four arrivals", _arrivals, work_off, work_off, stills(4)),
    Scenario("add", _pictures, _add, work_off, stills()),
    _change("remove", _sessions, lambda store: changes.remove(store, store.find("Nausicaä"))),
    _change("undo remove", _sessions, _undo("Sintel")),
    _change("move", _sessions, lambda store: changes.move(store, store.find("Nausicaä"), 1, 3)),
    _change("rename", _sessions, lambda store: changes.rename(store, store.find("Nausicaä"), "Kaze no tani")),
    _change("merge", _sessions, _merge),
    _change("undo merge", _built(_merge), _undo("Sintel")),
    _change("redo merge", _built(_merge, _undo("Sintel")), _redo("Sintel")),
    _change("split", _sessions, _split),
    _change("undo split", _built(_split), _undo("Nausicaä 2026-11-20")),
)
