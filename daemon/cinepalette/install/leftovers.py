"""What the program leaves while it runs: what of it goes at the end, and what is the user's and stays."""

import shutil
from pathlib import Path

from .. import paths
from ..config import Config
from ..drawing import pages
from ..export import gallery
from ..export.gallery import live
from ..inbox.folder import Inbox
from ..session import commit
from ..session.folder import FILE_NAME
from . import records


def tidy_places(config: Config) -> str | None:
    """Removes from the inbox and the output what only the daemon needs; a folder that holds anything else stays."""
    shutil.rmtree(Inbox(config.inbox).replies, ignore_errors=True)
    for path in (*config.inbox.glob(".daemon.*"), config.output / ".lock", config.output / ".drawing.lock"):
        path.unlink(missing_ok=True)
    shutil.rmtree(config.output / commit.PREPARED, ignore_errors=True)
    for folder in _sessions(config.output):
        # Tiles are drawn again from the stills when they are needed.
        shutil.rmtree(folder / pages.FOLDER, ignore_errors=True)
    if not _sessions(config.output):
        remove_page(config.output)
    inbox = Inbox(config.inbox)
    records.remove_folders(tuple(map(str, (config.output, inbox.path, inbox.shelf, inbox.rejected))))
    return f"What still lies in {config.inbox} was left there." if config.inbox.is_dir() else None


def of_the_program() -> list[Path]:
    """The folders for log, state and cache that are there; never those of a second set-up's own user."""
    if paths.overrides():
        return []
    found = (paths.log_file().parent, paths.watched_file().parent, proof_folder())
    return [path for path in dict.fromkeys(found) if path.exists()]


def proof_folder() -> Path:
    """Where the collage of the proof is kept, which is no session of the user's."""
    return paths.cache_dir() / "Cinepalette test"


def of_the_user() -> list[Path]:
    """What only a purge takes: settings, and caches with the tests' environments in them."""
    if paths.overrides():
        return []
    return [path for path in (paths.config_file().parent, paths.cache_dir()) if path.exists()]


def remove(folders: list[Path]) -> None:
    for path in folders:
        shutil.rmtree(path, ignore_errors=True)
        # On some systems the log folder lies in another one of ours.
        records.remove_folders((str(path.parent),) if path.parent.name == paths.APP else ())


def _sessions(output: Path) -> list[Path]:
    return [file.parent for file in output.glob(f"*/{FILE_NAME}")] if output.is_dir() else []


def remove_page(output: Path) -> None:
    """Removes a gallery that shows no session any more."""
    for name in (gallery.FILE_NAME, live.FILE_NAME):
        (output / name).unlink(missing_ok=True)
