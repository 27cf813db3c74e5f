"""What the program is made from: a checkout, or the copy of one that the installer keeps."""

import hashlib
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

SOURCES = ("LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "setup.cfg", "daemon", "plugin", "install.py")
"""All that the wheel is built from, and the door."""
LEFT_OUT = {"__pycache__", "docs"}


class Source:
    """What the program is made from: a checkout, or the copy of one that the installer keeps."""

    def __init__(self, top: Path, extras: Iterable[str] = ()) -> None:
        self.top = top
        self.extras = tuple(sorted(set(extras)))
        """Parts of the program that not everybody needs, each with a lock of its own."""
        self.requirements = [top / "daemon/requirements.txt"]
        self.requirements += [top / f"daemon/requirements-{extra}.txt" for extra in self.extras]

    def locked(self) -> list[str]:
        """The packages with their versions."""
        lines = "\n".join(file.read_text(encoding="utf-8") for file in self.requirements).splitlines()
        return [line for line in lines if line and not line.startswith("#")]

    def locked_hash(self) -> str:
        return hashlib.sha256("\n".join(self.locked()).encode()).hexdigest()

    def files(self) -> list[Path]:
        found: list[Path] = []
        for name in SOURCES:
            path = self.top / name
            found += [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
        return [path for path in found if not LEFT_OUT.intersection(path.relative_to(self.top).parts)]

    def hash(self) -> str:
        digest = hashlib.sha256()
        for path in self.files():
            digest.update(path.relative_to(self.top).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()

    def version(self) -> str:
        text = (self.top / "daemon/cinepalette/__init__.py").read_text(encoding="utf-8")
        found = re.search(r'__version__ = "(.+)"', text)
        return found[1] if found else "unknown"

    def news(self, since: str) -> list[str]:
        """The CHANGELOG's lines about what came after a version; empty where it does not know that one."""
        path = self.top / "CHANGELOG.md"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        newer, known, _ = text.partition(f"\n## {since} ")
        return [line for line in newer.splitlines() if line.startswith("- ")] if known else []

    def copy_to(self, folder: Path) -> None:
        """Another copy, whole or not at all."""
        part = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(part, ignore_errors=True)
        for path in self.files():
            target = part / path.relative_to(self.top)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
