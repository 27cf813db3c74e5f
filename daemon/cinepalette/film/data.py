"""A record for other programs, with what it takes to cite it: JSON, CSV and NPZ."""

import csv as csv_module
import io
import json as json_module
from collections.abc import Callable, Sequence
from dataclasses import asdict

import numpy as np

from ..color.names import color_name
from ..color.spaces import oklab_from_srgb
from ..model import Swatch, timecode
from . import record as records
from . import whole
from .record import Record
from .whole import LeftOut

COLUMNS = (
    "film", "key", "time_s", "timecode", "number", "hex", "share", "name", "oklab_l", "oklab_a", "oklab_b",
)  # fmt: skip


def json(record: Record, left_out: Sequence[LeftOut] = ()) -> bytes:
    """The facts of the film and its sampling, the film's palette with the moments that carry it, and all samples."""
    facts = record.facts
    palette = whole.palette(record, facts.sampling.swatches)
    entry = {
        "film": {"title": facts.title, "key": facts.key, "duration_s": facts.duration_s, "codec": facts.codec,
                 "width": facts.width, "height": facts.height},
        "sampling": {**asdict(facts.sampling), "way": facts.way, "taken": len(record), "failed": facts.failed},
        "colors": {"space": "sRGB (IEC 61966-2-1)", "conversion": list(facts.conversion)},
        "left_out": [{"what": what, "from_s": round(a, 3), "to_s": round(b, 3)} for what, a, b in left_out],
        "program": facts.program,
        "palette": [
            {**_entry(one.swatch), "moments_s": [round(at, 3) for at in one.moments_s]}
            for one in whole.carried(record, palette)
        ],
    }  # fmt: skip
    head = json_module.dumps(entry, ensure_ascii=False, indent=1)
    means = np.rint(record.mean_rgb).astype(int).tolist()
    lines = (
        json_module.dumps(
            {
                "time_s": round(float(at), 3),
                "mean": "#{:02x}{:02x}{:02x}".format(*mean),
                "swatches": [_entry(swatch) for swatch in swatches],
            },
            ensure_ascii=False,
        )
        for at, mean, swatches in zip(record.time_s, means, record.palettes(), strict=True)
    )
    return (head[:-2] + ',\n "samples": [\n  ' + ",\n  ".join(lines) + "\n ]\n}\n").encode()


def csv(record: Record, left_out: Sequence[LeftOut] = ()) -> bytes:
    """A row a swatch of each sample. Begins with a byte order mark, without which Excel garbles letters."""
    file = io.StringIO(newline="")
    writer = csv_module.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    facts = record.facts
    # A cell that begins so is a formula to a spreadsheet.
    title = f"'{facts.title}" if facts.title[:1] in "=+-@" else facts.title
    for at, swatches in zip(record.time_s.tolist(), record.palettes(), strict=True):
        for number, swatch in enumerate(swatches, 1):
            lab = [f"{value:.4f}" for value in oklab_from_srgb(swatch.rgb).tolist()]
            share = f"{swatch.share:.5f}"
            moment = [round(at, 3), timecode(at)]
            writer.writerow([title, facts.key, *moment, number, swatch.hex, share, color_name(swatch.rgb), *lab])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _entry(swatch: Swatch) -> dict[str, object]:
    return {
        "hex": swatch.hex,
        "share": round(swatch.share, 5),
        "name": color_name(swatch.rgb),
        "oklab": [round(value, 4) for value in oklab_from_srgb(swatch.rgb).tolist()],
    }


def npz(record: Record, left_out: Sequence[LeftOut] = ()) -> bytes:
    """The record itself, for `record.load`."""
    return records.packed(record)


FORMATS: dict[str, Callable[[Record, Sequence[LeftOut]], bytes]] = {".json": json, ".csv": csv, ".npz": npz}
"""By file ending."""
