"""One history: whatever is done, in whatever order, and cut off wherever, no still is lost, doubled or misplaced.

`CINEPALETTE_EXAMPLES=2000` runs 2,000 examples instead of a few, other ones each time; `--hypothesis-seed=N` gives the
same ones again.
"""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cinepalette.errors import SessionError
from cinepalette.model import Change, Film, Session, Still, Swatch
from cinepalette.session import changes
from cinepalette.session.folder import Folder
from cinepalette.session.store import Belonging, Store
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

MORE_EXAMPLES = os.environ.get("CINEPALETTE_EXAMPLES")
EVENING = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
FILMS = (Film("Sintel", "1-a"), Film("Nausicaä", "2-b"), None)
WRITES = ("rename", "replace", "unlink", "mkdir", "rmdir", "fsync", "link", "symlink", "open")


@pytest.fixture(autouse=True, scope="module")
def _without_syncing() -> Iterator[None]:
    """No power fails here, and a busy disk would make minutes of seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


class Crash(BaseException):
    """The program ends here: nothing that it would have done after this is done."""


class Machine:
    """The operations that change files, which can be cut off before any of them."""

    def __init__(self) -> None:
        self._left: int | None = None
        self._real = {name: getattr(os, name) for name in WRITES}

    def __enter__(self) -> "Machine":
        for name, real in self._real.items():
            setattr(os, name, self._counted(real))
        return self

    def __exit__(self, *_: object) -> None:
        for name, real in self._real.items():
            setattr(os, name, real)

    def crash_after(self, writes: int | None) -> None:
        self._left = writes

    def _counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if self._left is not None:
                if self._left <= 0:
                    raise Crash
                self._left -= 1
            return real(*args, **kwargs)

        return call


class Sessions(RuleBasedStateMachine):
    """Sessions that are changed in every way there is, each time read again from the disk."""

    def __init__(self, output: Path | None = None) -> None:
        super().__init__()
        self.output = output or Path(tempfile.mkdtemp(prefix="cinepalette-history-"))
        self.bodies: dict[str, int] = {}
        """The stills by what they came from, each with what its file holds."""
        self.minutes = 0
        self.tidied = False
        """Whether a folder was deleted, and what is known of it went with it."""

    def teardown(self) -> None:
        shutil.rmtree(self.output)

    @property
    def store(self) -> Store:
        """As another process sees it."""
        return Store(self.output)

    def folders(self) -> list[Folder]:
        return [folder for folder, _ in self.store.all()]

    @initialize()
    def begin(self) -> None:
        for film in (0, 0, 0, 1, 1):
            self.press(film)

    @rule(film=st.integers(0, 2))
    def press(self, film: int) -> None:
        self.minutes += 1
        source = f"vlc-{len(self.bodies)}.png"
        still = Still(0, "", "", EVENING + timedelta(minutes=self.minutes), (4, 3), (Swatch((1, 2, 3), 1.0),))

        def made(n: int) -> Still:
            paths = {"still": f"stills/{n:04}.png", "card": f"cards/{n:04}.png"}
            return replace(still, n=n, **paths, source=source, written=False)

        placed = changes.place(self.store, Belonging(FILMS[film], still.taken_at, timedelta(hours=4)), made)
        for part in (placed.still.still, placed.still.card, f"originals/{placed.still.n:04} {source}"):
            path = placed.folder.path / part
            assert not path.exists(), "never over a file that is there"
            path.parent.mkdir(exist_ok=True)
            path.write_text(source)
        changes.note(self.store, placed.folder, replace(placed.still, written=True))
        self.bodies[source] = placed.still.n

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        self.change(data, lambda store, folder: changes.remove(store, folder, self.number(data, folder)))

    @rule(data=st.data(), to=st.integers(1, 6))
    def move(self, data: st.DataObject, to: int) -> None:
        self.change(data, lambda store, folder: changes.move(store, folder, self.number(data, folder), to))

    @rule(data=st.data(), title=st.sampled_from(["Sintel", "Another", "Nausicaä", "..."]))
    def rename(self, data: st.DataObject, title: str) -> None:
        self.change(data, lambda store, folder: changes.rename(store, folder, title))

    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        self.change(data, changes.new)

    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        self.change(data, lambda store, folder: changes.split(store, folder, self.number(data, folder)))

    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        other = data.draw(st.sampled_from(self.folders()), label="other")
        self.change(data, lambda store, folder: changes.merge(store, folder, other))

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        self.change(data, changes.undo)

    @rule(data=st.data())
    def redo(self, data: st.DataObject) -> None:
        self.change(data, changes.redo)

    @precondition(lambda self: len(self.folders()) > 1)
    @rule(data=st.data())
    def delete_an_empty_folder(self, data: st.DataObject) -> None:
        """A person tidies up: what a merge has left shows nothing."""
        empty = [folder for folder, one in self.store.all() if not one.stills and not one.removed]
        if empty:
            shutil.rmtree(data.draw(st.sampled_from(empty)).path)
            self.tidied = True

    @rule(data=st.data())
    def rename_a_folder_by_hand(self, data: st.DataObject) -> None:
        folder = data.draw(st.sampled_from(self.folders()))
        folder.path.rename(self.output / f"by hand {len(self.folders())} {self.minutes}")
        self.minutes += 1

    @rule()
    def undo_all_and_redo_all(self) -> None:
        before, undone = self.states(), []
        while (taken := self.one_undo()) is not None:
            undone.append(taken)
        shown = [one for _, session in self.store.all() for one in session.stills]
        assert not shown or self.tidied, "the first change was the first still"
        for id_ in reversed(undone):
            folder = self.store.with_id(id_)
            assert folder is not None
            changes.redo(self.store, folder)
        assert differences(before, self.states()) == []

    @invariant()
    def each_still_is_in_exactly_one_place_with_its_bytes(self) -> None:
        with self.store.lock():
            pass
        found: Counter[str] = Counter()
        for folder, session in self.store.all():
            folder.settle((*session.stills, *session.removed))
            for still in (*session.stills, *session.removed):
                found[still.source] += 1
                for part in (still.still, still.card, f"originals/{still.n:04} {still.source}"):
                    assert (folder.path / part).read_text() == still.source
                assert still.n <= session.last_n
        assert found == Counter(list(self.bodies)), "each once"
        pictures = [path.read_text() for path in self.output.rglob("*.png") if "originals" not in path.parts]
        assert Counter(pictures) == Counter(dict.fromkeys(self.bodies, 2)), "no copy is left behind"
        assert self.store.unreadable() == []

    @invariant()
    def what_was_read_once_is_what_is_read_again(self) -> None:
        for folder, session in self.store.all():
            assert Store(self.output).load(folder) == session

    def number(self, data: st.DataObject, folder: Folder) -> int:
        return data.draw(st.sampled_from([one.n for one in self.store.load(folder).stills] or [1]), label="n")

    def change(self, data: st.DataObject, make: Callable[[Store, Folder], object]) -> None:
        """Makes a change, now and then cut off before one of its writes; then it is made whole or not at all."""
        folder = data.draw(st.sampled_from(self.folders()), label="session")
        before = self.states()
        crash_after = data.draw(st.none() | st.integers(0, 40), label="crash after")
        with Machine() as machine:
            try:
                machine.crash_after(crash_after)
                make(self.store, folder)
            except SessionError:
                machine.crash_after(None)
                assert self.states() == before, "what cannot be done changes nothing"
            except Crash:
                machine.crash_after(None)

    def one_undo(self) -> str | None:
        """Takes back a change in any session that can be; its id."""
        for folder, session in self.store.all():
            try:
                changes.undo(self.store, folder)
            except SessionError:
                continue
            return session.id
        return None

    def shown(self) -> dict[str, Any]:
        """What a person sees of each session."""
        return {id_: state[:5] for id_, state in self.states().items()}

    def states(self) -> dict[str, Any]:
        return {session.id: seen(session) for _, session in self.store.all() if session.stills or session.removed}


def seen(session: Session) -> tuple[Any, ...]:
    """What a person sees of a session, and the changes in its history."""
    return (
        session.title,
        session.closed,
        [(one.n, one.source) for one in session.stills],
        sorted((one.n, one.source) for one in session.removed),
        session.film,
        sorted(map(what_it_does, session.done)),
        sorted(map(what_it_does, session.undone)),
    )


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Any]:
    """What is not the same, a session and a part of it at a time."""
    found: list[Any] = [(id_, before.get(id_), after.get(id_)) for id_ in before.keys() ^ after.keys()]
    for id_ in before.keys() & after.keys():
        found += [(id_, one, other) for one, other in zip(before[id_], after[id_], strict=True) if one != other]
    return found


def what_it_does(change: Change) -> tuple[Any, ...]:
    """A change in a history. Two that have nothing to do with each other may change places there."""
    titles = change.titles if change.do == "rename" else ()
    return change.do, change.numbers, titles, change.partner, change.partner_numbers


TestSessions = Sessions.TestCase
# Each example writes hundreds of files: making a failing one smaller would take longer than reading it.
TestSessions.settings = settings(
    max_examples=int(MORE_EXAMPLES or 15),
    derandomize=not MORE_EXAMPLES,
    database=None,
    stateful_step_count=25,
    phases=(Phase.explicit, Phase.generate),
)


@pytest.mark.parametrize("change", ["merge", "split", "undo", "redo", "rename"])
def test_cut_off_before_any_write_a_change_is_made_whole_or_not_at_all(tmp_path: Path, change: str) -> None:
    made: list[bool | None] = []
    while None not in made:
        made.append(cut_off(tmp_path / f"{len(made)}", change, len(made)))
    at = made.index(True)
    assert at > 5, "there is something to cut off"
    assert not any(made[:at]), "up to one write it is not made,"
    assert all(made[at:-1]), "and from there on it is"


def cut_off(output: Path, change: str, writes: int) -> bool | None:
    """Makes a change and cuts it off after `writes` writes: whether it was made all the same; None where it had ended.

    Whatever became of it, no still is lost, and what was made can be taken back.
    """
    machine = Sessions(output)
    machine.begin()
    store = machine.store
    first, second = machine.folders()
    if change in {"undo", "redo"}:
        changes.merge(store, first, second)
    if change == "redo":
        changes.undo(store, first)
    before = machine.shown()
    makes: dict[str, Callable[[], object]] = {
        "merge": lambda: changes.merge(store, first, second),
        "split": lambda: changes.split(store, first, 2),
        "undo": lambda: changes.undo(store, first),
        "redo": lambda: changes.redo(store, first),
        "rename": lambda: changes.rename(store, first, "Another"),
    }
    crashed = False
    with Machine() as machinery:
        machinery.crash_after(writes)
        try:
            makes[change]()
        except Crash:
            crashed = True
        machinery.crash_after(None)
    machine.each_still_is_in_exactly_one_place_with_its_bytes()
    was_made = machine.shown() != before
    if was_made:
        (owner,) = (one for one in machine.folders() if one.name in {first.name, "Another 2026-11-20"})
        (changes.redo if change == "undo" else changes.undo)(machine.store, owner)
        assert machine.shown() == before
    assert crashed or was_made
    return was_made if crashed else None
