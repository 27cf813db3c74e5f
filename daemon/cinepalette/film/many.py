"""Many films: which there are, which are this machine's, and their records, made where they are not there yet.

A record is kept by the film's content, so a folder of records can be shared: what one machine has sampled no other
samples again, and after a kill the work goes on where it stood.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from ..errors import UnreadableFilm, UsageError
from ..session import films
from . import record
from .record import Record, Sampling
from .sampling import Crew, Progress, sampled

log = logging.getLogger(__name__)


def movies(paths: Sequence[Path]) -> list[Path]:
    """The films named, and those in the folders named, each once; what is no folder is taken for a film."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if films.is_film_name(one.name) and one.is_file())
            if not inside:
                raise UsageError(f"{path}: has no film in it")
            found += inside
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def part_of(paths: Sequence[Path], shard: str | None) -> list[Path]:
    """The films that are this machine's: `2/5` for every fifth, from the second on; without it all of them."""
    if shard is None:
        return list(paths)
    number, _, count = shard.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise UsageError(f"--shard {shard}: write i/n, for example 1/4 to 4/4")
    return list(paths)[int(number) - 1 :: int(count)]


def record_of(path: Path, sampling: Sampling, folder: Path, crew: Crew, progress: Progress | None = None) -> Record:
    """The record of a film, from the folder, or made now and kept there; raises `UnreadableFilm`."""
    try:
        kept = folder / record.file_name(films.fingerprint(path), sampling)
        found = record.load(kept) or sampled(path, sampling, crew, progress)
    except FileNotFoundError as error:
        raise UnreadableFilm(path, "is not there, or is no file") from error
    except OSError as error:
        raise UnreadableFilm(path, f"cannot be read: {(error.strerror or str(error)).lower()}") from error
    if not kept.exists():
        try:
            record.save(found, kept)
        except OSError as error:
            log.warning("%s: the samples of %s could not be kept (%s)", kept.parent, path.name, error.strerror or error)
    return found
