"""Text of any script is set, fits, and never stops a collage."""

import shutil
import subprocess

import numpy as np
import pytest
from cinepalette.drawing import fonts, typesetting
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

INK = (20, 20, 20)
LONG = "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb, the Director's Own Commentary"
TITLES = {
    "Latin": "Big Buck Bunny",
    "accents": "Nausicaä, Ångström, Łódź",
    "combining": "e\u0301a\u0323\u0308o\u0302\u0301",
    "Greek": "Το βλέμμα του Οδυσσέα",
    "Cyrillic": "Летят журавли",
    "Japanese": "風の谷のナウシカ",
    "Arabic": "طعم گيلاس",
    "Hebrew": "ואלס עם באשיר",
    "Devanagari": "पाथेर पांचाली",
    "emoji": "🎬👩‍🚀🏳️‍🌈",
    "mixed": "طعم گيلاس — Taste of Cherry 00:41:07",
}


def system_has(letter: str, kind: str = "") -> bool:
    """Whether a font of this system has a letter, as far as it can be asked."""
    if shutil.which("fc-list") is None:
        return False
    question = ["fc-list", f"{kind}:charset={ord(letter):x}", "family"]
    return bool(subprocess.run(question, capture_output=True, text=True).stdout.strip())


def ink_of(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture)[..., 3]


@pytest.mark.parametrize("typesetter", [typesetting.plain, fonts.typesetter()], ids=["own font", "system"])
@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
def test_a_title_in_any_script_is_set(title: str, typesetter: typesetting.Typesetter) -> None:
    line = typesetting.fitted(typesetter, title, 60, 900, INK, "bold")
    assert line is not None
    assert line.width <= 900
    if title != TITLES["emoji"] or system_has("🎬"):
        assert (ink_of(line) > 128).sum() > 100


@pytest.mark.parametrize("typesetter", [typesetting.plain, fonts.typesetter()], ids=["own font", "system"])
@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("title", [LONG, "A" * 300, "風の谷のナウシカ" * 30, "طعم گيلاس " * 30, "🏳️‍🌈" * 90])
def test_a_title_far_too_long_stays_within_its_room(title: str, lines: int, typesetter: typesetting.Typesetter) -> None:
    block = typesetting.fitted(typesetter, title, 50, 700, INK, lines=lines)
    assert block is not None
    assert block.width <= 700
    assert block.height <= 50 * typesetting.LEADING * lines * 1.3


def test_latin_looks_the_same_with_the_systems_fonts_as_with_our_own() -> None:
    ours = typesetting.plain("Big Buck Bunny", 80, INK, "bold")
    theirs = fonts.set_text("Big Buck Bunny", 80, INK, "bold")
    assert abs(ours.width - theirs.width) <= 0.02 * ours.width
    assert abs(int((ink_of(ours) > 128).sum()) / int((ink_of(theirs) > 128).sum()) - 1) < 0.06
    top_ours, top_theirs = (np.argwhere(ink_of(one).max(axis=1) > 128)[0, 0] for one in (ours, theirs))
    assert abs(int(top_ours) - int(top_theirs)) <= 4, "both stand on the same line"


def test_right_to_left_text_begins_on_the_right() -> None:
    word = fonts.set_text("سلام", 80, INK)
    assert word.width < sum(fonts.set_text(letter, 80, INK).width for letter in "سلام") or not system_has("س"), (
        "they join"
    )
    letter, line = ink_of(fonts.set_text("א", 80, INK)), ink_of(fonts.set_text("א...", 80, INK))
    assert (line[:, -letter.shape[1] :] > 128).sum() >= 0.95 * (letter > 128).sum(), "the letter, then the points"
    assert typesetting.is_right_to_left("«طعم» Cherry")
    assert not typesetting.is_right_to_left("Taste طعم")
    assert not typesetting.is_right_to_left("00:41:07")


def test_markup_in_a_title_is_only_letters() -> None:
    bold = fonts.set_text("<b>x</b> & &amp;", 60, INK)
    assert bold.width > 1.5 * fonts.set_text("x & &", 60, INK).width


def test_emoji_keep_their_colors() -> None:
    pixels = np.asarray(fonts.set_text("🎈x", 80, INK)).astype(int)
    seen = pixels[pixels[..., 3] > 200]
    colored = (np.ptp(seen[:, :3], axis=1) > 60).any()
    assert colored or not system_has("🎈", ":color=true")


def test_what_no_font_can_show_is_left_out() -> None:
    assert typesetting.clean("a\x00\x07b\ue000\ud800\u200d\tc\nd") == "ab\u200d c d"
    assert typesetting.fitted(typesetting.plain, "\x00\ue000", 40, 500, INK) is None
    assert typesetting.fitted(typesetting.plain, "   ", 40, 500, INK) is None


def test_a_long_title_breaks_into_lines_of_about_equal_length() -> None:
    block = typesetting.fitted(fonts.typesetter(), LONG, 50, 1100, INK, lines=2)
    assert block is not None
    rows = ink_of(block)
    halves = [np.flatnonzero(part.max(axis=0) > 60) for part in np.array_split(rows, 2)]
    lengths = [int(part.max() - part.min()) for part in halves]
    assert min(lengths) > 0.6 * max(lengths)


def test_a_title_far_too_long_is_set_whole_only_once() -> None:
    lengths = []

    def typesetter(text: str, size_px: int, *rest: object) -> Image.Image:
        lengths.append(len(text))
        return typesetting.plain(text, size_px, *rest)

    typesetting.fitted(typesetter, LONG * 3, 50, 700, INK, lines=2)
    assert sum(length > 150 for length in lengths) == 1
    assert len(lengths) < 12


def test_a_title_is_cut_between_letters_and_not_inside_of_one() -> None:
    shown = []

    def typesetter(text: str, *rest: object) -> Image.Image:
        shown.append(text)
        return Image.new("RGBA", (len(text) * 20, 20))

    typesetting.fitted(typesetter, "👩‍🚀" * 40 + "e\u0323\u0301" * 40, 20, 300, INK)
    assert all(not text.removesuffix("…").endswith("\u200d") for text in shown)
    assert shown[-1].endswith("…")


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60), st.integers(1, 400), st.integers(1, 3))
def test_no_text_is_ever_a_crash(text: str, width: int, lines: int) -> None:
    for typesetter in (typesetting.plain, fonts.typesetter()):
        typesetting.fitted(typesetter, text, 24, width, INK, lines=lines)


def test_without_libvips_titles_are_set_in_our_own_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_vips", lambda: None)
    fonts.set_text.cache_clear()
    assert fonts.typesetter() is typesetting.plain
    assert ink_of(fonts.set_text("Nausicaä 風", 40, INK)).max() > 128
    fonts.set_text.cache_clear()


@pytest.mark.parametrize("typesetter", [typesetting.plain, fonts.typesetter()], ids=["own font", "system"])
def test_a_letter_that_no_font_has_is_left_out_without_a_box(typesetter: typesetting.Typesetter) -> None:
    # Unassigned in any Unicode so far, in plane 0 and beyond it, where boxes have another size.
    for lost in ("\u0378", "\U00050001", "\U00050001\ufe0f", "\u0378\u0301"):
        shown = typesetter(f"Film {lost} Night", 60, INK)
        assert shown.tobytes() == typesetter("Film Night", 60, INK).tobytes(), repr(lost)


def test_letters_that_a_font_has_are_kept_and_those_of_a_name_in_any_case() -> None:
    text = "Crème · Ωδή — Фильм"
    assert typesetting.without(text, fonts._is_missing) == text
    assert typesetting.without("한 👍🏽 x", lambda letter: letter in "👍한") == "한 x"


@pytest.mark.parametrize("size_px", range(9, 25))
def test_words_in_small_type_stand_apart(size_px: int) -> None:
    if fonts.typesetter() is typesetting.plain:
        pytest.skip("without libvips the program's own font is set as it is")
    filled = (ink_of(fonts.set_text("nn nn", size_px, INK)) > 60).any(axis=0)
    gaps = [len(run) for run in "".join("x" if one else " " for one in filled).split("x") if run]
    assert max(gaps) >= max(3, 0.25 * size_px)
