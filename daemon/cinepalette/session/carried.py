"""What older versions wrote into session.json, read as what it means today."""

import re

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
    """The step that an old sentence told; one that nobody knows is kept as a note."""
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
