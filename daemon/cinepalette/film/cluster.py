"""Sampling by a Dask cluster: paths go out, packed records come back, never pixels."""

import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import CinepaletteError, UnreadableFilm, UsageError
from ..session import films
from . import record
from .record import Sampling
from .sampling import Crew, Progress, sampled


def sample(
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
