"""What happens to sessions in the world: older files, other programs, hands in folders, clocks, full disks."""

import errno
import json
import os
import random
import shutil
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from cinepalette import paths
from cinepalette.config import Config
from cinepalette.daemon import artist, loop, page
from cinepalette.daemon.pipeline import Pipeline
from cinepalette.errors import SessionError
from cinepalette.install import doctor
from cinepalette.model import Sidecar, Step
from cinepalette.picture import stills, writing
from cinepalette.session import changes, commit
from cinepalette.session.access import Lock
from cinepalette.session.folder import Folder
from cinepalette.session.store import Belonging, Store
from daemon_process import wait_for
from test_daemon import bands
from test_session import BUNNY, EVENING, SINTEL, check_files, numbers, press, store

__all__ = ["store"]

# As version 0 of this file's format wrote it, by positions and with sentences.
OLDER = {
    "v": 1,
    "title": "Sintel",
    "film": {"title": "Sintel", "key": "2000-def", "duration_s": 888.0},
    "started_at": "2026-11-20T21:00:00+01:00",
    "closed": False,
    "stills": [],
    "removed": [],
    "done": [],
    "undone": [],
}


def older(store: Store, name: str = "Sintel 2026-11-20") -> Folder:
    """A session of three stills as an older version left it: 1, 2, 3 came, 3 was moved to the front, 2 taken out."""
    folder = Folder(store.output / name)

    def row(n: int, parent: str = "") -> dict[str, object]:
        for part in ("stills", "cards"):
            path = folder.path / f"{parent}{part}" / f"{n:04}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{part} {n}")
        return {
            "n": n,
            "still": f"{parent}stills/{n:04}.png",
            "card": f"{parent}cards/{n:04}.png",
            "taken_at": f"2026-11-20T21:0{n}:00+01:00",
            "time_s": None,
            "size": [16, 9],
            "box": None,
            "swatches": [{"hex": "#010203", "rgb": [1, 2, 3], "share": 1.0, "at": None}],
            "source": f"vlc-{n}.bmp",
            "fingerprint": "",
            "correction": ["untagged: taken for bt709", "decoded with bt709 instead of bt601"],
        }

    done = [
        {"do": "add", "numbers": [1], "places": [0]},
        {"do": "add", "numbers": [2], "places": [1]},
        {"do": "add", "numbers": [3], "places": [2]},
        {"do": "move", "numbers": [3], "places": [2, 0]},
        {"do": "remove", "numbers": [2], "places": [2]},
    ]
    undone = [{"do": "rename", "titles": ["Sintel", "Another"]}, {"do": "remove", "numbers": [3], "places": [0]}]
    data = {**OLDER, "stills": [row(3), row(1)], "removed": [row(2, "removed/")], "done": done, "undone": undone}
    folder.file.write_text(json.dumps(data))
    return folder


def test_an_older_session_is_carried_over_with_its_corrections_and_its_history(store: Store) -> None:
    folder = older(store)
    session = store.load(folder)
    assert session.stills[0].correction == (
        Step("assumed", matrix="bt709"),
        Step("decoded", matrix="bt709", was="bt601"),
    )
    orders = [numbers(store, folder)]
    while store.load(folder).done:
        changes.undo(store, folder)
        orders.append(numbers(store, folder))
        check_files(store, folder)
    assert orders == [[3, 1], [3, 1, 2], [1, 2, 3], [1, 2], [1], []]
    for order in orders[-2::-1]:
        changes.redo(store, folder)
        assert numbers(store, folder) == order
    changes.redo(store, folder)
    assert numbers(store, folder) == [1]
    assert json.loads(folder.file.read_text())["id"] == folder.name


def test_an_older_merge_stays_and_what_came_after_it_can_be_undone(store: Store) -> None:
    folder = older(store)
    data = json.loads(folder.file.read_text())
    merge = {"do": "merge", "numbers": [1, 2, 3], "places": [0, 1, 2], "partner": "X", "partner_numbers": [7, 8, 9]}
    data["done"][2:3] = [merge]
    folder.file.write_text(json.dumps(data))
    changes.undo(store, folder)
    changes.undo(store, folder)
    assert numbers(store, folder) == [1, 2, 3]
    with pytest.raises(SessionError, match="nothing to undo"):
        changes.undo(store, folder)


def test_all_mistakes_of_a_session_are_named_at_once_with_their_place(store: Store) -> None:
    folder = older(store)
    data = json.loads(folder.file.read_text())
    data["stills"][0]["size"] = "large"
    data["stills"][1]["taken_at"] = "yesterday"
    folder.file.write_text(json.dumps(data))
    with pytest.raises(SessionError) as raised:
        store.load(folder)
    assert str(folder.file) in str(raised.value)
    assert "stills[0].size" in str(raised.value)
    assert "stills[1].taken_at" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("n", 0, "stills[0].n: must be 1 or more"),
        ("n", 1, "is the number of another still"),
        ("size", [8000, 0], "size"),
        ("box", [5, 5, 2, 2], "box"),
        ("time_s", -1, "time_s"),
        ("swatches", [{"rgb": [1, 2, 999], "share": 1.0}], "swatches"),
    ],
)
def test_what_cannot_be_drawn_is_a_mistake_of_the_file(store: Store, key: str, value: object, said: str) -> None:
    folder = older(store)
    data = json.loads(folder.file.read_text())
    data["stills"][0][key] = value
    folder.file.write_text(json.dumps(data))
    with pytest.raises(SessionError) as error:
        store.load(folder)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "change",
    [
        {"do": "remove", "numbers": [1], "stood": []},
        {"do": "merge", "numbers": [1, 2], "stands": [0, 1], "partner": "x", "partner_numbers": [1]},
        {"do": "rename", "titles": ["Sintel"]},
        {"do": "explode"},
    ],
    ids=lambda change: change["do"],
)
def test_a_change_that_could_not_be_undone_is_a_mistake_of_the_file(store: Store, change: dict[str, object]) -> None:
    folder = press(store)
    data = json.loads(folder.file.read_text())
    folder.file.write_text(json.dumps({**data, "done": [*data["done"], change]}))
    with pytest.raises(SessionError, match=r"is damaged: done\[1\]"):
        store.load(folder)


def test_a_session_that_has_lost_its_id_is_read_without_its_history(store: Store) -> None:
    folder = press(store)
    data = json.loads(folder.file.read_text())
    folder.file.write_text(json.dumps({**data, "id": ""}))
    session = store.load(folder)
    assert (session.id, session.done, len(session.stills)) == (folder.name, (), 1)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_day_that_there_are_stop_nobody(store: Store, day: str) -> None:
    folder = press(store)
    data = json.loads(folder.file.read_text())
    data["stills"][0]["taken_at"] = f"{day}T12:00:00"
    folder.file.write_text(json.dumps(data))
    assert store.load(folder).stills[0].taken_at.tzinfo is not None
    assert press(store, SINTEL) == store.find()


def test_another_version_is_named(store: Store) -> None:
    folder = press(store)
    folder.file.write_text(folder.file.read_text().replace('"v": 1', '"v": 2'))
    with pytest.raises(SessionError, match="is of version 2; this program reads version 1"):
        store.load(folder)


def test_a_damaged_session_is_named_and_the_gallery_goes_on(store: Store, tmp_path: Path) -> None:
    good, bad = press(store), press(store, SINTEL, 1)
    bad.file.write_text(bad.file.read_text().replace('"swatches": [', '"swatches": [7, ', 1))
    assert [folder for folder, _ in store.sessions()] == [good]
    (damage,) = store.unreadable()
    assert "Sintel 2026-11-20" in str(damage)
    assert "stills[0].swatches[0]" in str(damage)
    page.write(store)
    line = Pipeline(Config(tmp_path / "In", store.output, tmp_path / "c.toml", tmp_path / "log"), store)
    (store.output / "index.html").unlink(missing_ok=True)
    with pytest.raises(SessionError, match="Sintel"):
        line.redraw(bad)
    assert "Big Buck Bunny" in (store.output / "index.html").read_text()
    with pytest.raises(SessionError, match="swatches"):
        store.load(store.find("Sintel 2026-11-20"))


def test_a_title_of_halves_of_characters_is_written_all_the_same(store: Store) -> None:
    folder = press(store)
    folder = changes.rename(store, folder, "half \ud83d of one").redraw[0]
    assert folder.load().title == "half ? of one"


def test_after_a_merge_the_next_still_of_the_film_comes_where_the_film_is_shown(store: Store) -> None:
    bunny = press(store)
    sintel = press(store, SINTEL, 1)
    changes.merge(store, bunny, sintel)
    assert press(store, SINTEL, 2) == bunny
    shutil.rmtree(sintel.path)  # it shows nothing, and somebody tidies up
    assert press(store, SINTEL, 3) == bunny


def test_a_move_is_undone_after_its_session_was_merged_away_and_given_back(store: Store) -> None:
    sintel = press(store, SINTEL)
    press(store, SINTEL, 1)
    changes.move(store, sintel, 2, 1)
    bunny = press(store, BUNNY, 2)
    changes.merge(store, bunny, sintel)
    assert changes.undo(store, sintel).text == "Took 2 stills back from Big Buck Bunny 2026-11-20"
    assert numbers(store, bunny) == [1]
    changes.undo(store, sintel)
    assert numbers(store, sintel) == [1, 2]
    check_files(store, sintel)


def test_what_has_gone_on_to_a_third_session_is_first_taken_back_there(store: Store) -> None:
    bunny = press(store)
    press(store, minutes=1)
    sintel = press(store, SINTEL, 2)
    split = changes.split(store, bunny, 2).redraw[1]
    changes.merge(store, sintel, split)
    with pytest.raises(
        SessionError, match=r'still 1 was changed there since; .* undo --session "Big Buck Bunny 2026-11-20 \(2\)"'
    ):
        changes.undo(store, bunny)
    changes.undo(store, sintel)
    changes.undo(store, bunny)
    assert (numbers(store, bunny), numbers(store, split), numbers(store, sintel)) == ([1, 2], [], [1])
    check_files(store, bunny)


@pytest.mark.parametrize("fate", ["deleted", "renamed"])
def test_stills_come_back_to_a_session_whose_folder_was_deleted_or_renamed(store: Store, fate: str) -> None:
    bunny, sintel = press(store), press(store, SINTEL, 1)
    changes.merge(store, bunny, sintel)
    if fate == "deleted":
        shutil.rmtree(sintel.path)
    else:
        sintel = Folder(sintel.path.rename(store.output / "My favorites"))
    assert changes.undo(store, bunny).redraw == (bunny, sintel)
    assert numbers(store, bunny) == [1]
    assert numbers(store, sintel) == [1]
    check_files(store, sintel)
    assert store.load(sintel).film == SINTEL
    changes.redo(store, bunny)
    assert numbers(store, bunny) == [1, 2]


def test_an_older_session_json_that_is_put_back_costs_no_picture(store: Store) -> None:
    folder = press(store)
    before = folder.file.read_bytes()
    press(store, minutes=1)
    second = folder.path / store.load(folder).stills[1].still
    body = second.read_bytes()
    folder.file.write_bytes(before)
    press(store, minutes=2)
    assert numbers(store, folder) == [1, 3]
    assert second.read_bytes() == body


def test_a_still_dated_years_ahead_is_not_the_latest_for_ever(store: Store) -> None:
    ahead = press(store, SINTEL, 60 * 24 * 365 * 5)
    assert store.find() == ahead, "it has just come"
    bunny = press(store)
    assert store.find() == bunny
    assert changes.by_key(store, "remove").redraw == (bunny,)


def test_a_session_that_was_written_by_a_clock_years_ahead_is_not_the_latest(store: Store) -> None:
    bunny = press(store)
    sintel = press(store, SINTEL)
    year = datetime.now(UTC).year
    sintel.file.write_text(sintel.file.read_text().replace(f'"active_at": "{year}', f'"active_at": "{year + 5}'))
    assert store.find() == bunny


def test_a_session_is_found_by_folder_title_path_and_number(store: Store) -> None:
    bunny, sintel = press(store), press(store, SINTEL, 1)
    again = press(store, BUNNY, 60 * 24)
    assert store.find("big buck bunny 2026-11-20") == bunny
    assert store.find("SINTEL") == sintel
    assert store.find(str(bunny.path) + "/") == bunny
    assert [store.find(str(n)) for n in (1, 2, 3)] == [bunny, sintel, again]
    with pytest.raises(SessionError, match=r"title of 2 sessions.*: Big Buck Bunny 2026-11-20, .* 2026-11-21"):
        store.find("Big Buck Bunny")


def test_renamed_twice_and_undone_a_session_has_its_folder_again(store: Store) -> None:
    folder = press(store)
    first = changes.rename(store, folder, "One").redraw[0]
    second = changes.rename(store, first, "Two").redraw[0]
    assert second.name == "Two 2026-11-20"
    check_files(store, second)
    folder.path.mkdir()  # somebody has taken the name meanwhile
    back = changes.undo(store, changes.undo(store, second).redraw[0]).redraw[0]
    assert back.name == "Big Buck Bunny 2026-11-20 (2)"
    check_files(store, back)


def test_who_waits_for_a_thread_of_ours_waits_no_longer_than_it_holds(tmp_path: Path) -> None:
    lock = Lock(tmp_path / ".lock", 5.0, "holds it")
    holds, hold_s = 20, 0.004
    begun = time.perf_counter()

    def hold() -> None:
        for _ in range(holds):
            with lock.held():
                time.sleep(hold_s)

    threads = [threading.Thread(target=hold) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A nap of 50 ms at each turn would be two seconds.
    assert time.perf_counter() - begun < 2 * holds * hold_s + 1.0


def test_nothing_is_synced_and_no_palette_sought_while_the_sessions_are_held(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config(tmp_path / "In", store.output, tmp_path / "c.toml", tmp_path / "log")
    held: list[str] = []
    free: list[str] = []

    def look(what: str) -> None:
        other = Lock(store.output / ".lock", 0.0, "holds them")
        try:
            with other.held():
                free.append(what)
        except SessionError:
            held.append(what)

    def watched(real: object, what: str) -> object:
        def call(*args: object, **kwargs: object) -> object:
            look(what)
            return real(*args, **kwargs)

        return call

    monkeypatch.setattr(os, "fsync", watched(os.fsync, "sync"))
    monkeypatch.setattr(
        "cinepalette.picture.stills.palette_of",
        watched(stills.palette_of, "palette"),
    )
    line = Pipeline(config, store)
    pictures = [tmp_path / f"{n}.png" for n in (1, 2)]
    for n, path in enumerate(pictures):
        writing.write_png(path, bands(first=n))
        line.keep(line.admit(path, Sidecar(title=f"Film {n}", taken_at=EVENING)))
    first, second = store.folders()
    changes.merge(store, first, second)
    changes.undo(store, first)
    changes.rename(store, second, "Another")
    assert held == []
    assert set(free) == {"sync", "palette"}


def test_a_session_whose_stills_have_gone_leaves_no_clutter(store: Store, tmp_path: Path) -> None:
    line = Pipeline(Config(tmp_path / "In", store.output, tmp_path / "c.toml", tmp_path / "log"), store)
    for n in (1, 2):
        writing.write_png(tmp_path / f"{n}.png", bands(first=n))
        line.add(tmp_path / f"{n}.png", "Evening")
    folder = store.find()
    other = changes.split(store, folder, 2).redraw[1]
    line.redraw(other)
    assert (other.path / "palette.json").exists()
    for one in changes.undo(store, folder).redraw:
        line.redraw(one)
    assert [path.name for path in other.path.iterdir()] == ["session.json"]
    line.redraw(changes.redo(store, folder).redraw[1])
    assert {path.name for path in other.path.iterdir()} > {"collage.png", "palette.json", "stills", "cards"}


def test_a_still_that_add_cannot_write_is_not_in_its_session(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    config = Config(tmp_path / "In", store.output, tmp_path / "c.toml", tmp_path / "log")
    line = Pipeline(config, store)
    for n in (1, 2):
        writing.write_png(tmp_path / f"{n}.png", bands(first=n))
    line.add(tmp_path / "1.png", "Evening")
    with monkeypatch.context() as disk, pytest.raises(OSError, match="No space"):
        disk.setattr(writing, "write_png", full)
        line.add(tmp_path / "2.png", "Evening")
    folder = store.find()
    assert [still.source for still in store.load(folder).stills] == ["1.png"]
    assert store.load(folder).done[-1].numbers == (1,)
    line.add(tmp_path / "2.png", "Evening")
    assert [still.source for still in store.load(folder).stills] == ["1.png", "2.png"]


def test_a_collage_that_finds_the_disk_full_is_drawn_when_there_is_room(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[Folder] = []
    drawn = threading.Event()

    class Full:
        def warm_up(self) -> None: ...

        def redraw(self, folder: Folder) -> Path:
            tries.append(folder)
            if len(tries) == 1:
                raise OSError(errno.ENOSPC, "No space left on device")
            drawn.set()
            return folder.path / "collage.png"

    monkeypatch.setattr(artist, "_RETRY_S", 0.01)
    one = artist.Artist(Full())
    one.start()
    one.touch(Folder(tmp_path))
    assert drawn.wait(30)
    one.finish()


def test_a_place_that_a_crash_left_without_a_picture_is_given_up_after_a_while(store: Store, tmp_path: Path) -> None:
    config = Config(tmp_path / "In", store.output, tmp_path / "c.toml", tmp_path / "log")
    line = Pipeline(config, store)
    writing.write_png(tmp_path / "1.png", bands())
    admitted = line.admit(tmp_path / "1.png", None)
    folder = admitted.folder
    line.repair(folder, lambda _: True)
    line.repair(folder, lambda _: False)
    assert numbers(store, folder) == [1], "it may be written this moment"
    os.utime(folder.file, (0, 0))
    line.repair(folder, lambda _: False)
    assert numbers(store, folder) == []


def test_a_change_that_was_written_down_and_cannot_be_read_stops_nobody(store: Store) -> None:
    folder = press(store)
    for text in ("{", '{"moves": [["../../etc/passwd", "x"]], "files": []}', "[]"):
        (store.output / commit.INTENT).write_text(text)
        changes.new(store, folder)
        changes.undo(store, folder)
        assert not (store.output / commit.INTENT).exists()


def test_what_a_killed_program_had_prepared_is_swept(store: Store) -> None:
    press(store)
    half, fresh = (store.output / commit.PREPARED / name for name in ("1-1-1-0", "2-2-2-0"))
    for folder in (half, fresh):
        folder.mkdir()
        (folder / "session.json").write_text("{}")
    os.utime(half, (0, 0))
    commit.sweep(store.output)
    assert (half.exists(), fresh.exists()) == (False, True)
    assert len(store.folders()) == 1


class Drive:
    """A drive of the output folder, in this process and those before it; the notes are on another one."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.mount, self._away = folder / "drive", folder / "away"
        self.output = self.mount / "Cinepalette"
        self.note = folder / "state" / "drive.json"
        self.mount.mkdir()
        real = os.path.ismount
        monkeypatch.setattr(os.path, "ismount", lambda path: self._is_here(path) or real(path))
        monkeypatch.setattr(paths, "drive_file", lambda: self.note)

    def _is_here(self, path: object) -> bool:
        return str(path) == str(self.mount) and not self._away.exists()

    def take_away(self) -> None:
        self.mount.rename(self._away)
        self.mount.mkdir()

    def connect(self) -> None:
        shutil.rmtree(self.mount)
        self._away.rename(self.mount)


@pytest.fixture
def drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Drive:
    return Drive(tmp_path, monkeypatch)


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_drive_that_is_taken_away_has_its_mount_point_left_empty(drive: Drive, is_restarted: bool) -> None:
    store = Store(drive.output)
    press(store)
    drive.take_away()
    store = Store(drive.output) if is_restarted else store
    with pytest.raises(SessionError, match=r"its drive is not at .*; connect it; to begin anew without it, delete"):
        press(store)
    assert list(drive.mount.iterdir()) == []
    drive.connect()
    press(store, minutes=1)
    assert numbers(store, store.find()) == [1, 2]


def test_who_goes_on_without_the_drive_says_so_once(drive: Drive) -> None:
    press(Store(drive.output))
    drive.take_away()
    drive.note.unlink()
    press(Store(drive.output))
    press(Store(drive.output), minutes=1)
    assert len(Store(drive.output).folders()) == 1


def test_a_drive_that_is_there_is_no_trouble(drive: Drive) -> None:
    press(Store(drive.output))
    shutil.rmtree(drive.output)
    press(Store(drive.output))
    elsewhere = Store(drive.mount.parent / "Elsewhere")
    press(elsewhere)
    assert not drive.note.exists(), "the sessions are on the drive of the note itself"
    press(elsewhere)


def test_the_daemon_waits_for_its_drive(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "_DRIVE_S", 0.01)
    press(Store(drive.output))
    drive.take_away()
    config = Config(drive.output / "Inbox", drive.output, drive.note, drive.note.with_name("log"))
    daemon = loop.Daemon(config)
    running = threading.Thread(target=daemon.run)
    running.start()
    (finding,) = doctor.places._folders(SimpleNamespace(config=config))
    assert "its drive is not at" in finding.text
    assert list(drive.mount.iterdir()) == []
    drive.connect()
    wait_for((config.inbox / ".daemon.lock").exists, "the daemon on its drive")
    daemon.stop()
    running.join()


def any_change(chance: random.Random, store: Store, folder: Folder, other: Folder, n: int) -> None:
    verbs: list[Callable[[], object]] = [
        lambda: changes.remove(store, folder, n),
        lambda: changes.move(store, folder, n, 2),
        lambda: changes.rename(store, folder, chance.choice(["One", "Two"])),
        lambda: changes.merge(store, folder, other),
        lambda: changes.split(store, folder, n),
        lambda: changes.undo(store, folder),
        lambda: changes.redo(store, folder),
    ]
    chance.choice(verbs)()


def test_many_programs_at_once_lose_nothing_and_stumble_over_nothing(store: Store) -> None:
    press(store)
    troubles: list[BaseException] = []
    pressed: list[int] = []

    def work(seed: int) -> None:
        chance, own = random.Random(seed), Store(store.output)
        for minute in range(25):
            try:
                press(own, (BUNNY, SINTEL)[minute % 2], minute + seed / 10)
                pressed.append(minute)
                folders = own.folders()
                folder, other = chance.choice(folders), chance.choice(folders)
                n = chance.choice([still.n for still in own.load(folder).stills] or [1])
                any_change(chance, own, folder, other, n)
            except SessionError:
                continue  # what others have done meanwhile stands against it
            except BaseException as error:
                troubles.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    stills = [(folder, still) for folder, one in store.all() for still in (*one.stills, *one.removed)]
    assert len(stills) == 1 + len(pressed) == 1 + 4 * 25
    for folder, session in store.all():
        check_files(store, folder)
        assert folder.missing(session) == []


def test_a_session_that_another_program_begins_while_one_looks_for_it_is_joined(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, looked = Store(store.output), store.open_for

    def looking(belonging: Belonging) -> Folder | None:
        found = looked(belonging)
        if not other.folders():
            press(other, BUNNY, 0)
        return found

    monkeypatch.setattr(store, "open_for", looking)
    press(store, BUNNY, 1)
    (folder,) = store.folders()
    assert numbers(store, folder) == [1, 2]


def test_two_programs_that_begin_the_same_film_at_once_make_one_session(store: Store) -> None:
    stores = [Store(store.output) for _ in range(4)]
    threads = [threading.Thread(target=press, args=(one, BUNNY, n)) for n, one in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (folder,) = store.folders()
    assert sorted(numbers(store, folder)) == [1, 2, 3, 4]
    assert store.load(folder).last_n == 4
    assert timedelta(0) <= datetime.now(UTC) - store.load(folder).active_at < timedelta(minutes=5)
