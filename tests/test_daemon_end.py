"""The daemon's end and its hold on the inbox: never two of them at work, and what one leaves the next finishes."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cinepalette.config import Config
from cinepalette.daemon import notes
from cinepalette.daemon.notes import Notes
from cinepalette.inbox.watch import Watch
from daemon_process import SOON_S, DaemonProcess, wait_for
from test_daemon import bands


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[DaemonProcess]:
    made = DaemonProcess(tmp_path)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.process.kill()
        made.process.wait(SOON_S)


def holder(path: Path) -> subprocess.Popen[bytes]:
    """Another program that holds a lock."""
    code = f"""
        import filelock, sys, time
        with filelock.FileLock({str(path)!r}):
            print("held", flush=True)
            time.sleep(600)
    """
    made = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE)
    assert made.stdout.readline() == b"held\n"
    return made


@pytest.mark.parametrize("lock", [".lock", ".drawing.lock"])
def test_a_still_that_another_programs_lock_held_up_is_kept_later(daemon: DaemonProcess, lock: str) -> None:
    daemon.start()
    other = holder(daemon.output / lock)
    try:
        daemon.press("1", bands(), title="Sintel")
        wait_for(lambda: any(daemon.inbox.glob("taken/*/*")) or daemon.sessions(), "the still in hand")
        assert daemon.stop() == 0
        assert not (daemon.inbox / ".daemon.pid").exists()
    finally:
        other.kill()
        other.wait(SOON_S)
    daemon.start()
    daemon.wait_until_kept()
    assert len(daemon.session()["stills"]) == 1


def test_an_inbox_made_again_is_held_again(daemon: DaemonProcess) -> None:
    daemon.start()
    daemon.inbox.rename(daemon.inbox.with_name("Before"))
    wait_for(lambda: (daemon.inbox / ".daemon.lock").exists(), "the new inbox")
    wait_for(lambda: "is running" in daemon.run("status").stdout, "a daemon that is seen")
    assert "another daemon" in daemon.run("run").stderr
    daemon.press("1", bands(), title="Sintel")
    daemon.wait_until_kept()
    assert len(daemon.session()["stills"]) == 1


def test_a_daemon_whose_inbox_was_taken_over_ends(tmp_path: Path, daemon: DaemonProcess) -> None:
    daemon.start()
    other = tmp_path / "Other"
    other.mkdir()
    theirs = holder(other / ".daemon.lock")
    try:
        daemon.inbox.rename(tmp_path / "Before")
        # The daemon may be faster in making a new one.
        while True:
            try:
                other.rename(daemon.inbox)
                break
            except OSError:
                daemon.inbox.rename(tmp_path / f"Before {time.monotonic_ns()}")
        assert daemon.process.wait(SOON_S) == 1
        assert "another daemon is watching" in daemon.log()
    finally:
        theirs.kill()
        theirs.wait(SOON_S)


def test_what_stands_in_status_is_noted_by_the_daemon(daemon: DaemonProcess, tmp_path: Path) -> None:
    daemon.inbox.mkdir(parents=True)
    (daemon.inbox / "notes.txt").write_text("hello")
    (daemon.inbox / "Holiday").mkdir()
    daemon.start()
    (tmp_path / "bad.png").write_text("no picture")
    os.utime(tmp_path / "bad.png", (0, 0))
    (tmp_path / "bad.png").rename(daemon.inbox / "bad.png")
    daemon.press("1", bands(), title="Sintel", time_s=61)
    wait_for(lambda: notes.read(daemon.inbox).last_still, "the note of a still")
    facts = wait_for(lambda: notes.read(daemon.inbox).last_error and notes.read(daemon.inbox), "the note of an error")
    assert facts.last_still.text == "1 · Sintel 00:01:01"
    assert facts.last_error.text.startswith("bad.png: is not a picture; kept as ")
    assert facts.ignored == ("Holiday", "notes.txt")
    assert facts.since
    assert daemon.log().count("notes.txt") == 1
    stands = notes.standing(Config(daemon.inbox, daemon.output, daemon.config, daemon.log_file))
    assert stands.waiting == 0
    assert stands.free_bytes > 0
    assert stands.facts.last_still
    daemon.stop()
    shutil.rmtree(daemon.output / stands.facts.last_still.session)
    stands = notes.standing(Config(daemon.inbox, daemon.output, daemon.config, daemon.log_file))
    assert stands.facts.last_still is None, "its session is gone, as that of the installer's proof"


@pytest.mark.parametrize("text", ["", "[]", '{"last_still": 7}', '{"since": "' + "x" * 100_000 + '"}'])
def test_a_note_that_is_none_of_ours_is_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / ".daemon.json").write_text(text)
    assert notes.read(tmp_path) == notes.Facts()


def test_a_note_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    with Notes(tmp_path / "gone" / "gone").kept():
        pass
    (tmp_path / "file").write_text("")
    with Notes(tmp_path / "file").kept():
        pass


def test_a_watch_that_was_stopped_gives_nothing_more(tmp_path: Path) -> None:
    from cinepalette.inbox.folder import Inbox

    (tmp_path / "request-1.json").write_text(json.dumps({"v": 1, "do": "new"}))
    watch = Watch(Inbox(tmp_path))
    watch.start()
    watch.stop()
    assert list(watch.arrivals()) == []
