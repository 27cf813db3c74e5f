"""What commands share in showing their work: results, progress, refusals."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO, TypeVar

from ..errors import UnreadableImage, UsageError
from ..model import Session

Item = TypeVar("Item")
Result = TypeVar("Result")

_BAR_WIDTH = 24


def each(paths: Sequence[Path], work: Callable[[Path], Result]) -> tuple[list[Result], int]:
    """The results of all pictures that could be read, a line on stderr for each that could not, and the exit code."""
    results = []
    for path in progress(paths, "pictures"):
        try:
            results.append(work(path))
        except UnreadableImage as error:
            if len(paths) == 1:
                raise
            print(f"cinepalette: {error}", file=sys.stderr)
    return results, 0 if len(results) == len(paths) else 1


def deliver(data: bytes, output: Path | None) -> None:
    """To a file, or to standard output."""
    from ..picture.writing import write_whole

    if output is not None:
        write_whole(output, data)
        print(output)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()


def refuse_inputs(target: Path, inputs: Sequence[Path]) -> None:
    """Raises `UsageError` where a result would replace a picture that it is made from."""
    for path in inputs:
        if target.exists() and path.exists() and target.samefile(path):
            raise UsageError(f"{target}: -o names a picture that is read; it would be replaced")


def distinct(paths: Sequence[Path], extension: str) -> list[str]:
    """A file name for each picture: its own stem, with a number where another one has it already."""
    names: list[str] = []
    for path in paths:
        name, count = f"{path.stem}{extension}", 1
        while name.casefold() in {known.casefold() for known in names}:
            count += 1
            name = f"{path.stem} ({count}){extension}"
        names.append(name)
    return names


def shows_colors() -> bool:
    """Whether colors on standard output reach an eye; https://no-color.org."""
    return is_terminal(sys.stdout) and not os.environ.get("NO_COLOR")


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks on; Windows gives a program without a console no streams at all."""
    return stream is not None and stream.isatty()


def count(session: Session) -> str:
    """How many stills a session shows, for people."""
    return "1 still" if len(session.stills) == 1 else f"{len(session.stills)} stills"


def bar(what: str) -> Callable[[int, int], None] | None:
    """A progress bar on a terminal, nothing in a pipe."""
    if not is_terminal(sys.stderr):
        return None
    width = min(_BAR_WIDTH, shutil.get_terminal_size().columns - len(what) - 16)

    def show(done: int, of: int) -> None:
        filled = round(width * done / max(of, 1))
        end = "\n" if done >= of else ""
        print(f"\r{what} {'█' * filled}{'░' * (width - filled)} {done}/{of}", end=end, file=sys.stderr, flush=True)

    return show


def progress(items: Sequence[Item], what: str) -> Iterator[Item]:
    show = bar(what) if len(items) > 1 else None
    for done, item in enumerate(items):
        if show:
            show(done, len(items))
        yield item
    if show:
        show(len(items), len(items))
