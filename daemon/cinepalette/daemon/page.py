"""The gallery's page on disk, and the scripts from which an open page learns what is new.

A key's change is written at once, in a few kilobytes; the page and its sections are written when the collage is drawn.
They are written whether or not a page is open, and nothing waits for one.
"""

import threading
import time
from pathlib import Path

from ..drawing import pages
from ..export import gallery
from ..export.gallery import live
from ..picture.writing import write_whole
from ..session.folder import Folder
from ..session.store import Store

SECTION = f"{pages.FOLDER}/gallery.js"
"""Below a session's folder: the session as a script."""

_PLACES = gallery.OnDisk(pages.small, pages.THUMBNAIL, {"script": live.FILE_NAME})

_writing_live = threading.Lock()
"""Guards live.js between the thread that answers and the one that draws."""


def write(store: Store) -> None:
    """Writes the page of all sessions as they are now, and what has changed for an open page."""
    begun = now()
    at = {folder.name: stamp(folder.file) for folder in store.folders()}
    sessions = {folder.name: session for folder, session in store.sessions()}
    shown = gallery.sections([(name, session.as_written) for name, session in sessions.items()], _PLACES, at)
    for section in shown:
        data = live.whole(section, [still.n for still in sessions[section.folder].stills])
        _write_where_changed(store.output / section.folder / SECTION, live.script(whole=data))
    write_whole(store.output / gallery.FILE_NAME, gallery.of_sections(shown, _PLACES))
    addresses = [_PLACES.file(_PLACES.base(section.folder, sessions[section.folder]), SECTION) for section in shown]
    # A session whose first still is not written yet is not shown here; an open page shows it already.
    listed = {section.folder for section in shown}
    until = min([begun, *(at.get(name, "") for name, one in sessions.items() if one.stills and name not in listed)])
    with _writing_live:
        touched = live.parsed(_text(store.output / live.FILE_NAME)).get("touched")
        # Or a page would bring back a session that was deleted.
        if touched and touched["id"] not in {section.id for section in shown} and touched["at"] < until:
            touched = None
        text = live.script(listing=live.listing(shown, addresses, until), touched=touched)
        write_whole(store.output / live.FILE_NAME, text)


def touch(store: Store, folder: Folder) -> None:
    """Updates an open page with what has changed in a session, though its pictures may not be written yet."""
    at = {folder.name: stamp(folder.file)}
    sessions = [(other.name, session) for other, session in store.sessions()]
    section = gallery.section(folder.name, sessions, _PLACES, at)
    with _writing_live:
        before = live.parsed(_text(store.output / live.FILE_NAME))
        text = live.script(listing=before.get("listing"), touched=live.touched(section) if section else None)
        write_whole(store.output / live.FILE_NAME, text)


def now() -> str:
    """This moment, as text that sorts by time."""
    return f"{time.time_ns():020}"


def stamp(path: Path) -> str:
    """When a file was written last, as text that sorts by time."""
    try:
        return f"{path.stat().st_mtime_ns:020}"
    except OSError:
        return ""


def _write_where_changed(path: Path, text: str) -> None:
    # A session of a thousand stills has two megabytes behind its beginning.
    beginning = live.beginning(text)
    try:
        with path.open(encoding="utf-8") as file:
            if file.read(len(beginning)) == beginning:
                return
    except OSError:
        pass
    write_whole(path, text)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
