"""What commands share in showing their work: results, progress, refusals."""

import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO, TypeVar

from ..errors import UnreadableImage, UsageError

Item = TypeVar("Item")
Result = TypeVar("Result")

_BAR_WIDTH = 24


def each(items: Sequence[Item], work: Callable[[Item], Result]) -> tuple[list[Result], int]:
    """The results of all pictures that could be read, a line on stderr for each that could not, and the exit code."""
    results = []
    for item in progress(items, "pictures"):
        try:
            results.append(work(item))
        except UnreadableImage as error:
            if len(items) == 1:
                raise
            print(f"cinepalette: {error}", file=sys.stderr)
    return results, 0 if len(results) == len(items) else 1


def check_target(target: Path, inputs: Iterable[Path] = (), *, force: bool = False) -> None:
    """Raises `UsageError` where a result may not go there: over what it is made from, or over what is there already.

    With `force` only the first is refused. A device, such as /dev/null, may always be written to.
    """
    if target.is_dir():
        raise UsageError(f"{target}: is a folder; name a file in it")
    if not target.exists():
        return
    if any(path.exists() and target.samefile(path) for path in inputs):
        raise UsageError(f"{target}: -o names a picture that is read; it would be replaced")
    if not force and stat.S_ISREG(target.stat().st_mode):
        raise UsageError(f"{target}: is there already; --force replaces it")


def write_result(target: Path, data: bytes) -> None:
    """Writes a result whole; a link goes on leading where it led, a device is written to and not replaced."""
    from ..picture.writing import write_whole

    try:
        if target.exists() and not stat.S_ISREG(target.stat().st_mode):
            with target.open("wb") as device:
                device.write(data)
        else:
            write_whole(target.resolve(), data)
    except OSError as error:
        # The name in it may be one of ours, for the time of writing.
        raise OSError(error.errno, error.strerror or str(error), str(target)) from error


def deliver(data: bytes, output: Path | None) -> None:
    """To a file that was checked, or to standard output; raises `UsageError` for bytes that no terminal can show."""
    if output is not None:
        write_result(output, data)
        print(output)
        return
    if b"\0" in data and is_terminal(sys.stdout):
        raise UsageError("this format is no text for a terminal: name a file with -o FILE")
    sys.stdout.buffer.write(data)
    sys.stdout.flush()


def shows_colors() -> bool:
    """Whether colors on standard output reach an eye; https://no-color.org."""
    return is_terminal(sys.stdout) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks on; Windows gives a program without a console no streams at all."""
    return stream is not None and stream.isatty()


def count(stills: int) -> str:
    """A number of stills, for people."""
    return "1 still" if stills == 1 else f"{stills} stills"


def size(count_bytes: float) -> str:
    """An amount of data, for people: `31.4 GB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count_bytes < 1000:
            return f"{count_bytes:.4g} {unit}"
        count_bytes /= 1000
    return f"{count_bytes:.4g} TB"


def bar(what: str) -> Callable[[int, int], None] | None:
    """A progress bar with the time that is left, on a terminal; nothing in a pipe."""
    if not is_terminal(sys.stderr):
        return None
    width = max(4, min(_BAR_WIDTH, shutil.get_terminal_size().columns - len(what) - 28))
    begun = time.monotonic()

    def show(done: int, of: int) -> None:
        filled = round(width * done / max(of, 1))
        left = f"  {_span((time.monotonic() - begun) / done * (of - done))} left" if 0 < done < of else ""
        line = f"{what} {'█' * filled}{'░' * (width - filled)} {done}/{of}{left}"
        end = "\n" if done >= of else ""
        print(f"\r{line:<{width + len(what) + 26}}", end=end, file=sys.stderr, flush=True)

    return show


def progress(items: Sequence[Item], what: str) -> Iterator[Item]:
    """The items, with a bar that follows them."""
    show = bar(what) if len(items) > 1 else None
    for done, item in enumerate(items):
        if show:
            show(done, len(items))
        yield item
    if show:
        show(len(items), len(items))


def _span(seconds: float) -> str:
    """A time to wait, for people: `40 s`, `3 min`."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
