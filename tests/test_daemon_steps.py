"""The daemon in this process, step by step: what becomes of a still when something goes wrong on its way."""

import errno
import json
import os
import shutil
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from cinepalette.config import Config
from cinepalette.daemon import process
from cinepalette.daemon.loop import Daemon
from cinepalette.daemon.pipeline import Pipeline
from cinepalette.drawing.style import CollageStyle
from cinepalette.errors import DaemonError, SessionError
from cinepalette.inbox.folder import Inbox
from cinepalette.inbox.protocol import LOCK_NAME
from cinepalette.inbox.taking import Taken
from cinepalette.model import Still
from cinepalette.picture import encoding, writing
from cinepalette.session import changes, commit
from cinepalette.session.folder import Folder
from cinepalette.session.store import Store
from filelock import FileLock
from PIL import Image
from test_daemon import bands, pixels


class Desk:
    """A daemon in this process, moved step by step: what arrives is answered, and kept when it is asked to."""

    def __init__(self, root: Path, collage: CollageStyle | None = None) -> None:
        places = (root / "Inbox", root / "Out", root / "config.toml", root / "log")
        self.config = Config(*places, collage=collage or CollageStyle())
        self.daemon = Daemon(self.config)
        self.inbox = Inbox(self.config.inbox)
        self.inbox.create()
        self.config.output.mkdir(exist_ok=True)

    def drop(self, name: str, first: int = 0, rgb: np.ndarray | None = None) -> Path:
        """A picture that has lain in the inbox for a while."""
        path = self.inbox.path / name
        writing.write_png(path, bands(first=first) if rgb is None else rgb)
        os.utime(path, (0, 0))
        return path

    def press(self, name: str, rgb: np.ndarray | None = None, **sidecar: object) -> Path:
        path = self.drop(f"vlc-{name}.png", rgb=rgb)
        path.with_suffix(".json").write_text(json.dumps({"v": 1, "title": "Sintel", **sidecar}))
        return path

    def answer(self, path: Path) -> dict:
        """Has the daemon see a file; gives its answer, empty when there is none."""
        self.daemon._answer(self.inbox.look(path, 10.0))
        reply = self.inbox.replies / f"{path.stem}.json"
        return json.loads(reply.read_text()) if os.path.exists(reply) else {}  # noqa: PTH110 (the name may be too long)

    def keep(self) -> None:
        """What the keeper's thread does."""
        while self.daemon._keeper._waiting:
            self.daemon._keeper.write(*self.daemon._keeper.next())

    def seen_again(self) -> list[str]:
        """What the daemon will look at once more."""
        self.daemon._watch._wait(0.0)
        due = sorted(self.daemon._watch._due)
        return [name.name for path in due for name in (path.iterdir() if path.is_dir() else [path])]

    def come_again(self) -> None:
        """What is to be seen once more is seen and kept."""
        self.daemon._watch._wait(0.0)
        for path in sorted(self.daemon._watch._due):
            del self.daemon._watch._due[path]
            self.answer(path)
        self.keep()

    def in_hand(self) -> list[str]:
        return sorted(path.name for path in self.inbox.shelf.glob("*/*"))

    def stills(self) -> list[Path]:
        return sorted(self.config.output.glob("*/stills/*.png"))

    def originals(self) -> list[Path]:
        return sorted(self.config.output.glob("*/originals/*"))


def checks(seed: int) -> np.ndarray:
    """A still that no field of one color can stand for, also where it is drawn small: large squares of many colors."""
    squares = np.random.default_rng(seed).integers(0, 256, (9, 16, 3), np.uint8)
    return squares.repeat(40, axis=0).repeat(40, axis=1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_still_that_cannot_be_written_comes_again_and_holds_up_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = desk.drop("a.png")
    with monkeypatch.context() as disk:
        disk.setattr(writing, "write_png", full)
        desk.answer(path)
        desk.keep()
    assert desk.seen_again() == ["a.png"]
    desk.come_again()
    assert [still.name for still in desk.stills()] == ["0001.png"], "the place that it had already"
    assert [original.name for original in desk.originals()] == ["0001 a.png"]


def test_a_session_folder_that_is_deleted_meanwhile_is_begun_anew(desk: Desk) -> None:
    path = desk.drop("a.png")
    desk.answer(path)
    (folder,) = desk.config.output.glob("Stills *")
    shutil.rmtree(folder)
    desk.keep()
    desk.come_again()
    assert len(desk.originals()) == 1
    assert desk.in_hand() == []


def test_a_collage_that_is_drawn_between_answer_and_writing_shows_no_field_of_color(tmp_path: Path) -> None:
    desk = Desk(tmp_path, CollageStyle(megapixels=1))
    for number in range(1, 5):
        desk.answer(desk.press(f"{number}", checks(number), time_s=number))
        if number < 4:
            desk.keep()
    folder = Store(desk.config.output).find()
    line = desk.daemon._pipeline
    line.redraw(folder)
    assert len(Store(desk.config.output).load(folder).stills) == 4
    desk.keep()
    assert line.is_behind(folder)
    line.redraw(folder)
    assert not line.is_behind(folder)
    shown = pixels(folder.path / "collage.png")
    shutil.rmtree(folder.path / ".tiles")
    line.redraw(folder)
    assert (pixels(folder.path / "collage.png") == shown).all(), "as it is drawn from the four stills"


def test_a_still_whose_session_was_replaced_meanwhile_is_taken_again(desk: Desk) -> None:
    path = desk.drop("a.png")
    desk.answer(path)
    (folder,) = desk.config.output.glob("Stills *")
    shutil.rmtree(folder)
    desk.answer(desk.drop("b.png", first=1))
    desk.keep()
    assert desk.in_hand() == ["a.png"]
    assert desk.seen_again() == ["a.png"]


def test_a_picture_that_is_deleted_once_it_is_seen_is_kept_all_the_same(desk: Desk) -> None:
    path = desk.drop("a.png")
    desk.answer(path)
    next(desk.inbox.shelf.glob("*/a.png")).unlink()
    desk.keep()
    assert len(desk.stills()) == 1
    assert desk.seen_again() == []


def test_a_name_as_long_as_the_file_system_takes_is_cut(desk: Desk) -> None:
    path = desk.drop("ж" * 125 + ".png")
    desk.answer(path)
    desk.keep()
    (original,) = desk.originals()
    assert original.name.startswith("0001 жж")
    assert original.suffix == ".png"
    assert not path.exists()


@pytest.mark.parametrize("when", ["before it is read", "before it is kept", "after it is kept"])
def test_a_picture_that_comes_under_the_same_name_is_another_still(desk: Desk, when: str) -> None:
    path = desk.drop("a.png")
    if when == "before it is read":
        # Between the moment when it is seen and the one when it is taken; the later of the two is in the folder then.
        arrival = desk.inbox.look(path, 10.0)
        desk.daemon._answer(arrival)
        desk.drop("a.png", first=1)
    elif when == "before it is kept":
        desk.answer(path)
        desk.drop("a.png", first=1)
    desk.answer(path) if when == "after it is kept" else None
    desk.keep()
    if when == "after it is kept":
        desk.drop("a.png", first=1)
    desk.answer(path)
    desk.keep()
    assert [(pixels(still) == bands(first=n)).all() for n, still in enumerate(desk.stills())] == [True, True]
    assert [(pixels(one) == bands(first=n)).all() for n, one in enumerate(desk.originals())] == [True, True]
    assert desk.in_hand() == []


def test_a_file_that_is_written_to_after_it_was_read_is_taken_once_more(desk: Desk) -> None:
    desk.answer(desk.drop("a.png"))
    (held,) = desk.inbox.shelf.glob("*/a.png")
    held.write_bytes(encoding.png_bytes(bands(first=1)))
    desk.keep()
    assert desk.seen_again() == ["a.png"]
    desk.come_again()
    assert [(pixels(still) == bands(first=n)).all() for n, still in enumerate(desk.stills())] == [True, True]


def test_a_file_that_is_replaced_while_it_is_decoded_is_not_taken_for_the_one_decoded(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Pipeline._pixels

    def replaced(*args: object) -> object:
        found = real(*args)
        (held,) = desk.inbox.shelf.glob("*/a.png")
        writing.write_png(held, bands(first=1))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Pipeline, "_pixels", replaced)
        desk.answer(desk.drop("a.png"))
    desk.keep()
    desk.come_again()
    assert [(pixels(still) == bands(first=n)).all() for n, still in enumerate(desk.stills())] == [True, True]
    assert [(pixels(one) == bands(first=n)).all() for n, one in enumerate(desk.originals(), 1)] == [True]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows who writes to a file")
def test_a_photograph_that_is_whole_before_its_last_bytes_is_one_still(desk: Desk) -> None:
    """As phones append a film to one: over a slow line it decodes long before it is all there."""
    path = desk.drop("a.png").rename(desk.inbox.path / "a.jpg")
    Image.fromarray(bands()).save(path)
    with path.open("ab") as file:
        for _ in range(6):
            file.write(bytes(1000))
            file.flush()
            os.utime(path, (0, 0))
            desk.answer(path)
            desk.keep()
            assert (path.exists(), desk.stills()) == (True, [])
    os.utime(path, (0, 0))
    desk.answer(path)
    desk.keep()
    assert len(desk.stills()) == 1
    assert desk.originals()[0].stat().st_size > 6000


@pytest.mark.parametrize("when", ["before it is read", "before it is written", "while it is written"])
def test_an_output_that_is_moved_in_a_burst_costs_no_still(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    desk.answer(desk.press("0", bands(first=0), time_s=0))
    desk.keep()

    def move() -> None:
        desk.config.output.rename(desk.config.output.with_name("Moved"))

    paths = [desk.press(f"{n}", bands(first=n), time_s=n) for n in (1, 2)]
    if when == "before it is read":
        move()
    desk.answer(paths[0])
    if when == "before it is written":
        move()
    elif when == "while it is written":
        with monkeypatch.context() as moved:
            moved.setattr(writing, "sync_file", lambda path: move())
            desk.keep()
    desk.answer(paths[1])
    desk.keep()
    desk.come_again()
    assert desk.in_hand() == []
    here = [pixels(path) for path in desk.stills()]
    there = [pixels(path) for path in sorted(desk.config.output.with_name("Moved").glob("*/stills/*.png"))]
    for n in (1, 2):
        assert sum((one == bands(first=n)).all() for one in (*here, *there)) >= 1
        assert sum((one == bands(first=n)).all() for one in here) <= 1


def test_a_height_that_no_film_has_makes_no_huge_strip(desk: Desk) -> None:
    answer = desk.answer(desk.press("1", video={"height": 16384}))
    assert answer["video_size"] == [bands().shape[1], bands().shape[0]]


def test_a_still_of_two_lines_breaks_no_collage(desk: Desk) -> None:
    for name, rgb in (("1", bands(8000, 2)), ("2", bands(2, 8000)), ("3", bands())):
        assert desk.answer(desk.press(name, rgb))["ok"]
        desk.keep()
    (folder,) = desk.daemon._store.folders()
    assert desk.daemon._pipeline.redraw(folder).is_file()


def test_a_picture_that_somebody_is_still_writing_is_left_alone(desk: Desk) -> None:
    path = desk.drop("a.png")
    with path.open("ab"):
        desk.answer(path)
        assert path.exists()
        assert desk.in_hand() == []
        assert desk.seen_again() == ["a.png"]
    desk.come_again()
    assert len(desk.stills()) == 1


def test_a_picture_dropped_again_while_no_daemon_runs_is_a_new_still(desk: Desk) -> None:
    for first, name in enumerate(("a.png", "b.png")):
        desk.answer(desk.drop(name, first))
        desk.keep()
    store = Store(desk.config.output)
    changes.remove(store, store.find(), 1)
    desk.drop("a.png")
    desk.daemon = Daemon(desk.config)
    desk.daemon._repair()
    desk.come_again()
    desk.answer(desk.inbox.path / "a.png")
    desk.keep()
    assert [still.name for still in desk.stills()] == ["0002.png", "0003.png"]
    assert [path.name for path in desk.config.output.glob("*/removed/stills/*.png")] == ["0001.png"]


def test_a_removed_still_that_was_not_written_when_the_daemon_died_stays_removed(desk: Desk) -> None:
    desk.answer(desk.drop("a.png"))
    store = Store(desk.config.output)
    changes.remove(store, store.find())
    desk.daemon = Daemon(desk.config)
    desk.daemon._repair()
    desk.come_again()
    assert desk.stills() == []
    assert len(list(desk.config.output.glob("*/removed/stills/*.png"))) == 1
    assert desk.in_hand() == []


def test_a_file_that_brings_the_daemon_down_twice_is_put_aside(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt  # nothing that anybody handles

    desk.drop("a.png")
    with monkeypatch.context() as death:
        death.setattr(Taken, "not_to_blame", lambda _: None)
        death.setattr(Pipeline, "admit", killed)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                desk.come_again() if desk.in_hand() else desk.answer(desk.inbox.path / "a.png")
            desk.daemon = Daemon(desk.config)
            desk.daemon._repair()
    desk.come_again()
    assert (desk.inbox.rejected / "a.png.txt").read_text().startswith("has brought the daemon down")
    assert desk.in_hand() == []


@pytest.mark.parametrize("torn", ["picture in hand", "sidecar in hand"])
def test_an_arrival_that_a_crash_tore_apart_is_put_together_again(desk: Desk, torn: str) -> None:
    path = desk.press("1", time_s=7)
    folder = desk.inbox.shelf / "20261121-000000-000000-0"
    folder.mkdir(parents=True)
    part = path if torn == "picture in hand" else path.with_suffix(".json")
    part.rename(folder / part.name)
    desk.daemon._repair()
    desk.come_again()
    if path.exists():
        desk.answer(path)
        desk.keep()
    (still,) = Store(desk.config.output).load(Store(desk.config.output).find()).stills
    assert still.time_s == 7
    assert desk.in_hand() == []


@pytest.mark.parametrize("name", ["a\udcff\x1b[31m.png", "b" * 251 + ".png", "vlc-" + "c" * 247 + ".png"])
@pytest.mark.parametrize("is_good", [True, False])
def test_a_name_that_no_screen_or_folder_takes_is_no_trouble(desk: Desk, name: str, is_good: bool) -> None:
    path = desk.inbox.path / name
    path.write_bytes(encoding.png_bytes(bands()) if is_good else b"bad")
    os.utime(path, (0, 0))
    desk.answer(path)
    desk.keep()
    assert desk.in_hand() == []
    assert not path.exists()
    assert len(desk.stills()) == is_good
    assert len(list(desk.inbox.rejected.glob("*"))) == (0 if is_good else 2)


def test_a_still_is_kept_though_its_answer_cannot_be_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Inbox, "reply", full)
    assert desk.answer(desk.press("1")) == {}
    desk.keep()
    assert len(desk.stills()) == 1


def test_a_session_that_cannot_be_written_lets_the_still_come_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(commit, "prepare", full)
    monkeypatch.setattr(Inbox, "reply", full)
    desk.answer(desk.press("1"))
    assert sorted(desk.seen_again()) == ["vlc-1.json", "vlc-1.png"]


def test_a_damaged_session_does_not_keep_the_daemon_from_starting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumbles(_: Folder) -> None:
        raise AttributeError("'NoneType' object has no attribute 'get'")

    desk.answer(desk.drop("a.png"))
    desk.keep()
    (desk.config.output / "Broken").mkdir()
    (desk.config.output / "Broken" / "session.json").write_text('{"v": 1, "stills": [null]}')
    desk.daemon._repair()
    monkeypatch.setattr(Folder, "load", stumbles)
    Daemon(desk.config)._repair()


def test_what_was_asked_while_no_daemon_ran_is_forgotten_at_the_start(desk: Desk) -> None:
    stale = desk.inbox.path / "request-stop-1.json"
    stale.write_text('{"v": 1, "do": "stop"}')
    os.utime(stale, (0, 0))
    desk.daemon._repair()
    assert not stale.exists()


def test_a_request_is_carried_out_once_though_its_answer_cannot_be_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Inbox, "reply", full)
    request = desk.inbox.path / "request-1.json"
    request.write_text('{"v": 1, "do": "status"}')
    desk.answer(request)
    assert not request.exists()


def test_a_stop_that_is_not_heard_does_not_stop_the_next_daemon(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_STOP_WAIT_S", 0.0)
    monkeypatch.setattr(process, "watched", lambda config: [config.inbox])
    monkeypatch.setattr(process, "is_running", lambda _: True)
    with pytest.raises(DaemonError, match="has not stopped"):
        process.stop(desk.config)
    assert list(desk.inbox.path.glob("request-*")) == []


def test_a_key_leaves_what_a_command_has_done(desk: Desk) -> None:
    desk.answer(desk.press("1"))
    desk.keep()
    store = Store(desk.config.output)
    folder = changes.rename(store, store.find(), "Another").redraw[0]
    with pytest.raises(SessionError, match="done with a command"):
        changes.by_key(store, "undo")
    changes.undo(store, folder)
    assert changes.by_key(store, "undo").text == "Removed 1 · Sintel"


def test_the_cards_bear_a_new_title_that_a_key_has_brought_back(desk: Desk) -> None:
    desk.answer(desk.press("1"))
    desk.keep()
    store = Store(desk.config.output)
    folder = store.find()
    desk.daemon._pipeline.redraw(folder)
    (before,) = (path.stat().st_ino for path in (folder.path / "cards").iterdir())
    changes.undo(store, changes.rename(store, folder, "Another").redraw[0])
    request = desk.inbox.path / "request-1.json"
    request.write_text('{"v": 1, "do": "redo"}')
    assert desk.answer(request)["text"] == "Renamed to Another"
    desk.daemon._artist.start()
    desk.daemon._artist.finish()
    folder = store.find("Another")
    (card,) = (folder.path / "cards").iterdir()
    assert card.stat().st_ino != before, "drawn anew"
    assert (folder.path / "collage.png").exists()


def test_a_card_that_was_deleted_is_drawn_again(desk: Desk) -> None:
    desk.answer(desk.press("1"))
    desk.keep()
    folder = Store(desk.config.output).find()
    desk.daemon._pipeline.redraw(folder)
    (card,) = (folder.path / "cards").iterdir()
    before = pixels(card)
    card.unlink()
    assert desk.daemon._pipeline.is_behind(folder)
    desk.daemon._pipeline.redraw(folder)
    assert (pixels(card) == before).all()
    assert not desk.daemon._pipeline.is_behind(folder)


def test_one_unreadable_still_does_not_keep_the_other_cards_from_their_new_title(desk: Desk) -> None:
    for number in (1, 2):
        desk.answer(desk.press(f"{number}", time_s=number))
    desk.keep()
    store = Store(desk.config.output)
    folder = store.find()
    desk.daemon._pipeline.redraw(folder)
    broken, whole = store.load(folder).stills
    (folder.path / broken.still).write_bytes(b"no picture")
    before = (folder.path / whole.card).stat().st_ino
    renamed = changes.rename(store, folder, "Another").redraw[0]
    desk.daemon._pipeline.redraw(renamed)
    assert (renamed.path / whole.card).stat().st_ino != before, "drawn anew"
    assert desk.daemon._pipeline.is_behind(renamed), "tried again"
    writing.write_png(renamed.path / broken.still, bands())
    before = (renamed.path / broken.card).stat().st_ino
    desk.daemon._pipeline.redraw(renamed)
    assert (renamed.path / broken.card).stat().st_ino != before
    assert not desk.daemon._pipeline.is_behind(renamed)


def test_a_daemon_starts_though_somebody_asks_just_then_whether_one_runs(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker = FileLock(desk.inbox.path / LOCK_NAME, thread_local=False)
    asker.acquire()
    ran = []
    monkeypatch.setattr(Daemon, "_run", lambda _: ran.append(True))
    monkeypatch.setattr(process.paths, "overrides", lambda: {"CINEPALETTE_INBOX": "here"})
    timer = threading.Timer(0.1, asker.release)
    timer.start()
    desk.daemon.run()
    timer.join()
    assert ran


def test_a_warm_up_that_fails_costs_no_collage(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.answer(desk.drop("a.png"))
    desk.keep()
    monkeypatch.setattr(Pipeline, "warm_up", lambda _: 1 / 0)
    desk.daemon._artist.start()
    desk.daemon._artist.finish()
    assert len(list(desk.config.output.glob("*/collage.png"))) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a niceness for each thread")
def test_a_warm_up_that_fails_leaves_no_thread_at_full_priority(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[int] = []

    def niceness(*_: object) -> Path:
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return Path("collage.png")

    monkeypatch.setattr(Pipeline, "warm_up", lambda _: 1 / 0)
    monkeypatch.setattr(Pipeline, "redraw", niceness)
    desk.daemon._artist.touch(Folder(desk.config.output))
    desk.daemon._artist.start()
    desk.daemon._artist.finish()
    assert found == [min(19, os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) + 5)]


def test_what_a_killed_daemon_left_half_written_is_swept_at_the_next_start(desk: Desk) -> None:
    desk.answer(desk.press("1"))
    session = next(desk.config.output.glob("*/session.json")).parent
    halves = [folder / ".12-34.part" for folder in (session, desk.config.output, desk.inbox.path, desk.inbox.replies)]
    for half in halves:
        half.write_text("half")
        os.utime(half, (0, 0))
    desk.daemon._repair()
    assert [half for half in halves if half.exists()] == []


def test_a_daemon_starts_on_a_full_disk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    ran = []
    monkeypatch.setattr(Daemon, "_run", lambda _: ran.append(True))
    monkeypatch.setattr(process.paths, "overrides", dict)
    monkeypatch.setattr(process, "write_whole", full)
    monkeypatch.setattr(Path, "write_text", full)
    desk.daemon.run()
    assert ran


def test_a_still_is_whole_on_the_disk_before_it_is_noted_as_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[tuple[int, int]] = set()
    before: list[bool] = []
    noted = changes.note

    def note(store: Store, folder: Folder, still: Still) -> Still:
        status = (folder.path / still.still).stat()
        before.append((status.st_ino, status.st_size) in synced)
        return noted(store, folder, still)

    def fsync(handle: int) -> None:
        status = os.fstat(handle)
        synced.add((status.st_ino, status.st_size))

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(changes, "note", note)
    desk.answer(desk.drop("a.png"))
    desk.keep()
    assert before == [True]


def test_an_original_is_on_the_disk_where_it_was_moved_to(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr(writing, "sync_folder", lambda folder: synced.append(folder.name))
    desk.answer(desk.drop("a.png"))
    desk.keep()
    assert "originals" in synced


def test_a_key_is_answered_when_nothing_is_known_of_the_sessions(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise SessionError("Out: is not there any more; connect its drive")

    monkeypatch.setattr(desk.daemon._store.drive, "check", gone)
    asked = desk.inbox.path / "request-1.json"
    asked.write_text(json.dumps({"v": 1, "do": "undo", "video": {"width": 1280, "height": 720}}))
    answer = desk.answer(asked)
    assert not answer["ok"]
    assert "connect its drive" in answer["text"]
