"""Folders that come into being with what is in them, or not at all."""

import shutil
from collections.abc import Callable, Collection
from pathlib import Path


def make(folder: Path, fill: Callable[[Path], None]) -> None:
    """Makes a folder, and those above it that are missing, under another name, fills it and moves all into place."""
    top = next(each for each in (folder, *folder.parents) if not each.exists() and each.parent.exists())
    part = part_of(top)
    shutil.rmtree(part, ignore_errors=True)
    inside = part / folder.relative_to(top)
    inside.mkdir(parents=True)
    fill(inside)
    part.rename(top)


def take_down(folder: Path, last: str, made: Collection[str]) -> bool:
    """Removes a folder that holds nothing but the file `last`, and of those above it what was made and holds no more.

    All of it goes at once, so that the file is there until nothing is. Gives whether the folder was one to remove.
    """
    if str(folder) not in made or not folder.is_dir() or {path.name for path in folder.iterdir()} - {last}:
        return False
    top = folder
    while str(top.parent) in made and [path.name for path in top.parent.iterdir()] == [top.name]:
        top = top.parent
    part = part_of(top)
    shutil.rmtree(part, ignore_errors=True)
    top.rename(part)
    shutil.rmtree(part)
    return True


def sweep(folder: Path) -> None:
    """Removes what `make` or `take_down` of this folder has left where it was cut off."""
    for each in (folder, *folder.parents[:-1]):
        part = part_of(each)
        if part.is_dir():
            shutil.rmtree(part)


def part_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.cinepalette")
