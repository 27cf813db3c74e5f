"""Colors as data: JSON, and tables of comma or tab separated values."""

import csv as csv_module
import io
import json as json_module
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from ..color import notation
from ..color.names import color_name
from ..color.spaces import lab_from_srgb
from ..model import RGB, Session, Still, Swatch, one_line, timecode
from .group import Group

COLUMNS = (
    "palette", "time_s", "number", "hex", "red", "green", "blue", "share", "name",
    "cielab_l", "cielab_a", "cielab_b",
)  # fmt: skip
"""CIELAB under D65, from sRGB."""

# A session's files are written again after each change; the same colors come back each time.
_KEPT_COLORS = 50_000

# A cell that begins so is a formula to Excel, LibreOffice and Google Sheets; the apostrophe makes it text.
_FORMULA_SIGNS = tuple("=+-@＝＋－＠")


def json(groups: Sequence[Group], title: str) -> bytes:
    """A list of palettes: {"image", "label", "time_s", "swatches": [`swatch_data`]}."""
    rows = [_line(group) for group in groups]
    return ("[\n" + ",\n".join(rows) + "\n]\n").encode() if rows else b"[]\n"


def csv(groups: Sequence[Group], title: str) -> bytes:
    """A row a swatch under a row of headings. Begins with a byte order mark, without which Excel garbles letters."""
    return b"\xef\xbb\xbf" + _table(groups, ",")


def tsv(groups: Sequence[Group], title: str) -> bytes:
    """The same table with tabs and without the mark."""
    return _table(groups, "\t")


def swatch_data(swatch: Swatch) -> dict[str, object]:
    """A swatch as it stands in JSON: {"hex", "rgb", "share", "name", "hsl", "oklch", "contrast", "at"}.

    `contrast` is that to white and to black, `at` is left out where the color has no place.
    """
    return {
        "hex": swatch.hex,
        "rgb": list(swatch.rgb),
        "share": round(swatch.share, 5),
        **_color_data(swatch.rgb),
        **({} if swatch.at is None else {"at": [round(part, 4) for part in swatch.at]}),
    }


@lru_cache(_KEPT_COLORS)
def _color_data(rgb: RGB) -> dict[str, object]:
    return {
        "name": color_name(rgb),
        "hsl": notation.hsl(rgb),
        "oklch": notation.oklch(rgb),
        "contrast": notation.contrast(rgb),
    }


def session_data(folder: PurePath, session: Session) -> dict[str, Any]:
    """A session as it stands in a list of sessions."""
    return {
        "name": folder.name,
        "title": session.title,
        "path": str(folder),
        "started_at": session.started_at.isoformat(),
        "stills": len(session.stills),
    }


def still_data(folder: PurePath, still: Still) -> dict[str, Any]:
    """A still of a session as it stands in a list of stills."""
    return {
        "n": still.n,
        "time_s": still.time_s,
        "timecode": None if still.time_s is None else timecode(still.time_s),
        "still": str(folder / still.still),
        "card": str(folder / still.card),
        "source": still.source,
        "swatches": [swatch_data(swatch) for swatch in still.swatches],
    }


def _line(group: Group) -> str:
    image = _text(group.image or group.label)
    entry: dict[str, object] = {"image": image}
    if group.label and _text(group.label) != image:
        entry["label"] = _text(group.label)
    if group.time_s is not None:
        entry["time_s"] = group.time_s
    entry["swatches"] = [swatch_data(swatch) for swatch in group.swatches]
    return " " + json_module.dumps(entry, ensure_ascii=False)


def _text(text: str) -> str:
    """The text as it is, but for halves of UTF-16 pairs, which UTF-8 cannot hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _table(groups: Sequence[Group], delimiter: str) -> bytes:
    file = io.StringIO(newline="")
    writer = csv_module.writer(file, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    colors = [swatch.rgb for group in groups for swatch in group.swatches]
    labs = iter(lab_from_srgb(colors).tolist() if colors else [])
    for group in groups:
        label = one_line(group.label)
        label = f"'{label}" if label.startswith(_FORMULA_SIGNS) else label
        time_s = "" if group.time_s is None else round(group.time_s, 3)
        for number, swatch in enumerate(group.swatches, 1):
            share, lab = f"{swatch.share:.5f}", [f"{value:.2f}" for value in next(labs)]
            writer.writerow([label, time_s, number, swatch.hex, *swatch.rgb, share, color_name(swatch.rgb), *lab])
    return file.getvalue().encode()
