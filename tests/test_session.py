"""Sessions on disk: which still belongs to which, what survives, what can be undone."""

import json
import os
import shutil
import threading
import unicodedata
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from cinepalette import config
from cinepalette.daemon import page, results
from cinepalette.daemon.pipeline import Pipeline
from cinepalette.errors import SessionError
from cinepalette.export.gallery import live
from cinepalette.model import Film, Session, Sidecar, Still, Swatch
from cinepalette.picture.writing import free_name, sweep
from cinepalette.session import changes, films
from cinepalette.session.folder import Folder
from cinepalette.session.names import folder_name, still_name
from cinepalette.session.store import Belonging, Store
from hypothesis import given
from hypothesis import strategies as st

EVENING = datetime(2026, 11, 20, 21, 0, tzinfo=timezone(timedelta(hours=1)))
GAP = timedelta(hours=4)
BUNNY = Film("Big Buck Bunny", "1000-abc", 596.0)
SINTEL = Film("Sintel", "2000-def", 888.0)
SWATCHES = (Swatch((12, 34, 56), 0.75, (0.25, 0.5)), Swatch((200, 60, 40), 0.25))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "Cinepalette")


def press(
    store: Store, film: Film | None = BUNNY, minutes: float = 0.0, asked: str | None = None, *, written: bool = True
) -> Folder:
    """One still, with its two files, as the pipeline puts it there; unless `written`, it has only its place."""
    taken_at = EVENING + timedelta(minutes=minutes)

    def still(n: int) -> Still:
        name = still_name(n, minutes * 60)
        time_s, source = minutes * 60, f"vlc-{n}.bmp"
        return Still(n, f"stills/{name}", f"cards/{name}", taken_at, (16, 9), SWATCHES, time_s, source, written=False)

    placed = changes.place(store, Belonging(film, taken_at, GAP, asked), still)
    if not written:
        return placed.folder
    for part in (placed.still.still, placed.still.card):
        (placed.folder.path / part).parent.mkdir(exist_ok=True)
        (placed.folder.path / part).write_text(f"{placed.folder.name} {part}")
    changes.note(store, placed.folder, replace(placed.still, written=True))
    return placed.folder


def numbers(store: Store, folder: Folder) -> list[int]:
    return [still.n for still in store.load(folder).stills]


def check_files(store: Store, folder: Folder) -> None:
    """Each still's files are where session.json says, with the content they were written with."""
    session = store.load(folder)
    for still in (*session.stills, *session.removed):
        assert (folder.path / still.still).is_file(), still.still
        assert (folder.path / still.card).is_file(), still.card
    assert all(not still.still.startswith("removed/") for still in session.stills)
    assert all(still.still.startswith("removed/") for still in session.removed)


def test_one_film_in_one_sitting_is_one_session(store: Store) -> None:
    first = press(store)
    assert press(store, minutes=200) == first
    assert first.name == "Big Buck Bunny 2026-11-20"
    assert numbers(store, first) == [1, 2]


def test_another_film_or_a_long_pause_begins_the_next(store: Store) -> None:
    first = press(store)
    assert press(store, SINTEL, 1).name == "Sintel 2026-11-20"
    assert press(store, minutes=2) == first
    assert press(store, minutes=2 + 241).name == "Big Buck Bunny 2026-11-21"


def test_a_second_session_on_the_same_day_gets_a_number(store: Store) -> None:
    first = press(store)
    changes.new(store, first)
    assert press(store, minutes=1).name == "Big Buck Bunny 2026-11-20 (2)"


def test_a_new_collage_is_begun_although_an_older_session_of_the_film_is_open(store: Store) -> None:
    first = press(store)
    press(store, minutes=1)
    other = changes.split(store, first, 2).redraw[1]
    assert press(store, minutes=2) == other
    changes.new(store, other)
    begun = press(store, minutes=3)
    assert begun not in (first, other)
    changes.remove(store, begun)
    assert press(store, minutes=4) == begun


def test_an_open_page_keeps_a_session_that_begins_and_drops_one_that_was_deleted(store: Store) -> None:
    press(store, SINTEL)
    begun = press(store, minutes=1, written=False)
    page.touch(store, begun)
    page.write(store)
    said = live.parsed((store.output / live.FILE_NAME).read_text(encoding="utf-8"))
    assert said["touched"]["id"] not in [row[0] for row in said["listing"]["sessions"]], "it is not written yet"
    assert said["listing"]["at"] <= said["touched"]["at"], "so the list says nothing of it"
    shutil.rmtree(begun.path)
    page.write(store)
    gone = live.parsed((store.output / live.FILE_NAME).read_text(encoding="utf-8"))
    assert "touched" not in gone
    assert gone["listing"]["at"] > said["touched"]["at"]


def test_a_name_that_the_file_system_has_taken_apart_is_not_free(store: Store) -> None:
    film = Film("Nausicaä", "3000-abc")
    (store.output / unicodedata.normalize("NFD", "Nausicaä 2026-11-20")).mkdir(parents=True)
    assert press(store, film).name == "Nausicaä 2026-11-20 (2)"


def test_a_press_after_the_only_still_was_taken_out_goes_on_with_its_session(store: Store) -> None:
    folder = press(store)
    changes.remove(store, folder)
    assert press(store, minutes=1) == folder
    asked = press(store, None, asked="Cinepalette test")
    changes.remove(store, asked)
    assert press(store, None, asked="Cinepalette test") == asked


def test_pictures_without_sidecar_make_a_session_of_their_own(store: Store) -> None:
    press(store)
    assert press(store, None, 1).name == "Stills 2026-11-20"


def test_a_session_asked_for_by_name_is_found_or_begun(store: Store) -> None:
    begun = press(store, None, asked="Cinepalette test")
    assert begun.name == "Cinepalette test 2026-11-20"
    assert press(store, BUNNY, 600, asked="cinepalette TEST") == begun


def test_session_json_gives_back_what_was_saved(store: Store) -> None:
    folder = press(store)
    changes.new(store, folder)
    changes.rename(store, folder, "風の谷のナウシカ")
    folder = store.find()
    assert folder.load() == store.load(folder)
    assert folder.load().closed
    data = json.loads(folder.file.read_text(encoding="utf-8"))
    assert data["v"] == 1
    assert data["title"] == "風の谷のナウシカ"
    assert data["stills"][0]["swatches"][0]["hex"] == "#0c2238"
    assert "/" not in data["film"]["key"]


NO_STILL = '{"v": 1, "title": "x", "started_at": "2026-11-20T21:00:00+01:00", "stills": [%s]}'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        '{"v": 7}',
        '{"v": 1, "title": "x"}',
        NO_STILL % "null",
        NO_STILL % '{"n": 1e999}',
    ],
    ids=range(8),
)
def test_a_damaged_session_is_named_and_does_not_hide_the_others(store: Store, text: str) -> None:
    good = press(store)
    broken = store.output / "Broken 2026-11-20"
    broken.mkdir()
    (broken / "session.json").write_text(text)
    with pytest.raises(SessionError, match="Broken"):
        Folder(broken).load()
    assert [folder for folder, _ in store.sessions()] == [good]
    assert store.find() == good


def test_removing_moves_the_files_and_undo_brings_them_back(store: Store) -> None:
    folder = press(store)
    press(store, minutes=1)
    press(store, minutes=2)
    assert changes.remove(store, folder).text == "Removed 3 · Big Buck Bunny 00:02:00"
    assert changes.remove(store, folder, 1).text == "Removed 1 · Big Buck Bunny 00:00:00"
    assert numbers(store, folder) == [2]
    check_files(store, folder)
    assert changes.undo(store, folder).text == "Put back 1 · Big Buck Bunny 00:00:00"
    assert changes.undo(store, folder).text == "Put back 3 · Big Buck Bunny 00:02:00"
    assert numbers(store, folder) == [1, 2, 3]
    check_files(store, folder)
    changes.redo(store, folder)
    assert numbers(store, folder) == [1, 2]


def test_adding_is_a_change_like_the_others(store: Store) -> None:
    folder = press(store)
    assert changes.undo(store, folder).text == "Removed 1 · Big Buck Bunny 00:00:00"
    assert numbers(store, folder) == []
    assert store.find() == folder
    changes.redo(store, folder)
    assert numbers(store, folder) == [1]
    with pytest.raises(SessionError, match="nothing to redo"):
        changes.redo(store, folder)


def test_a_number_is_never_used_twice(store: Store) -> None:
    folder = press(store)
    press(store, minutes=1)
    changes.remove(store, folder)
    press(store, minutes=2)
    assert numbers(store, folder) == [1, 3]
    check_files(store, folder)


def test_move_and_rename_are_undone_in_turn(store: Store) -> None:
    folder = press(store)
    press(store, minutes=1)
    press(store, minutes=2)
    changes.move(store, folder, 3, 1)
    renamed = changes.rename(store, folder, "An evening").redraw[0]
    assert renamed.name == "An evening 2026-11-20"
    assert not folder.path.exists()
    assert numbers(store, renamed) == [3, 1, 2]
    assert changes.undo(store, renamed).text == "Renamed to Big Buck Bunny"
    assert not renamed.path.exists()
    changes.undo(store, folder)
    assert numbers(store, folder) == [1, 2, 3]


def test_merge_takes_all_stills_and_undo_gives_them_back(store: Store) -> None:
    bunny = press(store)
    sintel = press(store, SINTEL, 1)
    press(store, SINTEL, 2)
    outcome = changes.merge(store, bunny, sintel)
    assert outcome.text == "Took 2 stills from Sintel 2026-11-20"
    assert set(outcome.redraw) == {bunny, sintel}
    assert numbers(store, bunny) == [1, 2, 3]
    assert [folder for folder, _ in store.sessions()] == [bunny]
    check_files(store, bunny)
    changes.undo(store, bunny)
    assert numbers(store, bunny) == [1]
    assert numbers(store, sintel) == [1, 2]
    check_files(store, bunny)
    check_files(store, sintel)
    changes.redo(store, bunny)
    assert numbers(store, bunny) == [1, 2, 3]
    assert numbers(store, sintel) == []


def test_after_a_merge_the_latest_session_is_the_one_that_shows_the_stills(store: Store) -> None:
    sintel = press(store, SINTEL)
    changes.merge(store, sintel, press(store, BUNNY, 1))
    assert store.find() == sintel


def test_a_still_that_is_being_written_is_not_taken_along(store: Store) -> None:
    bunny = press(store)
    press(store, minutes=1)
    sintel = press(store, SINTEL)
    changes.note(store, bunny, replace(store.load(bunny).stills[1], written=False))
    for change in (lambda: changes.split(store, bunny, 2), lambda: changes.merge(store, sintel, bunny)):
        with pytest.raises(SessionError, match=r"0002 00h01m00s\.png is still being written"):
            change()
    assert (numbers(store, bunny), numbers(store, sintel)) == ([1, 2], [1])
    assert set(store.folders()) == {bunny, sintel}


def test_split_begins_a_session_and_undo_joins_it_again(store: Store) -> None:
    bunny = press(store)
    press(store, minutes=1)
    press(store, minutes=2)
    outcome = changes.split(store, bunny, 2)
    assert outcome.text == "Moved 2 stills to Big Buck Bunny 2026-11-20 (2)"
    other = outcome.redraw[1]
    assert numbers(store, bunny) == [1]
    assert [still.time_s for still in store.load(other).stills] == [60, 120]
    check_files(store, other)
    changes.undo(store, bunny)
    assert numbers(store, bunny) == [1, 2, 3]
    assert numbers(store, other) == []
    check_files(store, bunny)


def test_a_session_that_changes_while_it_is_drawn_is_drawn_last_as_it_is_then(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = press(store)
    drawn: list[int] = []
    settings = config.load({"CINEPALETTE_CONFIG": str(store.output / "none.toml")})

    def draw(folder: Folder, session: Session, *_: object) -> None:
        if session.stills:
            changes.remove(Store(store.output), folder)
            other.start()
            other.join(0.2)  # without its turn it would be done in no time
        drawn.append(len(session.stills))

    def redraw() -> None:
        Pipeline(settings, Store(store.output)).redraw(folder)

    monkeypatch.setattr(results, "redraw", draw)
    monkeypatch.setattr(page, "write", lambda *_: None)
    other = threading.Thread(target=redraw)
    redraw()
    other.join()
    assert drawn == [1, 0]


def test_what_cannot_be_done_is_said_and_changes_nothing(store: Store) -> None:
    with pytest.raises(SessionError, match="there is no session yet"):
        store.find()
    folder = press(store)
    before = folder.file.read_text()
    for impossible, message in [
        (lambda: changes.remove(store, folder, 9), "there is no still 9"),
        (lambda: changes.move(store, folder, 1, 0), "counted from 1"),
        (lambda: changes.split(store, folder, 1), "it can be split at"),
        (lambda: changes.merge(store, folder, folder), "with itself"),
        (lambda: changes.by_key(store, "explode"), "'explode'"),
        (lambda: store.find("Nosferatu"), "Nosferatu: there is no such session"),
    ]:
        with pytest.raises(SessionError, match=message):
            impossible()
    assert folder.file.read_text() == before


def test_files_that_a_crash_left_behind_are_settled(store: Store) -> None:
    folder = press(store)
    changes.remove(store, folder)
    (still,) = store.load(folder).removed
    # session.json was written, the power failed before the files were moved.
    (folder.path / still.still).rename(folder.path / "stills" / Path(still.still).name)
    folder.settle([still])
    assert (folder.path / still.still).is_file()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Nausicaä", "Nausicaä 2026-11-20"),
        ("風の谷のナウシカ", "風の谷のナウシカ 2026-11-20"),
        ("Face/Off: the *best*", "Face Off the best 2026-11-20"),
        ("What?\n\x07", "What 2026-11-20"),
        ("...", "Stills 2026-11-20"),
        ("CON", "Stills CON 2026-11-20"),
        ("Inbox", "Inbox 2026-11-20"),
    ],
)
def test_a_folder_name_is_good_on_every_system(title: str, name: str) -> None:
    assert folder_name(title, date(2026, 11, 20)) == name


@given(st.text(max_size=500))
def test_no_title_makes_a_bad_folder_name(title: str) -> None:
    name = folder_name(title, date(2026, 11, 20))
    assert len(name.encode()) <= 150
    assert not set('<>:"/\\|?*\0\n') & set(name)
    assert name == name.strip(" .")


def test_a_film_is_known_by_its_content_wherever_it_lies(tmp_path: Path) -> None:
    one, other = tmp_path / "a.mkv", tmp_path / "elsewhere" / "Ein Film ä#1.mkv"
    one.write_bytes(b"film" * 100_000)
    other.parent.mkdir()
    other.write_bytes(one.read_bytes())
    first = films.film_of(Sidecar(title="a.mkv", uri=one.as_uri()))
    second = films.film_of(Sidecar(uri=other.as_uri()))
    assert first.key == second.key
    assert (first.title, second.title) == ("a", "Ein Film ä#1")
    other.write_bytes(b"other" * 100_000)
    assert films.film_of(Sidecar(uri=other.as_uri())).key != first.key


def test_what_is_no_file_has_no_fingerprint(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mkv")
    with pytest.raises(OSError, match="is no file"):
        films.fingerprint(tmp_path / "pipe.mkv")


def test_a_stream_or_disc_is_known_by_title_and_duration() -> None:
    disc = films.film_of(Sidecar(title="Metropolis", uri="dvd:///dev/sr0", duration_s=9000.2))
    assert disc == Film("Metropolis", "title metropolis 9000", 9000.2)
    assert films.film_of(Sidecar(uri="http://example.org/live")).title == "example.org"
    assert films.film_of(Sidecar()) is None


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Big_Buck_Bunny.mkv", "Big Buck Bunny"),
        ("Big.Buck.Bunny.2008.1080p.x264.mkv", "Big Buck Bunny 2008"),
        ("Dr. Strangelove", "Dr. Strangelove"),
        ("2001.mp4", "2001"),
    ],
)
def test_a_file_name_is_turned_into_a_title(title: str, shown: str) -> None:
    assert films.film_of(Sidecar(title=title)).title == shown


@pytest.mark.parametrize(
    "place", ["removed//home/notes.txt", "stills/../../notes.txt", "/home/notes.txt", "stills/..", "stills/", "x.png"]
)
@pytest.mark.parametrize("key", ["still", "card"])
def test_a_session_that_names_files_elsewhere_is_damaged(store: Store, key: str, place: str) -> None:
    folder = press(store)
    data = json.loads(folder.file.read_text())
    data["stills"][0][key] = place
    folder.file.write_text(json.dumps(data))
    with pytest.raises(SessionError, match="is damaged"):
        folder.load()


@pytest.mark.parametrize("partner", ["..", "../Elsewhere", "/home/u"])
def test_a_session_whose_partner_is_elsewhere_is_damaged(store: Store, partner: str) -> None:
    folder = press(store)
    data = json.loads(folder.file.read_text())
    data["done"][0]["partner"] = partner
    folder.file.write_text(json.dumps(data))
    with pytest.raises(SessionError, match="is damaged"):
        folder.load()


def test_a_time_without_offset_is_local_time(store: Store) -> None:
    press(store, SINTEL)
    folder = press(store, minutes=1)
    folder.file.write_text(folder.file.read_text().replace("+01:00", ""))
    local = EVENING.replace(tzinfo=None).astimezone()
    assert folder.load().started_at == local + timedelta(minutes=1)
    assert {found for found, _ in store.sessions()} == {folder, store.find("Sintel")}


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The files and folders that were made to survive a power failure, in order, with their sizes at that moment."""
    seen: list[tuple[int, int]] = []

    def fsync(handle: int) -> None:
        status = os.fstat(handle)
        seen.append((status.st_ino, status.st_size))

    monkeypatch.setattr("os.fsync", fsync)
    return seen


def test_session_json_is_whole_on_the_disk_before_it_has_its_name(store: Store, synced: list[tuple[int, int]]) -> None:
    folder = press(store)
    status = folder.file.stat()
    assert (status.st_ino, status.st_size) in synced


def test_a_still_that_is_kept_has_all_its_names_on_the_disk(store: Store, synced: list[tuple[int, int]]) -> None:
    folder = press(store)
    synced.clear()
    still = store.load(folder).stills[0]
    folder.sync(still)
    wanted = [(folder.path / still.still).parent, folder.path, store.output]
    assert [inode for inode, _ in synced] == [path.stat().st_ino for path in wanted]


def test_only_a_film_on_this_computer_is_opened() -> None:
    assert films.local_path("file:///films/Sintel%20%231.mkv") == Path("/films/Sintel #1.mkv")
    assert films.local_path("file://localhost/films/Sintel.mkv") == Path("/films/Sintel.mkv")
    assert films.local_path("file://LOCALHOST/films/Sintel.mkv") == Path("/films/Sintel.mkv")
    for address in ("file://nas/films/Sintel.mkv", "file:////nas/films/Sintel.mkv", "file:Sintel.mkv", "http://[", ""):
        assert films.local_path(address) is None


def test_the_half_of_a_file_that_was_killed_is_swept_and_no_other(store: Store) -> None:
    folder = press(store)
    old, new, strange = (folder.path / "stills" / name for name in (".12-34.part", ".12-35.part", "film.part"))
    for path in (old, new, strange):
        path.write_text("half")
    for path in (old, strange):
        os.utime(path, (0, 0))
    sweep(folder.path)
    assert (old.exists(), new.exists(), strange.exists()) == (False, True, True)
    check_files(store, folder)


@pytest.mark.parametrize(
    ("taken", "name"), [([], "a b.png"), (["a b.png"], "a b (2).png"), (["a b.png", "a b (2).png"], "a b (3).png")]
)
def test_the_first_name_that_is_free_is_taken(taken: list[str], name: str) -> None:
    assert free_name("a b", ".png", taken.__contains__) == name
