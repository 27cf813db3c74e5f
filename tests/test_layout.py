"""Rows of one width and canvases without a rest, with pictures of any ratios."""

from itertools import combinations

import pytest
from cinepalette.drawing import layout
from hypothesis import given, settings
from hypothesis import strategies as st

ratios = st.lists(st.floats(0.3, 3.5), min_size=1, max_size=40)
few_ratios = st.lists(st.floats(0.4, 2.8), min_size=1, max_size=10)


@given(ratios, st.integers(600, 5000), st.integers(0, 8))
def test_a_justified_row_is_just_as_wide_as_asked_and_keeps_every_ratio(row: list, width: int, gap: int) -> None:
    found = layout.justified(row, width, gap)
    assert found.edges[0][0] == 0
    assert found.edges[-1][1] == width or found.height == 1
    for (left, right), ratio in zip(found.edges, row, strict=True):
        assert abs((right - left) - ratio * found.height) <= 1
    assert all(b[0] - a[1] in range(gap - 1, gap + 2) for a, b in zip(found.edges, found.edges[1:], strict=False))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.4, 3.0), min_size=1, max_size=140))
def test_divisions_keep_the_order_and_leave_no_row_empty(row: list) -> None:
    found = layout.divisions(row)
    assert len(found) == len(set(found))
    for ends in found:
        assert list(ends) == sorted(set(ends))
        assert ends[0] > 0
        assert ends[-1] == len(row)


@pytest.mark.parametrize("count", [12, 20, 42, 60])
def test_what_comes_out_even_is_among_the_divisions(count: int) -> None:
    steps = [step for step in range(2, count) if count % step == 0 and count // step <= 3 * count**0.5]
    for step in steps:
        assert tuple(range(step, count + 1, step)) in layout.divisions([16 / 9] * count)


def test_what_does_not_come_out_even_makes_the_first_rows_high() -> None:
    least = min(layout.divisions([16 / 9] * 26), key=lambda ends: abs(len(ends) - 7))
    counts = [len(row) for row in layout.parts([16 / 9] * 26, least)]
    assert counts == sorted(counts)


def test_rising_rows_are_worse_than_falling_ones() -> None:
    assert layout.unevenness([100, 100]) == 0
    assert layout.unevenness([100, 120]) > layout.unevenness([120, 100]) > 0


@settings(max_examples=25, deadline=None)
@given(few_ratios, st.sampled_from([(3840, 2160), (1920, 1200), (1080, 2400), (2000, 2000)]), st.integers(0, 9))
def test_a_filled_canvas_has_neither_holes_nor_overlaps(row: list, size: tuple[int, int], gap: int) -> None:
    found = layout.filled(row, size, gap)
    assert min(box[0] for box in found.cells) == 0
    assert min(box[1] for box in found.cells) == 0
    assert max(box[2] for box in found.cells) == size[0]
    assert max(box[3] for box in found.cells) == size[1]
    for a, b in combinations(found.cells, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], "no two overlap"
    if gap == 0:
        assert sum((right - left) * (bottom - top) for left, top, right, bottom in found.cells) == size[0] * size[1]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([16 / 9, 4 / 3, 2.39, 9 / 16, 1.0]), min_size=1, max_size=30))
def test_pictures_in_a_filled_canvas_keep_their_ratio_and_all_strips_are_of_one_height(row: list) -> None:
    found = layout.filled(row, (3840, 2160), 8)
    for (left, top, right, bottom), ratio in zip(found.cells, row, strict=True):
        width, height = right - left, bottom - top
        if found.side == "below":
            height -= found.strip
        else:
            width -= found.strip
        # What rounding leaves: half a percent of a side where there is no strip, and a pixel at each edge.
        assert abs(width / height / ratio - 1) < 0.006 * len(row) ** 0.5 + 3 / min(width, height)
