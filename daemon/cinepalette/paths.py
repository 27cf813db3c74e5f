"""Where our own things live on each system, as the platform wants it."""

import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs

APP = "cinepalette"

OVERRIDES = ("CINEPALETTE_CONFIG", "CINEPALETTE_INBOX", "CINEPALETTE_OUTPUT")
"""Environment variables that make this a second set-up beside the user's own."""


def overrides(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Those of `OVERRIDES` that are set; empty for the user's own set-up."""
    environ = os.environ if environ is None else environ
    return {name: environ[name] for name in OVERRIDES if environ.get(name)}


def config_file() -> Path:
    """The settings; it need not exist."""
    return platformdirs.user_config_path(APP, appauthor=False) / "config.toml"


def environment_dir() -> Path:
    """The private Python environment. install.py, which has no platformdirs, makes it at the same place."""
    return platformdirs.user_data_path(APP, appauthor=False) / "venv"


def log_file() -> Path:
    """The daemon's log."""
    return platformdirs.user_log_path(APP, appauthor=False) / f"{APP}.log"


def watched_file() -> Path:
    """Where the user's own daemon notes the inbox it watches: the settings may name another one meanwhile."""
    return platformdirs.user_state_path(APP, appauthor=False) / "watched"


def drive_file() -> Path:
    """Where it is noted on which drive the user's own sessions are, when that is not the one of this note."""
    return platformdirs.user_state_path(APP, appauthor=False) / "drive.json"


def cache_dir() -> Path:
    """For what can be made again at any time."""
    return platformdirs.user_cache_path(APP, appauthor=False)


def output_dir() -> Path:
    """Where sessions go unless the settings say otherwise, in the user's own pictures folder."""
    return platformdirs.user_pictures_path() / "Cinepalette"
