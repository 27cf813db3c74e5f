"""Writes reference.md and cinepalette.1 beside it: every setting and every command, out of the code itself.

python daemon/docs/reference.py
"""

import argparse
import ast
import inspect
from dataclasses import Field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

from argparse_manpage.manpage import Manpage
from cinepalette import config
from cinepalette.command import line

HERE = Path(__file__).resolve().parent

HEAD = """\
# Reference

Every setting and every command. Written by [reference.py](reference.py) out of the code; a test holds that it is
current. The same words come from `cinepalette config` and `cinepalette COMMAND --help`.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, settings(), commands()])


def settings() -> str:
    """A table for each table of the settings file."""
    parts = ["## Settings\n", "One TOML file; `cinepalette config` names it. Each key is optional.\n"]
    for entry in fields(config.Config):
        if not is_dataclass(entry.default):
            continue
        kind = type(entry.default)
        notes = _notes(kind)
        parts += [f"### [{entry.name}]\n", f"{notes['']}\n", "| key | default | may be | |", "|---|---|---|---|"]
        parts += [_row(one, get_type_hints(kind)[one.name], notes.get(one.name, "")) for one in fields(kind)]
        parts.append("")
    return "\n".join(parts)


def commands() -> str:
    """What each command takes."""
    parts = ["## Commands\n"]
    for name, parser in _parsers().items():
        parts += [f"### {name}\n", f"{parser.description}\n"]
        parts += ["| word | |", "|---|---|"] if parser._actions[1:] else []
        for action in parser._actions[1:]:  # the first is --help
            words = ", ".join(f"`{word}`" for word in action.option_strings) or f"`{action.metavar or action.dest}`"
            parts.append(f"| {words} | {_cell(action.help or '')} |")
        parts.append("")
    return "\n".join(parts)


def manual() -> str:
    """The manual page."""
    whole: Any = line.parser()
    whole._manpage = []
    text = str(Manpage(whole, {"manual_title": "Cinepalette", "project_name": "cinepalette"}))
    return "\n".join(row.rstrip() for row in text.splitlines()) + "\n"


def _parsers() -> dict[str, argparse.ArgumentParser]:
    table = next(one for one in line.parser()._actions if isinstance(one, argparse._SubParsersAction))
    return dict(table.choices)


def _row(one: "Field[Any]", hint: Any, note: str) -> str:
    default = config.toml(one.default)
    return f"| `{one.name}` | `{default}` | {_cell(config.allowed(hint, one.metadata))} | {_cell(note)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _notes(kind: type) -> dict[str, str]:
    """The line under each field of a class, by the field's name; under an empty name the class's own."""
    (body,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(body, ast.ClassDef)
    about = (ast.get_docstring(body) or "").partition(": ")[2]
    notes = {"": about[:1].upper() + about[1:]}
    for one, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(one, ast.AnnAssign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            assert isinstance(one.target, ast.Name)
            notes[one.target.id] = str(after.value.value)
    return notes


if __name__ == "__main__":
    (HERE / "reference.md").write_text(page(), encoding="utf-8")
    (HERE / "cinepalette.1").write_text(manual(), encoding="utf-8")
