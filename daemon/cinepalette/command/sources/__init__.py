"""What commands read: pictures, folders of pictures, standard input, addresses on the web."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import UnreadableImage, UsageError
from . import fetching

if TYPE_CHECKING:
    from ...picture.reading import Picture

_STANDARD_INPUT = "-"


@dataclass(frozen=True)
class Source:
    """One picture to read."""

    name: str
    """As the person wrote it, or found in the folder that was named."""

    @property
    def path(self) -> Path | None:
        """Where it is; None for standard input, and for an address on the web."""
        return None if self.name == _STANDARD_INPUT or self.is_address else Path(self.name)

    @property
    def is_address(self) -> bool:
        """Whether it is on the web."""
        return fetching.is_address(self.name)

    @property
    def stem(self) -> str:
        """What a result made of it is called."""
        name = fetching.file_name(self.name) if self.is_address else self.path or ""
        return Path(name).stem or "picture"

    def read(self) -> "Picture":
        """The picture; raises `UnreadableImage`."""
        from ...picture import reading

        try:
            if self.is_address:
                return reading.decode(fetching.fetch(self.name))
            if self.path is None:
                return reading.decode(sys.stdin.buffer.read(reading.MAX_BYTES + 1))
            return reading.read(self.path)
        except UnreadableImage as error:
            error.name = self.name if self.path or self.is_address else "standard input"
            raise


def add_sources(parser: ArgumentParser) -> None:
    """The pictures that a command reads."""
    text = "a picture, a folder of pictures without its subfolders, an address on the web, or - for standard input"
    add_pictures(parser, text)


def add_pictures(parser: ArgumentParser, text: str) -> None:
    """The pictures that a command reads, with what they may be."""
    parser.add_argument("images", metavar="IMAGE", nargs="+", help=text)


def found(names: Sequence[str]) -> list[Source]:
    """The pictures that are meant, those of a folder in the order of their names; raises `UsageError` for none."""
    from ...picture.reading import SUFFIXES

    if names.count(_STANDARD_INPUT) > 1:
        raise UsageError("standard input holds one picture: - can be named once")
    sources: list[Source] = []
    for name in names:
        if not name:
            raise UsageError("an empty name is no picture")
        if name == _STANDARD_INPUT or fetching.is_address(name) or not Path(name).is_dir():
            sources.append(Source(name))
            continue
        inside = [path for path in sorted(Path(name).iterdir()) if path.suffix.lower() in SUFFIXES and path.is_file()]
        if not inside:
            raise UsageError(f"{name}: holds no picture that is read ({', '.join(sorted(SUFFIXES))})")
        sources += [Source(str(path)) for path in inside]
    return sources


def paths(sources: Sequence[Source]) -> list[Path]:
    """Where those are that are files."""
    return [source.path for source in sources if source.path]


def file_names(sources: Sequence[Source], ending: str) -> list[str]:
    """A file name for what is made of each picture: its own stem, with a number where another one has it already."""
    from ...picture.writing import free_name

    names: list[str] = []
    taken: set[str] = set()
    for source in sources:
        names.append(free_name(source.stem, ending, lambda name: name.casefold() in taken))
        taken.add(names[-1].casefold())
    return names
