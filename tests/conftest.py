"""What every test gets: a home of its own, so that none ever touches the developer's."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from selenium import webdriver

# A server with a session, for those who ask it.
pytest_plugins = ["server_process"]

# The same examples at every run, and a busy machine is no failure.
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repeatable")

_PLACES = ("CINEPALETTE_", "XDG_")


@pytest.fixture(scope="session", autouse=True)
def _away_from_home() -> Iterator[None]:
    """The whole run in an empty home, without the user's own settings."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="cinepalette-tests-") as folder:
        for name in [name for name in os.environ if name.startswith(_PLACES)]:
            del os.environ[name]
        os.environ["HOME"] = os.environ["USERPROFILE"] = folder
        yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home for one test, on every system's own terms, with a name that needs care."""
    folder = tmp_path / "hömé of U"
    folder.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("APPDATA", str(folder / "AppData" / "Roaming"))
    monkeypatch.setenv("LOCALAPPDATA", str(folder / "AppData" / "Local"))
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator["webdriver.Chrome"]:
    """A real browser, for pages."""
    from browser import chromium

    with chromium() as chrome:
        yield chrome
