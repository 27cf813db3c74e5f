"""Opening a folder: what is said is what happened."""

import sys
from pathlib import Path

import pytest
from cinepalette.daemon import desktop
from cinepalette.errors import DaemonError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="stands in for xdg-open")


@pytest.fixture
def opener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's xdg-open; a test writes its lines."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    script = programs / "xdg-open"
    script.touch(0o755)
    return script


def test_a_folder_that_opens_is_made_first(opener: Path, tmp_path: Path) -> None:
    opener.write_text('#!/bin/sh\ntest -d "$1"\n')
    desktop.open_folder(tmp_path / "A Film 2026-11-21")


def test_a_file_manager_that_stays_open_has_opened(
    opener: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desktop, "_OPENER_WAIT_S", 0.05)
    opener.write_text("#!/bin/sh\nexec sleep 2\n")
    desktop.open_folder(tmp_path)


def test_where_nothing_opens_that_is_said(opener: Path, tmp_path: Path) -> None:
    opener.write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(DaemonError, match="cannot be opened here"):
        desktop.open_folder(tmp_path)


def test_where_there_is_no_opener_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DaemonError, match="cannot be opened here"):
        desktop.open_folder(tmp_path)
