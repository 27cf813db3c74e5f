"""A session becomes a picture worth hanging: every layout whole, true and exact, and cheap to keep up to date."""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from cinepalette.drawing import card, collage, fonts, pages, sheet
from cinepalette.drawing.sheet import Entry, Heading
from cinepalette.drawing.style import CardStyle, CollageStyle, Layout, in_pixels
from cinepalette.errors import UsageError
from cinepalette.model import Palette, Session, Still, Swatch
from cinepalette.picture import reading, writing
from cinepalette.session import record
from hypothesis import given, settings
from hypothesis import strategies as st

LAYOUTS = ("poster", "column", "wallpaper", "story", "square", "strip", "script")
SIZES = [(1920, 1080), (1280, 536), (720, 576), (1080, 1920), (640, 640), (1920, 800)]
BEGUN = datetime(2026, 11, 20, 20, 15, tzinfo=UTC)
HEADING = Heading("Nausicaä", "9 stills")
SMALL = CollageStyle(megapixels=1.0)


def palette(seed: int) -> Palette:
    random = np.random.default_rng(seed)
    shares = random.dirichlet([2.0] * 5)
    return tuple(
        Swatch((int(red), int(green), int(blue)), float(share))
        for (red, green, blue), share in zip(random.integers(20, 230, (5, 3)), shares, strict=True)
    )


def entries(count: int, sizes: list[tuple[int, int]] = SIZES) -> list[Entry]:
    return [Entry(sizes[i % len(sizes)], palette(i), f"00:{i // 60:02}:{i % 60:02}") for i in range(count)]


def colors_in(pixels: np.ndarray) -> set[tuple[int, ...]]:
    codes = np.unique(pixels.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32))
    return {(int(code) >> 16, int(code) >> 8 & 255, int(code) & 255) for code in codes}


def checker(i: int, size: tuple[int, int]) -> np.ndarray:
    """A picture of one color that no paper and no type has, with its corners marked."""
    pixels = np.empty((size[1], size[0], 3), np.uint8)
    pixels[:] = (255, 0, 255)
    pixels[[0, 0, -1, -1], [0, -1, 0, -1]] = (0, 255, 0)
    return pixels


def drawn(style: CollageStyle, count: int) -> tuple[sheet.Plan, np.ndarray]:
    shown, style = entries(count), replace(style, megapixels=2.0)
    plan = collage.plan(shown, CardStyle(), style, HEADING)
    return plan, collage.draw(plan, shown, checker, style)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("count", [1, 2, 3, 5, 9, 24])
def test_every_still_is_whole_and_of_its_own_ratio(layout: str, count: int) -> None:
    plan, pixels = drawn(CollageStyle(layout=layout), count)
    assert pixels.shape == (plan.size[1], plan.size[0], 3)
    if layout == "script":
        assert len(plan.lines) == count
        return
    assert len(plan.spots) == count
    for spot, entry in zip(plan.spots, entries(count), strict=True):
        width, height = spot.still
        left, top, right, bottom = card.cell(plan.card, spot.still, spot.fit).still
        corners = [(top, left), (top, right - 1), (bottom - 1, left), (bottom - 1, right - 1)]
        assert all(tuple(pixels[spot.at[1] + y, spot.at[0] + x]) == (0, 255, 0) for y, x in corners)
        ratio = entry.size[0] / entry.size[1]
        # A pixel of rounding at each side, and what a full wallpaper rounds over a whole row.
        assert abs(width - ratio * height) <= 1.5 + ratio + (0.01 * width if layout == "wallpaper" else 0)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("count", [1, 24])
def test_an_eyedropper_finds_the_very_hex_codes(layout: str, count: int) -> None:
    _, pixels = drawn(CollageStyle(layout=layout), count)
    shown = colors_in(pixels)
    for entry in entries(count):
        assert {swatch.rgb for swatch in entry.palette} <= shown


@pytest.mark.parametrize("layout", ["poster", "column"])
@pytest.mark.parametrize("count", [3, 9, 24])
@pytest.mark.parametrize("background", ["white", "black"])
def test_the_margins_are_even_and_every_row_ends_where_the_others_do(layout: str, count: int, background: str) -> None:
    plan, pixels = drawn(CollageStyle(layout=layout, background=background), count)
    paper = 255 if background == "white" else 0
    shown = np.argwhere((pixels != paper).any(axis=2))
    left, right = shown[:, 1].min(), plan.size[0] - 1 - shown[:, 1].max()
    assert abs(int(left) - int(right)) <= 1
    assert left == pytest.approx(0.055 * plan.size[0], abs=1)
    if layout == "poster":
        ends = {spot.at[0] + spot.still[0] for spot in plan.spots}
        rows = {spot.at[1] for spot in plan.spots}
        assert sum(max(ends) - 1 <= end for end in ends) >= 1
        for top in rows:
            assert max(one.at[0] + one.still[0] for one in plan.spots if one.at[1] == top) == max(ends)


def rows_of(plan: sheet.Plan) -> list[int]:
    """How many stills each row has."""
    return list(Counter(spot.at[1] for spot in plan.spots).values())


@pytest.mark.parametrize(
    ("count", "rows"),
    [(1, [1]), (3, [1, 2]), (4, [2, 2]), (6, [2] * 3), (7, [2, 2, 3]), (9, [3] * 3), (12, [3] * 4), (24, [4] * 6)],
)
def test_a_poster_of_one_film_is_an_even_grid_with_larger_stills_only_where_it_must(
    count: int, rows: list[int]
) -> None:
    plan = collage.plan(entries(count, [(1920, 1080)]), CardStyle(), CollageStyle(), HEADING)
    assert rows_of(plan) == rows


def row_heights(plan: sheet.Plan) -> list[int]:
    return list({spot.at[1]: spot.still[1] for spot in plan.spots}.values())


@pytest.mark.parametrize("count", range(2, 61))
def test_stills_of_one_film_never_grow_down_a_poster(count: int) -> None:
    heights = row_heights(collage.plan(entries(count, [(1920, 1080)]), CardStyle(), CollageStyle(), HEADING))
    assert all(below <= above + 1 for above, below in pairwise(heights))
    assert max(heights) / min(heights) < (2.1 if count < 6 else 1.55)


@pytest.mark.parametrize("count", [18, 24, 37, 60])
def test_rows_of_mixed_stills_are_of_nearly_one_height(count: int) -> None:
    heights = row_heights(collage.plan(entries(count), CardStyle(), CollageStyle(), HEADING))
    assert max(heights) / min(heights) < 1.5


@pytest.mark.parametrize("ratio", [0.5, 0.707, 0.8, 1.4])
@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 9, 24, 60])
@pytest.mark.parametrize("sizes", [[(1920, 1080)], SIZES], ids=["one film", "mixed"])
def test_a_poster_has_the_ratio_that_was_asked(ratio: float, count: int, sizes: list[tuple[int, int]]) -> None:
    plan = collage.plan(entries(count, sizes), CardStyle(), CollageStyle(ratio=ratio), HEADING)
    assert plan.size[0] / plan.size[1] == pytest.approx(ratio, rel=0.002)


@pytest.mark.parametrize("layout", ["poster", "story", "square"])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_few_stills_fill_their_page_with_tall_swatches(layout: str, count: int) -> None:
    plan = collage.plan(entries(count, [(1920, 1080)]), CardStyle(), CollageStyle(layout=layout), HEADING)
    shown = sum(wide * high for wide, high in (card.cell(plan.card, one.still, one.fit).size for one in plan.spots))
    assert shown > 0.5 * plan.size[0] * plan.size[1]
    lowest = max(spot.at[1] + card.cell(plan.card, spot.still, spot.fit).size[1] for spot in plan.spots)
    assert lowest > 0.9 * plan.size[1]


@pytest.mark.parametrize("layout", ["poster", "story", "square"])
@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 9, 24])
@pytest.mark.parametrize(
    "sizes", [[(1280, 536)], [(1920, 1080)], [(1440, 1080)], SIZES], ids=["scope", "hd", "academy", "mixed"]
)
def test_no_page_has_a_hole_under_its_heading_nor_stills_in_a_narrow_column(
    layout: str, count: int, sizes: list[tuple[int, int]]
) -> None:
    plan = collage.plan(entries(count, sizes), CardStyle(), CollageStyle(layout=layout), HEADING)
    below_heading = max(y + line.height for (_, y), line in plan.heading)
    assert min(spot.at[1] for spot in plan.spots) - below_heading < 0.07 * plan.size[1]
    left = min(spot.at[0] for spot in plan.spots)
    right = max(spot.at[0] + spot.still[0] for spot in plan.spots)
    assert right - left > 0.62 * plan.size[0]


@pytest.mark.parametrize("layout", ["poster", "story", "square"])
@pytest.mark.parametrize("count", [2, 3, 8, 40])
def test_the_heading_is_no_wider_than_what_it_stands_over(layout: str, count: int) -> None:
    heading = Heading("The Unexpected Virtue of Ignorance and Other Long Titles", f"{count} stills")
    plan = collage.plan(entries(count), CardStyle(), CollageStyle(layout=layout, size="1200x2000"), heading)
    left = min(spot.at[0] for spot in plan.spots)
    right = max(spot.at[0] + spot.still[0] for spot in plan.spots)
    for (x, _), line in plan.heading:
        assert left - 1 <= x
        assert x + line.width <= right + 1


def test_a_wallpaper_that_its_stills_fill_has_their_strips_laid_over() -> None:
    plan = collage.plan(entries(9, [(1920, 1080)]), CardStyle(), CollageStyle(layout="wallpaper"), HEADING)
    assert rows_of(plan) == [3, 3, 3]
    assert plan.card.strip == "over"


@pytest.mark.parametrize("count", [30, 40, 100, 1000])
def test_a_film_strip_of_many_stills_is_no_thread(count: int) -> None:
    style = CollageStyle(layout="strip", page=1000)
    plan = collage.plan(entries(count, [(1920, 1080)]), CardStyle(), style, HEADING)
    assert 0.45 < plan.size[0] / plan.size[1] < 1.7


def test_a_column_is_as_wide_as_its_stills_that_differ_little() -> None:
    plan = collage.plan(entries(4, [(1920, 816), (1920, 800)]), CardStyle(), CollageStyle(layout="column"), HEADING)
    assert len({spot.still[0] for spot in plan.spots}) == 1


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 9, 16, 33])
@pytest.mark.parametrize("size", ["3840x2160", "1170x2532", "800x800"])
def test_a_wallpaper_is_full_to_the_edge(count: int, size: str) -> None:
    plan, pixels = drawn(CollageStyle(layout="wallpaper", size=size, background="white"), count)
    assert f"{plan.size[0]}x{plan.size[1]}" == size
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert (edge == 255).all(axis=1).mean() < 0.2, "paper only in the gaps between pictures"
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert not (corners == 255).all(axis=1).any()


@pytest.mark.parametrize(
    ("layout", "size", "expected"),
    [
        ("story", "", (2160, 3840)),
        ("square", "", (3000, 3000)),
        ("poster", "2480x3508", (2480, 3508)),
        ("story", "1080x1920", (1080, 1920)),
        ("script", "1000x1500", (1000, 1500)),
    ],
)
def test_sizes_that_were_asked_for_are_exact(layout: str, size: str, expected: tuple[int, int]) -> None:
    plan, _ = drawn(CollageStyle(layout=layout, size=size), 7)
    assert plan.size == expected


@pytest.mark.parametrize(
    ("asked", "pixels"),
    [
        ("1234x987", (1234, 987)),
        ("A4", (2480, 3508)),
        ("a2", (4961, 7016)),
        ("a3-landscape", (4961, 3508)),
        ("A5 landscape", (2480, 1748)),
        ("letter", (2550, 3300)),
        ("4k", (3840, 2160)),
        ("30x40cm", (3543, 4724)),
        ("8.5x11in", (2550, 3300)),
        ("100x150 mm", (1181, 1772)),
    ],
)
def test_a_size_is_pixels_paper_or_a_screen(asked: str, pixels: tuple[int, int]) -> None:
    assert in_pixels(asked) == pixels
    assert CollageStyle(size=asked).size == asked


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("99999x99999", "99999x99999: is 99999 x 99999 pixels; 140 million are the most"),
        ("9999x9999cm", "140 million are the most"),
        ("2x2mm", "100 a side are the least"),
        ("10x10", "10x10: is 10 x 10 pixels; 100 a side are the least"),
        ("a9", "a9: is no size; one is like 3840x2160, 4k, A3"),
        ("0x0", "100 a side are the least"),
        ("wide", "is no size"),
    ],
)
def test_a_size_that_cannot_be_drawn_is_one_sentence(asked: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        in_pixels(asked)


@pytest.mark.parametrize("layout", ["poster", "story", "square", "column"])
@pytest.mark.parametrize("where", ["below", "above", "both", "beside", "over"])
def test_nothing_overlaps_and_nothing_leaves_the_page(layout: str, where: str) -> None:
    plan = collage.plan(entries(11), CardStyle(strip=where), CollageStyle(layout=layout, codes=True), HEADING)
    boxes = []
    for spot in plan.spots:
        width, height = card.cell(plan.card, spot.still, spot.fit).size
        boxes.append((spot.at[0], spot.at[1], spot.at[0] + width, spot.at[1] + height))
    for i, a in enumerate(boxes):
        assert a[0] >= 0
        assert a[1] >= 0
        assert a[2] <= plan.size[0]
        assert a[3] <= plan.size[1]
        for b in boxes[:i]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


@pytest.mark.parametrize("title", ["", "風の谷のナウシカ", "طعم گيلاس", "A" * 300, "🎬", "\x00<b>&"])
def test_any_title_can_stand_above(title: str) -> None:
    for layout in LAYOUTS:
        style = CollageStyle(layout=layout, megapixels=1.0)
        plan = collage.plan(entries(3), CardStyle(), style, Heading(title, "3 stills"), fonts.typesetter())
        for (left, top), line in plan.heading:
            assert left >= 0
            assert left + line.width <= plan.size[0]
            assert top + line.height <= plan.size[1]


@pytest.mark.parametrize("count", [60, 1000])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_page_has_its_bounds_with_any_number_of_stills(count: int, layout: str) -> None:
    style = CollageStyle(layout=layout, page=1000)
    plan = collage.plan(entries(min(count, collage.page_size(style))), CardStyle(), style, HEADING)
    assert plan.size[0] * plan.size[1] < 13e6
    assert max(plan.size) <= 24_000


def test_stills_of_one_size_are_not_enlarged() -> None:
    for count in (1, 2, 4):
        plan = collage.plan(entries(count, [(1920, 1080)]), CardStyle(), CollageStyle(), HEADING)
        assert all(spot.still[0] <= 1921 for spot in plan.spots)


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from([one for one in LAYOUTS if one != "column"]),
    st.integers(1, 40),
    st.tuples(st.integers(100, 2000), st.integers(100, 2000)),
    st.sampled_from(["below", "both", "beside", "over"]),
)
def test_any_size_is_drawn_or_refused_in_one_sentence(
    layout: str, count: int, size: tuple[int, int], where: str
) -> None:
    style, shown = CollageStyle(layout=layout, size=f"{size[0]}x{size[1]}", codes=True), entries(count)
    try:
        plan = collage.plan(shown, CardStyle(strip=where), style, HEADING)
    except UsageError as error:
        assert f"{size[0]}x{size[1]}: is too small a {layout}" in str(error)
        assert min(size) < 600
        return
    assert collage.draw(plan, shown, checker, style).shape == (size[1], size[0], 3)


@pytest.mark.parametrize("layout", ["poster", "strip"])
def test_a_row_has_room_for_the_lines_of_its_own_keys(layout: Layout) -> None:
    sizes = [(1920, 1080)] * 4 + [(1080, 1920)] * 3
    style = CollageStyle(layout=layout, codes=True)
    plan = collage.plan(entries(7, sizes), CardStyle(widths="proportional"), style, HEADING)
    rows = {spot.at[1]: {one.fit.under for one in plan.spots if one.at[1] == spot.at[1]} for spot in plan.spots}
    assert all(len(unders) == 1 for unders in rows.values()), "labels of a row stand on one line"
    assert plan.spots[0].fit.under < plan.spots[-1].fit.under


def test_a_script_of_many_lines_has_some_timecodes_but_no_names_that_would_stand_beside_others_lines() -> None:
    style = CollageStyle(layout="script")
    taken = entries(200)
    assert collage.plan(taken, CardStyle(), style, HEADING).label_px
    loose = [*taken[:-1], replace(taken[-1], label="Coffee at noon")]
    assert not collage.plan(loose, CardStyle(), style, HEADING).label_px
    assert collage.plan(loose[-40:], CardStyle(), style, HEADING).label_px, "each line has room for its own"


def test_a_film_strip_of_a_given_size_is_film_from_edge_to_edge() -> None:
    plan, pixels = drawn(CollageStyle(layout="strip", size="1920x1080"), 9)
    assert plan.film
    for left, top, right, bottom in plan.film:
        assert left <= 0
        assert right >= 1920
        assert 0 <= top < bottom <= 1080
        assert (pixels[top, [0, -1]] < 60).all()


@pytest.mark.parametrize("sizes", [[(1920, 1080)], SIZES], ids=["one film", "mixed"])
@pytest.mark.parametrize("count", [1, 5, 7, 23])
def test_film_ends_after_its_last_frame(sizes: list[tuple[int, int]], count: int) -> None:
    plan = collage.plan(entries(count, sizes), CardStyle(), CollageStyle(layout="strip"), HEADING)
    for _, top, right, bottom in plan.film:
        last = max(spot.at[0] + spot.still[0] for spot in plan.spots if top < spot.at[1] < bottom)
        assert right >= plan.size[0] or last < right < last + 0.2 * plan.size[0]
    assert all(right >= plan.size[0] for _, _, right, _ in plan.film[:-1]), "only the last length is cut"


@pytest.mark.parametrize("count", [1, 3, 5, 7, 9])
@pytest.mark.parametrize("size", ["", "1921x1080"])
def test_perforations_are_even_from_one_end_of_the_film_to_the_other(count: int, size: str) -> None:
    plan, pixels = drawn(CollageStyle(layout="strip", size=size, background="white"), count)
    for _, top, _, bottom in plan.film:
        end = int(np.flatnonzero((pixels[top] < 60).all(axis=1))[-1]) + 1
        upper = pixels[top : top + (bottom - top) // 12, :end].max(axis=(0, 2))
        edges = np.flatnonzero(np.diff((upper > 128).astype(int)))
        gaps = [int(edges[0]) + 1, *(np.diff(edges)[1::2]), end - 1 - int(edges[-1])]
        assert abs(gaps[0] - gaps[-1]) <= 2, "as far from one end as from the other"
        assert max(gaps[1:-1]) - min(gaps[1:-1]) <= 1


@pytest.mark.parametrize("count", [5, 7, 9, 24])
def test_frames_of_almost_one_ratio_are_of_one_size(count: int) -> None:
    plan = collage.plan(
        entries(count, [(1920, 800)] * 3 + [(1920, 818)]), CardStyle(), CollageStyle(layout="strip"), HEADING
    )
    heights = [spot.still[1] for spot in plan.spots]
    assert max(heights) < 1.04 * min(heights)


@pytest.mark.parametrize("layout", ["poster", "strip", "script"])
def test_a_page_wider_than_high_has_its_margins_and_type_by_its_height(layout: Layout) -> None:
    style = CollageStyle(layout=layout, ratio=3.0)
    plan = collage.plan(entries(3, [(1920, 800)]), CardStyle(), style, HEADING)
    assert plan.size[0] > 1.5 * plan.size[1]
    (_, top), title = plan.heading[0]
    assert top < 0.065 * plan.size[1]
    assert title.height < 0.08 * plan.size[1]


@pytest.mark.parametrize("size", [(640, 427), (1024, 436), (512, 512), (540, 960)])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_wallpaper_never_stretches_a_still(size: tuple[int, int], count: int) -> None:
    plan = collage.plan(entries(count, [size]), CardStyle(), CollageStyle(layout="wallpaper"), HEADING)
    for spot in plan.spots:
        assert spot.still[0] / spot.still[1] == pytest.approx(size[0] / size[1], rel=0.006)


@pytest.mark.parametrize("count", [2, 5, 9, 24])
def test_all_strips_of_a_wallpaper_are_of_one_height(count: int) -> None:
    plan = collage.plan(entries(count), CardStyle(), CollageStyle(layout="wallpaper"), HEADING)
    assert len({spot.fit.strip for spot in plan.spots}) == 1


# On disk


def test_a_day_is_written_as_people_write_it(session: Session) -> None:
    (page,) = pages.pages(session, CardStyle(), SMALL)
    assert page.heading.facts.endswith("20 November 2026")


def test_a_long_session_is_counted_as_people_write_it(session: Session) -> None:
    many = replace(session, stills=tuple(replace(session.stills[0], n=n) for n in range(1, 1201)))
    (page,) = pages.pages(many, CardStyle(), replace(SMALL, layout="script", page=1000))[1:]
    assert page.heading.facts.startswith("Stills 1,001–1,200 ")
    assert pages.pages(many, CardStyle(), replace(SMALL, page=1000))[0].heading.facts.startswith("Stills 1–1,000 ")


def test_a_still_is_labeled_with_its_moment_and_a_loose_picture_with_its_name(tmp_path: Path) -> None:
    taken = still(tmp_path, 1, 2467.9)
    loose = replace(still(tmp_path, 2), source="Coffee at noon.jpg")
    unnamed = replace(still(tmp_path, 3), source="vlc-20261120-2015.png")
    assert [one.label for one in (taken, loose, unnamed)] == ["00:41:07", "Coffee at noon", ""]
    captions = [pages.caption(one, "Sintel") for one in (taken, loose, unnamed)]
    assert captions == ["Sintel  00:41:07", "Sintel  Coffee at noon", "Sintel"]
    assert pages.caption(loose, "") == "Coffee at noon"


def test_a_session_read_again_from_its_file_is_not_drawn_again(tmp_path: Path, session: Session) -> None:
    third = replace(session.stills[0], time_s=100 / 3, swatches=(Swatch((1, 2, 3), 1 / 3), Swatch((4, 5, 6), 2 / 3)))
    fresh = replace(session, stills=(third,))
    again = record.session_from(record.text_of(fresh).encode(), "Sintel 2026-11-20")
    before, after = (pages.pages(one, CardStyle(), SMALL)[0] for one in (fresh, again))
    assert before.digest == after.digest


def still(root: Path, n: int, time_s: float | None = None, size: tuple[int, int] = (96, 54)) -> Still:
    rgb = np.empty((size[1], size[0], 3), np.uint8)
    rgb[:] = (n * 40 % 256, 90, 255 - n * 30 % 256)
    name = f"stills/{n:04}.png"
    writing.write_png(root / name, rgb)
    return Still(n, name, f"cards/{n:04}.png", BEGUN, size, palette(n), time_s=time_s)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session("Sintel", BEGUN, stills=tuple(still(tmp_path, n, 100.0 - n) for n in range(1, 6)))


def redraw(root: Path, session: Session, style: CollageStyle = SMALL) -> np.ndarray:
    return reading.read(pages.redraw(root, session, CardStyle(), style)).rgb


def test_the_collage_shows_stills_and_their_swatches(tmp_path: Path, session: Session) -> None:
    shown = colors_in(redraw(tmp_path, session))
    for one in session.stills:
        assert (one.n * 40 % 256, 90, 255 - one.n * 30 % 256) in shown
        assert {swatch.rgb for swatch in one.swatches} <= shown


def test_it_is_drawn_only_when_something_changed(tmp_path: Path, session: Session) -> None:
    steps: list[tuple[int, int]] = []

    def run(now: Session, **changed: object) -> int:
        steps.clear()
        style = CollageStyle(**changed)
        pages.redraw(tmp_path, now, CardStyle(), style, progress=lambda done, of: steps.append((done, of)))
        assert not pages.is_behind(tmp_path, now, CardStyle(), style)
        return len(steps)

    assert run(session) == 5
    assert steps[-1] == (5, 5)
    assert run(session) == 0
    assert run(replace(session, title="Another")) == 5
    assert run(replace(session, title="Another"), layout="column") == 5
    (tmp_path / "collage.png").unlink()
    assert pages.is_behind(tmp_path, replace(session, title="Another"), CardStyle(), CollageStyle(layout="column"))
    assert run(replace(session, title="Another"), layout="column") == 5


def test_a_new_still_draws_the_running_page_alone(tmp_path: Path, session: Session) -> None:
    style, steps = CollageStyle(page=2), []
    pages.redraw(tmp_path, session, CardStyle(), style)
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["collage 1.png", "collage 2.png", "collage.png"]
    more = replace(session, stills=(*session.stills, still(tmp_path, 6)))
    pages.redraw(tmp_path, more, CardStyle(), style, progress=lambda done, of: steps.append(of))
    assert steps == [2, 2]


def test_pages_that_are_no_longer_needed_go(tmp_path: Path, session: Session) -> None:
    pages.redraw(tmp_path, session, CardStyle(), CollageStyle(page=2))
    pages.redraw(tmp_path, replace(session, stills=session.stills[:2]), CardStyle(), CollageStyle(page=2))
    assert [path.name for path in tmp_path.glob("*.png")] == ["collage.png"]


def test_film_order_is_by_timecode_and_stills_without_one_come_last(tmp_path: Path, session: Session) -> None:
    stills = (still(tmp_path, 9), *session.stills)
    in_film = pages.in_order(stills, CollageStyle(order="film"))
    assert [one.n for one in in_film] == [5, 4, 3, 2, 1, 9]
    assert [one.n for one in pages.in_order(stills, CollageStyle())] == [9, 1, 2, 3, 4, 5]


def test_letterbox_bars_are_left_out_with_their_soft_edge(tmp_path: Path) -> None:
    rgb = np.zeros((720, 1280, 3), np.uint8)
    rgb[93:625] = (200, 30, 90)
    writing.write_png(tmp_path / "stills/0001.png", rgb)
    one = Still(1, "stills/0001.png", "", BEGUN, (1280, 720), palette(1), box=(0, 93, 1280, 627))
    pixels = redraw(tmp_path, Session("Bars", BEGUN, stills=(one,)))
    assert not (pixels == 0).all(axis=2).any()
    assert pages.entry(one).size == (1280, 530)
    whole = replace(one, box=None)
    assert pages.entry(whole).size == (1280, 720)


def test_a_still_that_is_gone_or_broken_leaves_the_rest_of_the_page(tmp_path: Path, session: Session) -> None:
    (tmp_path / session.stills[0].still).unlink()
    (tmp_path / session.stills[1].still).write_bytes(b"no picture")
    shown = colors_in(redraw(tmp_path, session))
    assert session.stills[0].swatches[0].rgb in shown
    assert (3 * 40, 90, 255 - 90) in shown


def test_a_page_that_lacks_a_still_is_never_taken_for_the_real_one(tmp_path: Path) -> None:
    one = still(tmp_path, 1, size=(1600, 900))
    session = Session("Sintel", BEGUN, stills=(one,))
    body = (tmp_path / one.still).read_bytes()
    (tmp_path / one.still).unlink()
    redraw(tmp_path, session)
    assert pages.is_behind(tmp_path, session, CardStyle(), SMALL)
    (tmp_path / one.still).write_bytes(body)
    shown = colors_in(redraw(tmp_path, session))
    assert (40, 90, 225) in shown
    assert not pages.is_behind(tmp_path, session, CardStyle(), SMALL)


def test_a_still_is_drawn_when_it_is_written_and_not_before(tmp_path: Path, session: Session) -> None:
    waiting = replace(session.stills[0], written=False)
    shown = colors_in(redraw(tmp_path, replace(session, stills=(waiting, *session.stills[1:]))))
    assert waiting.swatches[0].rgb not in shown
    assert pages.is_behind(tmp_path, session, CardStyle(), SMALL)
    assert waiting.swatches[0].rgb in colors_in(redraw(tmp_path, session))


def test_tiles_stand_in_for_the_stills_and_can_be_deleted(tmp_path: Path) -> None:
    stills = tuple(still(tmp_path, n, size=(1600, 900)) for n in range(1, 13))
    session = Session("Long", BEGUN, stills=stills)
    style = CollageStyle(megapixels=2.0)
    first = redraw(tmp_path, session, style)
    for path in (tmp_path / "stills").iterdir():
        path.unlink()
    (tmp_path / "collage.png").unlink()
    assert (redraw(tmp_path, session, style) == first).all()
    for path in (tmp_path / pages.FOLDER).iterdir():
        path.write_bytes(b"")
    (tmp_path / "collage.png").unlink()
    assert redraw(tmp_path, session, style).shape == first.shape


def test_no_still_at_all_is_no_collage(tmp_path: Path) -> None:
    pages.redraw(tmp_path, Session("Empty", BEGUN), CardStyle(), CollageStyle())
    assert not (tmp_path / "collage.png").exists()
