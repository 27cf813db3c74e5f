"""Which film a still is from: known again by its content, wherever it lies and whatever it is called."""

import errno
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from ..model import Film, Sidecar, one_line

_FINGERPRINT_BYTES = 64 * 1024
_VIDEO_SUFFIX = re.compile(
    r"\.(3gp|asf|avi|divx|flv|iso|m2ts|m4v|mkv|mov|mp4|mpe?g|mts|mxf|ogm|ogv|rm|rmvb|ts|vob|webm|wmv)$", re.IGNORECASE
)

_RELEASE = re.compile(r"\s+\(?(480|576|720|1080|1440|2160)[ip]\b.*|\s+4k\b.*", re.IGNORECASE)


def film_of(sidecar: Sidecar) -> Film | None:
    """The film that a sidecar names; None when it names none.

    A local file is known by its fingerprint, a disc or stream, or a file that has gone, by title and duration.
    """
    path = local_path(sidecar.uri)
    title = _title(sidecar, path)
    if title is None:
        return None
    key = _fingerprint_of(path) if path else None
    if key is None:
        duration = "" if sidecar.duration_s is None else f"{sidecar.duration_s:.0f}"
        key = f"title {title.casefold()} {duration}".strip()
    return Film(title, key, sidecar.duration_s)


def local_path(uri: str | None) -> Path | None:
    """The file behind a `file:` address of this computer, None for anything else.

    One of another computer would have Windows send its user's password there, whoever has written the address.
    """
    if not uri:
        return None
    try:
        parts = urlsplit(uri)
        if parts.scheme != "file" or "\0" in unquote(parts.path) or parts.netloc.casefold() not in {"", "localhost"}:
            return None
        path = Path(url2pathname(parts.path))
        return path if path.is_absolute() and not path.as_posix().startswith("//") else None
    except (OSError, ValueError):
        return None


def fingerprint(path: Path) -> str:
    """A file known again by its content: size and SHA-256 of its first and last 64 KiB. Raises OSError."""
    if not path.is_file():  # a named pipe would never end
        raise FileNotFoundError(errno.ENOENT, "is no file", str(path))
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        digest = hashlib.sha256(file.read(_FINGERPRINT_BYTES))
        file.seek(max(0, size - _FINGERPRINT_BYTES))
        digest.update(file.read(_FINGERPRINT_BYTES))
    return f"{size}-{digest.hexdigest()[:32]}"


def is_film_name(name: str) -> bool:
    """Whether a file's name ends as those of films do."""
    return _VIDEO_SUFFIX.search(name) is not None


def title_of(path: Path, said: str | None = None) -> str:
    """The title for people of a film file: what it says itself, else its name without what is no title."""
    return _title(Sidecar(title=said), path) or path.name


def _fingerprint_of(path: Path) -> str | None:
    try:
        status = path.stat()
        return _fingerprint_at(path, status.st_size, status.st_mtime_ns) if path.is_file() else None
    except OSError:
        return None


@lru_cache(maxsize=64)
def _fingerprint_at(path: Path, size: int, mtime_ns: int) -> str:
    """A film on a network drive is read once an evening, not at each press."""
    return fingerprint(path)


def _title(sidecar: Sidecar, path: Path | None) -> str | None:
    """The title for people: VLC's own, which is the file's name where the film has none, without its suffix."""
    title = sidecar.title or (one_line(path.name) if path else None)
    if not title:
        return _host(sidecar.uri) or (sidecar.uri and one_line(sidecar.uri)) or None
    bare = _VIDEO_SUFFIX.sub("", title)
    from_file = bare != title or (path is not None and title == path.stem)
    if not from_file or " " in bare:
        return bare
    # A file name without spaces: dots and underscores stand for them, and what follows the resolution is no title.
    spaced = re.sub(r"[._]+", " ", bare).strip()
    return _RELEASE.sub("", spaced) or spaced or bare


def _host(uri: str | None) -> str | None:
    """The computer that a stream comes from; None for what is no address."""
    try:
        return urlsplit(uri or "").hostname
    except ValueError:
        return None
