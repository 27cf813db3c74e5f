"""The one way from pixels to a palette: bars are left out with their edges, and a file has one palette everywhere."""

import cv2
import numpy as np
import pytest
from cinepalette.model import Box
from cinepalette.palette.extraction import Options
from cinepalette.picture import letterbox
from cinepalette.picture.stills import palette_of
from hypothesis import given, settings
from hypothesis import strategies as st

SIZES = [(640, 272), (640, 360), (854, 480), (960, 540), (1280, 720), (1920, 1080)]


def fog(size: tuple[int, int], top: int, blend: float, level: int = 170, grain: float = 0.0) -> np.ndarray:
    """A gray frame between bars; the line at each edge is part bar, as scalers leave it."""
    width, height = size
    gray = np.full((height, width), float(level))
    gray[:top] = gray[height - top :] = 0
    gray[top - 1] = gray[height - top] = blend * level
    gray += np.random.default_rng(0).normal(0, grain, gray.shape)
    return np.repeat(np.rint(gray.clip(0, 255)).astype(np.uint8)[..., None], 3, axis=2)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(SIZES),
    st.floats(0.06, 0.2),
    st.sampled_from([0.2, 0.5, 0.8]),
    st.integers(110, 230),
    st.sampled_from([0.0, 2.0]),
)
def test_the_half_bar_lines_of_a_foggy_frame_are_no_swatch(
    size: tuple[int, int], part: float, blend: float, level: int, grain: float
) -> None:
    rgb = fog(size, round(part * size[1]), blend, level, grain)
    swatches, box = palette_of(rgb)
    assert box is not None
    assert [swatch.share for swatch in swatches] == [1.0]
    assert abs(swatches[0].rgb[0] - level) <= 2


def test_a_still_enlarged_from_a_small_video_has_no_swatch_of_its_soft_edges() -> None:
    soft = cv2.resize(fog((640, 360), 46, 0.5), (1920, 1080), interpolation=cv2.INTER_CUBIC)
    swatches, _ = palette_of(soft)
    assert [swatch.share for swatch in swatches] == [1.0]


def day(top: int, seed: int = 0) -> np.ndarray:
    """A still of eight colors between bars."""
    coarse = np.random.default_rng(seed).integers(30, 226, (5, 9, 3)).astype(np.uint8)
    rgb = cv2.resize(coarse, (854, 480), interpolation=cv2.INTER_CUBIC)
    rgb[:top] = rgb[480 - top :] = 0
    return rgb


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 100), st.integers(55, 59), st.lists(st.integers(54, 60), max_size=5))
def test_a_still_that_shows_its_bars_has_one_palette_in_every_session(seed: int, top: int, others: list[int]) -> None:
    rgb = day(top, seed)
    earlier: list[Box | None] = [(0, one, 854, 480 - one) for one in others]
    alone, own = palette_of(rgb)
    within, box = palette_of(rgb, earlier)
    assert own is not None and box is not None
    assert within == alone
    # What the collage shows may follow the session by a line or two.
    assert abs(box[1] - own[1]) <= 6


def test_a_night_takes_the_bars_of_its_session() -> None:
    night = np.zeros((480, 854, 3), np.uint8)
    night[200:300, 300:500] = (40, 60, 120)
    assert palette_of(night)[1] is None
    swatches, box = palette_of(night, [(0, 58, 854, 422)])
    assert box == (0, 58, 854, 422)
    blue = next(swatch for swatch in swatches if swatch.rgb[2] > 60)
    assert blue.share == pytest.approx(100 * 200 / (854 * 362), rel=0.03)


@pytest.mark.parametrize("size", SIZES)
def test_all_of_a_still_without_bars_counts(size: tuple[int, int]) -> None:
    assert letterbox.inside(None, size) == (0, 0, *size)


@given(st.integers(1, 4000), st.integers(1, 4000), st.data())
def test_something_is_left_inside_of_any_bars(width: int, height: int, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, (width - 1) // 2))
    y = data.draw(st.integers(0, (height - 1) // 2))
    box = (x, y, width - x, height - y)
    left, top, right, bottom = letterbox.inside(box, (width, height))
    assert x <= left < right <= width - x
    assert y <= top < bottom <= height - y


def test_the_options_count() -> None:
    assert len(palette_of(day(58), options=Options(swatches=2))[0]) == 2
