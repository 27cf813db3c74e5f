"""Many films: which there are, which are this machine's, and their records, made where they are not there yet.

A record is kept by the film's content, so a folder of records can be shared: what one machine has sampled no other
samples again, and after a kill the work goes on where it stood.
"""

import importlib
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import CinepaletteError, UnopenedFilm, UnreadableFilm, UsageError
from ..model import Progress
from ..session import films
from . import player, record
from .record import Record, Sampling
from .sampling import Crew, sampled

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
        found = record.load(kept) or _sampled(path, sampling, crew, progress)
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


def _sampled(path: Path, sampling: Sampling, crew: Crew, progress: Progress | None) -> Record:
    """The record of a film, by VLC where FFmpeg cannot open it."""
    try:
        return sampled(path, sampling, crew, progress)
    except UnopenedFilm as error:
        found = player.sampled(path, sampling, progress)
        if found is None:
            raise error from None
        return found


def on_cluster(
    address: str, movies: Sequence[Path], sampling: Sampling, folder: Path, progress: Progress | None = None
) -> Iterator[tuple[Path, CinepaletteError]]:
    """Has a cluster make the records that the folder lacks, and yields the films that failed.

    Each worker must see the films under the same paths. Raises `UsageError` without the package or the cluster.
    """
    try:
        distributed = importlib.import_module("distributed")
    except ImportError as error:
        raise UsageError("--dask needs the package distributed: pip install cinepalette[cluster]") from error
    missing = [path for path in movies if not _is_there(path, sampling, folder)]
    try:
        client = distributed.Client(address, timeout=10)
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(f"--dask {address}: no cluster answers there") from error
    with client:
        futures = {client.submit(_packed, str(path.resolve()), sampling, pure=False): path for path in missing}
        for done, (future, answer) in enumerate(distributed.as_completed(futures, with_results=True), 1):
            name, data, reason = answer
            if data is None:
                yield futures[future], UnreadableFilm(futures[future], reason)
            else:
                record.save_packed(data, folder / name)
            if progress:
                progress(done, len(missing))


def _is_there(path: Path, sampling: Sampling, folder: Path) -> bool:
    try:
        return record.load(folder / record.file_name(films.fingerprint(path), sampling)) is not None
    except OSError:
        return False


def _packed(path: str, sampling: Sampling) -> tuple[str, bytes | None, str]:
    """On a worker: the record's name and bytes, or why there is none."""
    try:
        with Crew(1) as crew:
            found = sampled(Path(path), sampling, crew)
        return record.file_name(found.facts.key, sampling), record.packed(found), ""
    except UnreadableFilm as error:
        return "", None, error.reason
    except OSError as error:
        return "", None, f"cannot be read: {error.strerror or error}"
