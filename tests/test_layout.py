"""Rows of one width and canvases without a rest, with pictures of any ratios."""

from itertools import combinations

from cinepalette.drawing import layout
from hypothesis import assume, given, settings
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


@settings(max_examples=30)
@given(st.lists(st.floats(0.4, 3.0), min_size=2, max_size=7))
def test_even_breaks_are_the_most_even_of_all(row: list) -> None:
    for rows, ends in enumerate(layout.even_breaks(row, len(row)), 1):
        assert len(ends) == rows
        assert ends == sorted(set(ends))
        assert ends[-1] == len(row)
        cost = sum(sum(part) ** 2 for part in layout.parts(row, ends))
        best = min(
            sum(sum(part) ** 2 for part in layout.parts(row, (*inner, len(row))))
            for inner in combinations(range(1, len(row)), rows - 1)
        )
        assert cost <= best * (1 + 1e-6)


def test_what_does_not_come_out_even_makes_the_first_pictures_large() -> None:
    assert layout.even_breaks([16 / 9] * 5, 3)[2] == [1, 3, 5]


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
@given(st.lists(st.sampled_from([16 / 9, 4 / 3, 2.39, 9 / 16, 1.0]), min_size=2, max_size=30))
def test_pictures_in_a_filled_canvas_keep_their_ratio_above_their_strip(row: list) -> None:
    found = layout.filled(row, (3840, 2160), 8)
    assume(found.strip > 0)  # else they are laid over
    for (left, top, right, bottom), ratio in zip(found.cells, row, strict=True):
        picture_height = (bottom - top) / (1 + found.strip)
        assert abs((right - left) / picture_height / ratio - 1) < 0.04


def test_rows_are_filled_one_after_another() -> None:
    assert [len(row) for row in layout.filled_rows([1.5] * 9, 5 * 1.5)] == [5, 4]
    assert [len(row) for row in layout.filled_rows([3.0, 9.0, 1.0], 5.0)] == [1, 1, 1]
