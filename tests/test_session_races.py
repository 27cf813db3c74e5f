"""Two programs at once, step by step: what one does between the steps of the other."""

import errno
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cinepalette.config import Config
from cinepalette.daemon import artist, frames
from cinepalette.daemon.pipeline import Pipeline
from cinepalette.errors import SessionError
from cinepalette.inbox.protocol import Kind
from cinepalette.model import Film, Sidecar
from cinepalette.picture import decoding, writing
from cinepalette.session import changes, commit
from cinepalette.session.access import Lock
from cinepalette.session.store import Store
from test_daemon import bands
from test_session import BUNNY, EVENING, SINTEL, check_files, numbers, press, store

__all__ = ["store"]


@pytest.fixture
def line(store: Store, tmp_path: Path) -> Pipeline:
    return Pipeline(Config(tmp_path / "In", store.output, tmp_path / "c.toml", tmp_path / "log"), store)


def once(patch: pytest.MonkeyPatch, owner: object, name: str, other: Callable[[], object]) -> None:
    """Has another program do something right after the next call of a function, before its caller goes on."""
    real, waiting = getattr(owner, name), [other]

    def call(*args: Any, **kwargs: Any) -> Any:
        found = real(*args, **kwargs)
        if waiting:
            waiting.pop()()
        return found

    patch.setattr(owner, name, call)


def after_planning(patch: pytest.MonkeyPatch, other: Callable[[], object]) -> None:
    """Has another program do something when a change is planned and not made yet."""
    once(patch, commit, "prepare", other)


def after_listing(patch: pytest.MonkeyPatch, store: Store, other: Callable[[], object]) -> None:
    """Has another program do something when the sessions are listed and not read yet."""
    once(patch, store, "folders", other)


@pytest.mark.parametrize(
    ("film", "minutes"), [(Film("Big Buck Bunny (2008)", BUNNY.key), 1), (BUNNY, 3 * 60)], ids=["title", "day"]
)
def test_a_session_that_another_program_begins_under_another_name_is_joined(
    store: Store, monkeypatch: pytest.MonkeyPatch, film: Film, minutes: int
) -> None:
    after_planning(monkeypatch, lambda: press(Store(store.output), film, minutes))
    press(store)
    (folder,) = store.folders()
    assert numbers(store, folder) == [1, 2]


@pytest.mark.parametrize("when", ["while it is looked for", "when it is found"])
def test_a_press_joins_its_session_though_that_is_renamed_just_then(
    store: Store, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    folder, other = press(store), Store(store.output)

    def rename() -> None:
        changes.rename(other, folder, "Another")

    if when == "while it is looked for":
        after_listing(monkeypatch, store, rename)
    else:
        once(monkeypatch, store, "open_for", rename)
    press(store, minutes=1)
    (folder,) = store.folders()
    assert (folder.name, numbers(store, folder)) == ("Another 2026-11-20", [1, 2])


@pytest.mark.parametrize("when", ["while it is looked for", "when it is found"])
def test_stills_come_back_to_their_session_though_that_is_renamed_just_then(
    store: Store, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    bunny, sintel = press(store), press(store, SINTEL, 1)
    changes.merge(store, bunny, sintel)
    other = Store(store.output)

    def rename() -> None:
        changes.rename(other, sintel, "Another")

    if when == "while it is looked for":
        after_listing(monkeypatch, store, rename)
    else:
        once(monkeypatch, store, "with_id", rename)
    changes.undo(store, bunny)
    assert sorted(folder.name for folder in store.folders()) == ["Another 2026-11-20", "Big Buck Bunny 2026-11-20"]
    assert numbers(store, store.find("Another")) == [1]
    check_files(store, store.find("Another"))


def test_a_key_takes_no_still_out_of_an_older_session_while_the_latest_is_renamed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    bunny, sintel = press(store), press(store, SINTEL, 1)
    other = Store(store.output)
    after_listing(monkeypatch, store, lambda: changes.rename(other, sintel, "Another"))
    changes.by_key(store, "remove")
    assert numbers(store, bunny) == [1]
    assert numbers(store, store.find("Another 2026-11-20")) == []


def test_a_key_changes_the_session_that_is_the_latest_when_the_change_is_made(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    bunny = press(store)
    after_planning(monkeypatch, lambda: press(Store(store.output), SINTEL, 1))
    changes.by_key(store, "new")
    assert not store.load(bunny).closed
    assert store.load(store.find("Sintel")).closed


def test_a_key_leaves_what_a_command_does_just_then(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = press(store)
    press(store, minutes=1)
    after_planning(monkeypatch, lambda: changes.move(Store(store.output), folder, 2, 1))
    with pytest.raises(SessionError, match="done with a command"):
        changes.by_key(store, "undo")
    assert numbers(store, folder) == [2, 1]


def test_a_folder_gets_another_name_only_while_nobody_draws(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = press(store)
    press(store, minutes=1)
    real, drawn_meanwhile = commit.commit, []

    def watched(output: Path, prepared: commit.Prepared) -> bool:
        if any(one.renamed_to for one in prepared.written):
            try:
                with Lock(output / ".drawing.lock", 0.0, "draws").held():
                    drawn_meanwhile.append(folder.name)
            except SessionError:
                pass
        return real(output, prepared)

    monkeypatch.setattr(commit, "commit", watched)
    folder = changes.rename(store, folder, "One").redraw[0]
    folder = changes.undo(store, folder).redraw[0]
    changes.move(store, folder, 2, 1)
    folder = changes.rename(store, folder, "Two").redraw[0]
    folder = changes.undo(store, folder).redraw[0]
    changes.undo(store, folder)
    other = Store(store.output)
    after_planning(monkeypatch, lambda: changes.redo(other, folder))
    assert changes.redo(store, folder).text == "Renamed to Two"
    assert drawn_meanwhile == []


def test_what_cannot_be_done_is_looked_at_twice_and_changes_nothing(store: Store) -> None:
    folder = press(store)
    before = folder.file.read_bytes()
    with pytest.raises(SessionError, match="there is no still 7"):
        changes.remove(store, folder, 7)
    assert folder.file.read_bytes() == before
    assert [path.name for path in (store.output / commit.PREPARED).iterdir()] == []


def test_where_large_and_small_letters_are_the_same_a_folder_keeps_its_name(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, real = press(store), Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: real(path) or path.name.casefold() == folder.name.casefold())
    assert changes.rename(store, folder, "BIG BUCK BUNNY").redraw == (folder,)
    assert store.load(folder).title == "BIG BUCK BUNNY"
    assert changes.undo(store, folder).redraw == (folder,)
    assert store.load(folder).title == "Big Buck Bunny"


def admitted(line: Pipeline, path: Path, key: str) -> Any:
    writing.write_png(path, bands())
    return line.admit(path, Sidecar(title="Big Buck Bunny", taken_at=EVENING), Kind.PICTURE, key=key)


def test_a_picture_is_taken_though_the_session_of_its_film_is_renamed_just_then(
    store: Store, line: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.keep(admitted(line, tmp_path / "1.png", "one"))
    other = Store(store.output)
    once(monkeypatch, store, "open_for", lambda: changes.rename(other, store.find(), "Another"))
    assert admitted(line, tmp_path / "2.png", "two").folder.name.startswith("Another")


@pytest.mark.parametrize("change", ["rename", "merge"])
def test_an_arrival_that_comes_again_is_known_though_its_session_changes_just_then(
    store: Store, line: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    one = admitted(line, tmp_path / "1.png", "one")
    line.keep(one)
    first = press(store, Film("A film before it", "3"), 1)
    other = Store(store.output)

    def happen() -> None:
        if change == "rename":
            changes.rename(other, one.folder, "Another")
        else:
            changes.merge(other, first, one.folder)

    thread = threading.Thread(target=happen)
    after_listing(monkeypatch, store, lambda: (thread.start(), thread.join(0.3)))
    found = line.admitted_before(tmp_path / "1.png", None, Kind.PICTURE, "one")
    thread.join()
    assert found is not None


@pytest.mark.parametrize("change", ["merge", "split", "rename"])
def test_an_original_lies_with_its_still_though_that_goes_elsewhere_just_then(
    store: Store, line: Pipeline, tmp_path: Path, change: str
) -> None:
    line.keep(admitted(line, tmp_path / "0.png", "zero"))
    one = admitted(line, tmp_path / "1.png", "one")
    line.keep(one)
    if change == "merge":
        changes.merge(store, press(store, SINTEL, 2), one.folder)
    elif change == "split":
        changes.split(store, one.folder, one.still.n)
    else:
        changes.rename(store, one.folder, "Another")
        with pytest.raises(FileNotFoundError):
            line.put_original(one, tmp_path / "1.png")
        one = line.admitted_before(tmp_path / "1.png", None, Kind.PICTURE, "one")
    line.put_original(one, tmp_path / "1.png")
    (original,) = store.output.glob("*/originals/*")
    folder, still = next(
        (folder, still) for folder, session in store.all() for still in session.stills if still.arrival == "one"
    )
    assert original == folder.path / "originals" / f"{still.n:04} 1.png"


def test_a_still_that_a_key_takes_out_while_it_is_written_is_kept_without_complaint(
    store: Store, line: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = admitted(line, tmp_path / "1.png", "one")
    once(monkeypatch, changes, "note", lambda: changes.remove(Store(store.output), one.folder))
    line.keep(one)
    assert numbers(store, one.folder) == []
    check_files(store, one.folder)


def test_a_frame_of_a_film_that_cannot_be_written_is_not_in_its_session(
    store: Store, line: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(decoding, "frame_at", lambda *_: decoding.Frame(bands(), 1.0, ()))
    monkeypatch.setattr(Pipeline, "_write_card", full)
    with pytest.raises(OSError, match="No space"):
        frames.into_session(line, tmp_path / "film.mkv", 60.0, [1.0], "Evening")
    assert [session.stills for _, session in store.all()] == [()]


def test_a_session_that_is_renamed_before_it_is_drawn_is_no_trouble(
    store: Store, line: Pipeline, caplog: pytest.LogCaptureFixture
) -> None:
    one = artist.Artist(line)
    folder = press(store)
    changes.rename(store, folder, "Another")
    one.touch(folder)
    with caplog.at_level(logging.INFO):
        one.start()
        one.finish()
    assert "was renamed or deleted before its collage was drawn" in caplog.text
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
