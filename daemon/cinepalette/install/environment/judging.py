"""Whether the environment is whole, and what is wrong with it."""

import csv
from pathlib import Path

from .places import python_in, read_mark, run_in, site_packages, this_python
from .source import Source

IMPORTS = "import cv2, sklearn, PIL, watchdog, cinepalette.daemon.loop, cinepalette.command.line"
"""What stands for the program's parts: where these load, all does."""

TESTED = ("numpy", "scipy", "sklearn")
"""Packages whose own tests, some 60 MB, are taken out again."""


def is_ready(environment: Path, source: Source) -> bool:
    """Whether the environment is whole and holds just this source already."""
    wanted = {"python": this_python(), "locked": source.locked_hash(), "source": source.hash()}
    known = read_mark(environment)
    return {name: known.get(name) for name in wanted} == wanted and not damage(environment)


def damage(environment: Path) -> str:
    """Why the environment cannot be used, as the end of a sentence; empty where it can."""
    if not environment.is_dir():
        return "is not there"
    python = python_in(environment)
    if not python.exists():
        return f"was made with a Python that is gone ({python.readlink()})" if python.is_symlink() else "has no Python"
    asked = run_in(environment, "-c", IMPORTS, capture_output=True, text=True)
    if asked.returncode != 0 and (lost := missing_files(environment)):
        return f"has lost {len(lost)} of its files, {lost[0].name} among them"
    if asked.returncode != 0:
        made_with = read_mark(environment).get("python", "")
        tag = run_in(
            environment, "-c", "import sys; print(sys.implementation.cache_tag)", capture_output=True, text=True
        )
        if tag.returncode == 0 and made_with and made_with.split()[0] != tag.stdout.strip():
            return f"was made with another Python ({made_with.split()[0]}, now {tag.stdout.strip()})"
        said = (asked.stderr.strip() or "no reason given").splitlines()[-1]
        return f"does not start ({said})"
    lost = missing_files(environment)
    if lost:
        return f"has lost {len(lost)} of its files, {lost[0].name} among them"
    return "" if read_mark(environment).get("source") else "was not finished"


def missing_files(environment: Path) -> list[Path]:
    """What the packages in it list as theirs and is gone, or has another size."""
    lost = []
    for record in site_packages(environment).glob("*.dist-info/RECORD"):
        with record.open(encoding="utf-8", newline="") as lines:
            for name, _, size in (row for row in csv.reader(lines) if len(row) == 3):
                path = record.parents[1] / name
                if name.startswith(TESTED) and "/tests/" in name:
                    continue
                try:
                    # Without a size: what was compiled, and the record itself. Scripts, which lie outside, name their
                    # Python and are as long as its path.
                    if size and path.stat().st_size != int(size) and not name.startswith(".."):
                        lost.append(path)
                except OSError:
                    lost.append(path)
    return lost
