"""What the daemon notes about itself for `status`: since when it runs, its last still and its last trouble."""

import contextlib
import json
import logging
import shutil
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ..config import Config
from ..errors import UnreadableImage
from ..inbox.folder import Inbox
from ..inbox.protocol import Kind, kind_of
from ..model import one_line
from ..picture import opening
from ..picture.writing import write_whole

_NAME = ".daemon.json"
_MAX_BYTES = 64 * 1024


@dataclass(frozen=True)
class Noted:
    """Something that happened, in a line."""

    at: str
    """ISO 8601 with offset."""
    text: str
    session: str = ""
    """The folder of a still's session."""


@dataclass(frozen=True)
class Facts:
    """What the daemon writes about itself; it stays when the daemon has ended."""

    since: str = ""
    """When it was started, ISO 8601 with offset."""
    last_still: Noted | None = None
    last_error: Noted | None = None
    """The last warning or error of its log."""
    ignored: tuple[str, ...] = field(default=())
    """What lies in the inbox and is none of ours: text files, folders."""


class Notes(logging.Handler):
    """Writes the facts beside the inbox's lock whenever one changes; listens to the log for troubles."""

    def __init__(self, inbox: Path) -> None:
        super().__init__(logging.WARNING)
        self._file = inbox / _NAME
        self._changing = threading.Lock()
        self._facts = Facts()
        """Guarded by `_changing`."""

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Notes all that happens while the block runs."""
        self._note(since=_now())
        logging.getLogger().addHandler(self)
        try:
            yield
        finally:
            logging.getLogger().removeHandler(self)

    def kept_still(self, text: str, session: str) -> None:
        """A still is safe, in the session of that folder."""
        self._note(last_still=Noted(_now(), text, session))

    def ignoring(self, names: tuple[str, ...]) -> None:
        """What lies in the inbox and is left there."""
        self._note(ignored=names)

    def emit(self, record: logging.LogRecord) -> None:
        """Takes a warning or error of the log."""
        self._note(last_error=Noted(_now(), one_line(record.getMessage())))

    def _note(self, **changed: object) -> None:
        with self._changing, contextlib.suppress(OSError):
            self._facts = Facts(**{**vars(self._facts), **changed})
            self._file.parent.stat()  # an inbox that is gone is not made for a note
            write_whole(self._file, json.dumps(asdict(self._facts), ensure_ascii=False) + "\n")


@dataclass(frozen=True)
class Standing:
    """How things stand, for `status`: what the daemon noted and what can be seen without it."""

    facts: Facts
    waiting: int
    """Arrivals in the inbox, those in hand included."""
    free_bytes: int | None
    """What is left on the drive of the output folder; None where there is none."""


def standing(config: Config) -> Standing:
    """How things stand, whether or not the daemon runs."""
    inbox = Inbox(config.inbox)
    waiting = len(inbox.in_hand())
    with contextlib.suppress(OSError):
        waiting += sum(1 for path in inbox.waiting() if kind_of(path) is not Kind.REQUEST)
    free = None
    with contextlib.suppress(OSError):
        free = shutil.disk_usage(config.output).free
    facts = read(config.inbox)
    if facts.last_still and not (config.output / facts.last_still.session).is_dir():
        facts = replace(facts, last_still=None)  # of a session that is gone, such as that of the installer's proof
    return Standing(facts, waiting, free)


def read(inbox: Path) -> Facts:
    """What the daemon of an inbox has noted last; empty where it never ran."""
    try:
        return TypeAdapter(Facts).validate_json(opening.read(inbox / _NAME, _MAX_BYTES).data)
    except (UnreadableImage, ValidationError):
        return Facts()


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
