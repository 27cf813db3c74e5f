"""Letterbox and pillarbox bars, one still and a whole session."""

import cv2
import numpy as np
import pytest
from cinepalette.picture import letterbox

WIDTH, HEIGHT = 640, 360


def picture(width=WIDTH, height=HEIGHT, seed=0):
    """Something like a daylight scene: smooth patches of many colors, none of them dark."""
    coarse = np.random.default_rng(seed).integers(70, 256, (6, 9, 3), np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def night(seed=0, width=WIDTH, height=HEIGHT):
    """A black sky over dim houses with a few lit windows, and a street as black as the sky."""
    rgb = np.full((height, width, 3), 4, np.uint8)
    rng = np.random.default_rng(seed)
    for left in range(0, width, 40):
        roof = int(rng.integers(height // 4, height // 2))
        rgb[roof : height * 3 // 4, left : left + 36] = rng.integers(14, 30, 3)
        rgb[roof + 20 : roof + 26, left + 8 : left + 12] = (220, 180, 90)
    return rgb


def boxed(rgb, top=0, left=0, level=0, noise=0):
    """The picture with bars laid over it; `noise` is compression's."""
    rgb = rgb.copy()
    bars = np.ones(rgb.shape[:2], bool)
    bars[top : rgb.shape[0] - top, left : rgb.shape[1] - left] = False
    grain = np.random.default_rng(1).integers(0, noise + 1, rgb.shape)
    rgb[bars] = (level + grain)[bars]
    return rgb


@pytest.mark.parametrize(("top", "left"), [(46, 0), (0, 80), (20, 30), (3, 0), (0, 215)])
@pytest.mark.parametrize(("level", "noise"), [(0, 0), (16, 3), (30, 6)])
def test_bars_are_found_to_the_line_black_or_nearly(top, left, level, noise):
    still = boxed(picture(), top, left, level, noise)
    assert letterbox.picture_box(still) == (left, top, WIDTH - left, HEIGHT - top)


def test_bars_survive_jpeg():
    data = cv2.imencode(".jpg", boxed(picture(), top=46), [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    left, top, right, bottom = letterbox.picture_box(cv2.imdecode(data, cv2.IMREAD_COLOR))
    assert (left, right) == (0, WIDTH)
    assert abs(top - 46) <= 2
    assert abs(HEIGHT - bottom - 46) <= 2


@pytest.mark.parametrize("size", [(1920, 1080), (3840, 2160), (720, 576), (160, 90)])
def test_any_size(size):
    top = round(size[1] * 0.13)
    assert letterbox.picture_box(boxed(picture(*size), top)) == (0, top, size[0], size[1] - top)


@pytest.mark.parametrize("seed", range(5))
def test_a_night_scene_is_not_mistaken_for_bars(seed):
    assert letterbox.picture_box(night(seed)) is None


def test_a_night_scene_in_a_letterboxed_film_takes_the_films_bars():
    day = letterbox.picture_box(boxed(picture(), top=46))
    dark = boxed(night(), top=46)
    assert letterbox.picture_box(dark) is None  # alone it does not tell
    assert letterbox.picture_box(dark, [day, None, day]) == day


def test_a_black_frame_takes_the_films_bars_and_has_none_alone():
    black = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    assert letterbox.picture_box(black) is None
    assert letterbox.picture_box(black, [(0, 46, WIDTH, HEIGHT - 46)]) == (0, 46, WIDTH, HEIGHT - 46)


def test_the_ratio_may_change_within_a_film():
    wide, tall = boxed(picture(), top=46), boxed(picture(seed=2), top=12)
    so_far = [letterbox.picture_box(wide)] * 5
    assert letterbox.picture_box(tall, so_far) == (0, 12, WIDTH, HEIGHT - 12)
    assert letterbox.picture_box(picture(seed=3), so_far) is None


def test_a_dark_still_whose_picture_reaches_over_the_known_bars_does_not_get_them():
    tall_night = night()
    tall_night[20:30, 100:300] = 120  # a lit sign where the bars were
    assert letterbox.picture_box(tall_night, [(0, 46, WIDTH, HEIGHT - 46)]) is None


def test_a_bar_on_one_side_only_is_picture():
    still = picture()
    still[:60] = 0
    assert letterbox.picture_box(still) is None


def test_bars_that_wobble_by_a_line_keep_the_sessions_box():
    usual = (0, 46, WIDTH, HEIGHT - 46)
    assert letterbox.picture_box(boxed(picture(), top=47), [usual, usual]) == usual


def test_boxes_of_stills_of_another_size_are_passed_over():
    black = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    assert letterbox.picture_box(black, [(0, 138, 1920, 942)]) is None


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (2, 2), (5, 3)])
@pytest.mark.parametrize("level", [0, 200])
def test_tiny_pictures_are_no_trouble(size, level):
    assert letterbox.picture_box(np.full((size[1], size[0], 3), level, np.uint8)) is None


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (960, 540), (640, 272)])
@pytest.mark.parametrize(("across", "part"), [(False, 0.13), (True, 0.125)])
def test_a_palette_counts_all_lines_but_those_that_are_half_bar(size, across, part):
    width, height = size
    left, top = (round(part * width), 0) if across else (0, round(part * height))
    still = boxed(picture(*size), top, left, level=16, noise=3)
    box = (left, top, width - left, height - top)
    assert letterbox.picture_box(still) == box
    assert letterbox.clear_of_bars(still, box) == box
    first = (slice(None), left) if across else top
    still[first] = 16 + 0.2 * (still[first].astype(float) - 16)
    clear = (left + 1, *box[1:]) if across else (left, top + 1, *box[2:])
    assert letterbox.clear_of_bars(still, box) == clear


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_a_line_of_picture_is_left_however_dark(lines):
    still = np.zeros((720, 64, 3), np.uint8)
    still[358 : 358 + lines] = np.array([1, 40, 2])[:lines, None, None]
    left, top, right, bottom = letterbox.clear_of_bars(still, (0, 358, 64, 358 + lines))
    assert left < right
    assert top < bottom
