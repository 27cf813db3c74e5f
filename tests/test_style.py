"""How the code is written: ruff's rules and mypy's strict types hold everywhere. luacheck: test_plugin_lua."""

import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]


def finds(*words: str) -> str:
    """What a checker prints when it finds something."""
    done = subprocess.run([sys.executable, "-m", *words], cwd=TOP, capture_output=True, text=True, timeout=300)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_ruff_finds_nothing():
    assert finds("ruff", "check", "--no-cache", "--output-format", "concise") == ""
    assert finds("ruff", "format", "--no-cache", "--check") == ""


def test_types_hold(tmp_path):
    assert finds("mypy", "--cache-dir", str(tmp_path)) == ""
