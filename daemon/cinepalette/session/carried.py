"""What older versions wrote into session.json, read as what it means today."""

import re
from dataclasses import asdict
from typing import Any

from ..model import Step

# Until November 2026 a correction was a list of these sentences. They are never written again.
_SENTENCES: tuple[tuple[str, Step], ...] = (
    ("taken from the film itself", Step("from-film")),
    ("bt2020 colors mapped into sRGB", Step("gamut-mapped")),
    ("first frame of an animation", Step("first-frame")),
    ("16-bit or float gray reduced to 8 bits", Step("reduced", said="gray")),
    ("16 bits a channel reduced to 8", Step("reduced")),
    ("turned upright as its EXIF says", Step("exif-turned")),
    ("transparency laid on white", Step("flattened")),
    ("unusable color profile left aside", Step("profile-ignored")),
    ("color profile without a name converted to sRGB", Step("profiled")),
)


def step_of_sentence(text: str) -> Step:
    """The step that an old sentence stands for; an unknown one is kept as a note."""
    for sentence, step in _SENTENCES:
        if text == sentence:
            return step
    if found := re.fullmatch(r"untagged: taken for (\S+)", text):
        return Step("assumed", matrix=found[1])
    if found := re.fullmatch(r"matrix '(.*)' is unknown: taken for (\S+)", text):
        return Step("assumed", matrix=found[2], said=found[1])
    if found := re.fullmatch(r"taken back to what was coded, which VLC had decoded with (\S+) instead of (\S+)", text):
        return Step("encoded", matrix=found[2], was=found[1])
    if found := re.fullmatch(r"decoded with (\S+?)(?: instead of (\S+))?", text):
        return Step("decoded", matrix=found[1], was=found[2])
    if found := re.fullmatch(r"(pq|hlg) tone-mapped from (\d+) to \d+ cd/m² \(BT\.2390\)", text):
        return Step("tone-mapped", transfer=found[1], peak=float(found[2]))
    if found := re.fullmatch(r"turned upright from (\S+)", text):
        return Step("turned", orientation=found[1])
    if found := re.fullmatch(r"orientation '(.*)' is unknown: left as it is", text):
        return Step("left-lying", orientation=found[1])
    if found := re.fullmatch(r"color profile (.+) converted to sRGB", text):
        return Step("profiled", said=found[1])
    if found := re.fullmatch(r"(.+) converted to RGB", text):
        return Step("converted", said=found[1])
    return Step("noted", said=text)


def over(data: dict[str, Any]) -> None:
    """Brings what a version of before December 2026 wrote up to date, in place.

    Its corrections were sentences, and its changes named positions in the list. It left copies behind when it merged
    and split: what was done up to the last of these stays as it is and can no longer be undone.
    """
    for row in (*data.get("stills", ()), *data.get("removed", ())):
        if "correction" in row:
            row["correction"] = [
                _without_none(asdict(step_of_sentence(one))) if isinstance(one, str) else one
                for one in row["correction"]
            ]
    order = [row["n"] for row in data.get("stills", ())]
    data["done"] = _beside(order, data.get("done", []), backwards=True)
    data["undone"] = _beside(order, data.get("undone", []), backwards=False)


def _beside(order: list[int], rows: list[dict[str, Any]], *, backwards: bool) -> list[dict[str, Any]]:
    """Changes with neighbors for positions, as far back as they fit this order.

    `backwards` for those that led to it, which are taken back one by one, the last first; else they lead on from it.
    """
    order, found = list(order), []
    for row in reversed(rows):
        changed = _change_beside(order, row, backwards=backwards)
        if changed is None:
            break
        found.append(changed)
    return found[::-1]


def _change_beside(order: list[int], row: dict[str, Any], *, backwards: bool) -> dict[str, Any] | None:
    """One change with neighbors for positions, made or taken back in `order`; None where it does not fit there."""
    do = row["do"]
    if do in {"rename", "close"}:
        return {"do": do, "titles": row.get("titles", [])}
    if do not in {"add", "remove", "move"}:
        return None
    n, places = row["numbers"][0], row.get("places", ())
    if len(places) != (2 if do == "move" else 1):
        return None
    before = None if do == "add" else places[0]
    after = None if do == "remove" else places[-1]
    leaves, enters = (after, before) if backwards else (before, after)
    left: list[int] = []
    entered: list[int] = []
    if leaves is not None:
        if order[leaves : leaves + 1] != [n]:
            return None
        left = [_before(order, leaves)]
        order.pop(leaves)
    if enters is not None:
        if n in order or not 0 <= enters <= len(order):
            return None
        order.insert(enters, n)
        entered = [_before(order, enters)]
    stood, stands = (entered, left) if backwards else (left, entered)
    return {"do": do, "numbers": [n], "stood": stood, "stands": stands}


def _before(order: list[int], place: int) -> int:
    return order[place - 1] if place else 0


def _without_none(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value is not None}
