"""The command `cinepalette` on the PATH: a link in the first of the user's own folders that is on it."""

import os
import shutil
import sys
from pathlib import Path

from .. import paths
from .environment import places

_NAME = "cinepalette"


def program() -> Path:
    """What the link leads to: the launcher, or the program itself where the environment is not ours."""
    if places.launcher().exists() and Path(sys.prefix).resolve() == paths.environment_dir().resolve():
        return places.launcher()
    return Path(sys.executable).parent / (f"{_NAME}.exe" if sys.platform == "win32" else _NAME)


def ours() -> list[Path]:
    """The links of ours that are there."""
    return [link for link in _places() if is_ours(link)]


def is_ours(link: Path) -> bool:
    """Whether a link is one of ours, of an earlier version too."""
    known = {places.launcher(), paths.environment_dir() / "bin" / _NAME}
    if not _is_kept_by_a_tool():
        known.add(program())
    return link.is_symlink() and link.readlink() in known


def missing() -> Path | None:
    """Where the link goes; None where none is needed or possible."""
    link = _place()
    return link if link is not None and not (link.is_symlink() and link.readlink() == program()) else None


def make(link: Path) -> str | None:
    """Makes it; gives a remark where another program has the place."""
    if link.is_symlink() and (is_ours(link) or not link.exists()):
        link.unlink()
    if link.exists() or link.is_symlink():
        return f"{link} is another program and was left: ours is {program()}"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(program())
    return None


def line() -> str | None:
    """What a person types to have the command, where it is not on the PATH."""
    if sys.platform == "win32":
        return None if shutil.which(_NAME) else f'set "PATH={program().parent};%PATH%"'
    found = shutil.which(_NAME)
    if found and Path(found).resolve() == program().resolve():
        return None
    link = _place()
    folder = link.parent if link is not None and is_ours(link) else program().parent
    return f'export PATH="{folder}:$PATH"'


def _is_kept_by_a_tool() -> bool:
    """Whether pipx or uv has installed this program: the link to it is theirs, and goes when they take it away."""
    return any((Path(sys.prefix) / name).exists() for name in ("pipx_metadata.json", "uv-receipt.toml"))


def _places() -> list[Path]:
    """Where the link may go, the best first."""
    if sys.platform == "win32":
        return []
    folders = [Path.home() / ".local/bin", Path.home() / "bin"]
    if os.geteuid() == 0:
        # Root's own folders are rarely on its PATH.
        folders.append(Path("/usr/local/bin"))
    return [folder / _NAME for folder in folders]


def _on_path() -> list[str]:
    return os.environ.get("PATH", "").split(os.pathsep)


def _place() -> Path | None:
    if sys.platform == "win32" or _is_kept_by_a_tool():
        return None
    if not program().exists() or str(program().parent) in _on_path():
        return None
    return next((link for link in _places() if str(link.parent) in _on_path()), _places()[0])
