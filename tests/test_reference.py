"""The page of all settings and commands, and the manual page, say what the code says."""

import importlib.util
import re
from pathlib import Path

from cinepalette.command.line import COMMANDS

DOCS = Path(__file__).resolve().parents[1] / "daemon" / "docs"
_SPEC = importlib.util.spec_from_file_location("reference", DOCS / "reference.py")
reference = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(reference)


def test_the_reference_is_current():
    written = (DOCS / "reference.md").read_text(encoding="utf-8")
    assert written == reference.page(), "daemon/docs/reference.py writes it anew"


def test_the_manual_page_has_every_command():
    # How argparse lays out a line differs between Pythons, so it is not compared whole.
    written = (DOCS / "cinepalette.1").read_text(encoding="utf-8")
    for text in (written, reference.manual()):
        assert [name for name in COMMANDS if f"cinepalette {name}" not in text] == []


def test_every_test_that_the_promises_name_is_there():
    named = set(re.findall(r"`(test_\w+)`", (DOCS / "promises.md").read_text(encoding="utf-8")))
    ours = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert named - set(re.findall(r"^def (test_\w+)", ours, re.MULTILINE)) == set()
    assert len(named) > 30
