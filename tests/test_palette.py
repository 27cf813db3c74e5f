"""Palettes: what they promise for any picture, and what a viewer would miss in them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np
import pytest
from cinepalette.color import difference, spaces
from cinepalette.model import Swatch
from cinepalette.palette import extraction
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from skimage import data

SIZES = st_numpy.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24)
METHODS = ["cinepalette", "kmeans-rgb", "kmeans-hsv", "agglomerative-rgb", "agglomerative-hsv"]


@st.composite
def pictures(draw):
    """Noise, few flat colors, or gradients, of any small size."""
    height, width = draw(SIZES)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["noise", "flat", "gradient"]))
    if kind == "noise":
        return rng.integers(0, 256, (height, width, 3), np.uint8)
    if kind == "flat":
        colors = rng.integers(0, 256, (draw(st.integers(1, 8)), 3), np.uint8)
        return colors[rng.integers(0, len(colors), (height, width))]
    return cv2.resize(rng.integers(0, 256, (2, 2, 3), np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)


def bands(*colors, height=90, width=160):
    """Flat colors side by side, each (rgb, part of the width)."""
    edges = np.round(np.cumsum([0] + [part for _, part in colors]) * width).astype(int)
    rgb = np.zeros((height, width, 3), np.uint8)
    for (one, _), left, right in zip(colors, edges, edges[1:], strict=False):
        rgb[:, left:right] = one
    return rgb


def delta_e(one, other):
    """CIEDE2000 of every color of the one to every color of the other."""
    one, other = (spaces.lab_from_srgb(np.asarray(rows, float).reshape(-1, 3)) for rows in (one, other))
    return difference.delta_e_2000(one[:, None], other[None])


def colors_of(found):
    return [swatch.rgb for swatch in found]


@settings(max_examples=60, deadline=None)
@given(pictures(), st.integers(1, 25), st.sampled_from(["light", "hue", "share"]))
def test_promises_for_any_picture_and_number(rgb, n, sort):
    before = rgb.copy()
    found = extraction.extract(rgb, n, options=extraction.Options(sort=sort))
    distinct = len(np.unique(rgb.reshape(-1, 3), axis=0))
    assert 1 <= len(found) <= min(n, distinct)
    assert len(set(colors_of(found))) == len(found)
    assert sum(swatch.share for swatch in found) == pytest.approx(1)
    assert all(swatch.share > 0 for swatch in found)
    assert delta_e(colors_of(found), rgb).min(axis=1).max() <= 6
    assert found == extraction.ordered(found, sort)
    assert found == extraction.extract(rgb.copy(), n, options=extraction.Options(sort=sort))
    assert (rgb == before).all()
    for swatch in found:
        x, y = swatch.at
        assert 0 < x < 1
        assert 0 < y < 1
        pixel = rgb[int(y * rgb.shape[0]), int(x * rgb.shape[1])]
        assert delta_e([swatch.rgb], [pixel]).item() <= 12


@settings(max_examples=30, deadline=None)
@given(pictures(), st.integers(1, 10))
def test_the_mirrored_and_the_turned_picture_have_the_same_colors(rgb, n):
    found = [(swatch.rgb, swatch.share) for swatch in extraction.extract(rgb, n)]
    for same in (rgb[:, ::-1], rgb[::-1], rgb.transpose(1, 0, 2)):
        assert [(swatch.rgb, swatch.share) for swatch in extraction.extract(np.ascontiguousarray(same), n)] == found


@settings(max_examples=60, deadline=None)
@given(st_numpy.arrays(np.uint8, SIZES), st.integers(1, 10))
def test_gray_stays_gray(levels, n):
    for swatch in extraction.extract(np.repeat(levels[..., None], 3, axis=2), n):
        assert len(set(swatch.rgb)) == 1


@settings(max_examples=8, deadline=None)
@given(pictures(), st.integers(1, 25), st.sampled_from(METHODS[1:]))
def test_scikit_learns_methods_keep_the_same_promises(rgb, n, method):
    found = extraction.extract(rgb, n, options=extraction.Options(method=method))
    assert 1 <= len(found) <= n
    assert sum(swatch.share for swatch in found) == pytest.approx(1)
    assert found == extraction.extract(rgb, n, options=extraction.Options(method=method))


@settings(max_examples=30, deadline=None)
@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_one_pixel_and_one_color_give_that_color(rgb):
    pixel = np.array(rgb, np.uint8).reshape(1, 1, 3)
    assert extraction.extract(pixel) == (Swatch(rgb, 1.0, (0.5, 0.5)),)
    assert colors_of(extraction.extract(np.tile(pixel, (300, 700, 1)))) == [rgb]


def test_flat_bands_are_found_with_their_shares_and_places():
    known = [((30, 40, 90), 0.4), ((200, 60, 50), 0.3), ((240, 220, 160), 0.2), ((60, 150, 90), 0.1)]
    found = extraction.extract(bands(*known, height=1080, width=1920), 4)
    middle = dict(zip([rgb for rgb, _ in known], [0.2, 0.55, 0.8, 0.95], strict=True))
    assert {swatch.rgb: pytest.approx(swatch.share, abs=0.01) for swatch in found} == dict(known)
    for swatch in found:
        assert abs(swatch.at[0] - middle[swatch.rgb]) < 0.2


def test_asking_for_more_than_there_are_gives_those_there_are():
    assert len(extraction.extract(bands(((0, 0, 0), 0.5), ((255, 255, 255), 0.5)), 25)) == 2


def test_twenty_five_swatches_of_a_colorful_photograph():
    found = extraction.extract(data.astronaut(), 25)
    assert len(found) >= 20
    apart = delta_e(colors_of(found), colors_of(found)) + 99 * np.eye(len(found))
    assert apart.min() > 3


@pytest.mark.parametrize("accent", [(210, 30, 40), (40, 90, 220), (250, 210, 30), (230, 60, 160)])
def test_a_small_lamp_in_a_brown_room_keeps_its_swatch(accent):
    coarse = np.random.default_rng(0).integers((60, 42, 28), (150, 110, 80), (9, 16, 3)).astype(np.uint8)
    room = cv2.resize(coarse, (640, 360), interpolation=cv2.INTER_CUBIC)
    cv2.circle(room, (450, 120), 22, accent, -1)  # 0.7 % of the picture
    found = extraction.extract(room, 5)
    assert delta_e([accent], colors_of(found)).min() < 12
    lamp = found[int(delta_e([accent], colors_of(found)).argmin())]
    assert np.hypot(lamp.at[0] * 640 - 450, lamp.at[1] * 360 - 120) <= 22


MUTED = ((92, 66, 50), (150, 132, 108), (60, 70, 84), (190, 184, 170), (118, 96, 92))
FAR_APART = ((92, 66, 50), (180, 150, 108), (50, 70, 100), (220, 214, 200), (110, 120, 80))


def colorful(seed, tints=MUTED, size=(640, 360)):
    """A room of five colors in soft patches: more than a palette of five has swatches to spare."""
    rng = np.random.default_rng(seed)
    tints = np.array(tints)
    coarse = tints[rng.integers(0, len(tints), (9, 16))] + rng.integers(-8, 9, (9, 16, 1))
    soft = cv2.resize(coarse.astype(np.uint8), size, interpolation=cv2.INTER_CUBIC)
    return np.clip(soft + rng.normal(0, 3, soft.shape), 0, 255).astype(np.uint8)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 50),
    st.sampled_from([(210, 30, 40), (240, 120, 20), (250, 210, 30), (60, 190, 70), (20, 190, 200), (40, 90, 220)]),
    st.floats(0.002, 0.02),
    st.floats(0.15, 0.85),
    st.floats(0.2, 0.8),
)
def test_an_accent_of_any_hue_and_place_keeps_its_swatch_in_a_room_of_five_colors(seed, accent, share, x, y):
    room = colorful(seed)
    radius = max(2, round((share * 640 * 360 / np.pi) ** 0.5))
    cv2.circle(room, (round(x * 640), round(y * 360)), radius, accent, -1)
    found = extraction.extract(room, 5)
    assert delta_e([accent], colors_of(found)).min() < 12


@pytest.mark.parametrize("accent", [(210, 30, 40), (20, 190, 200), (40, 90, 220)])
@pytest.mark.parametrize("seed", range(6))
def test_a_lamp_of_a_thousandth_keeps_its_swatch_before_five_colors_that_are_far_apart(seed, accent):
    room = colorful(seed, FAR_APART)
    cv2.circle(room, (400, 150), 9, accent, -1)  # 0.11 % of the picture
    assert delta_e([accent], colors_of(extraction.extract(room, 5))).min() < 12


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 50), st.integers(0, 255))
def test_stray_pixels_are_no_accent(seed, chance):
    room = colorful(seed)
    rng = np.random.default_rng(chance)
    room[rng.integers(0, 360, 12), rng.integers(0, 640, 12)] = (250, 20, 230)
    assert delta_e([(250, 20, 230)], colors_of(extraction.extract(room, 5))).min() > 15


@pytest.mark.parametrize("photograph", ["coffee", "cat", "rocket", "astronaut", "retina"])
def test_the_one_swatch_of_a_photograph_is_a_color_that_much_of_it_has(photograph):
    rgb = getattr(data, photograph)()
    (swatch,) = extraction.extract(rgb, 1)
    # An average of far colors is near to hardly a pixel.
    assert (delta_e([swatch.rgb], rgb.reshape(-1, 3)[::37]) < 6).mean() > 0.05


@pytest.mark.parametrize("n", [2, 3, 5])
@pytest.mark.parametrize("photograph", ["coffee", "cat", "rocket", "astronaut", "retina"])
def test_no_swatch_lies_in_a_gap_between_the_colors_that_it_stands_for(photograph, n):
    rgb = getattr(data, photograph)()
    pixels = rgb.reshape(-1, 3)[::37]
    for swatch in extraction.extract(rgb, n):
        assert (delta_e([swatch.rgb], pixels) < 6).mean() > 0.005 * swatch.share


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=2, max_size=6, unique=True), st.integers(1, 3))
def test_a_few_swatches_of_flat_colors_are_among_these(colors, n):
    near = delta_e(colors, colors) + 99 * np.eye(len(colors))
    assume(near.min() > 25)
    rgb = bands(*[(color, 1 / len(colors)) for color in colors])
    assert delta_e(colors_of(extraction.extract(rgb, n)), colors).min(axis=1).max() < 3


def soft(picture, blur):
    return cv2.GaussianBlur(picture, (0, 0), blur) if blur else picture


@pytest.mark.parametrize("n", [5, 7, 9, 25])
@pytest.mark.parametrize("blur", [0, 1, 2, 4])
def test_the_soft_edges_of_a_drawing_are_no_swatches(blur, n):
    drawing = np.full((1080, 1920, 3), (120, 200, 240), np.uint8)
    drawing[700:] = (90, 190, 80)
    cv2.circle(drawing, (601, 663), 181, (250, 210, 160), -1, cv2.LINE_AA)
    cv2.circle(drawing, (1503, 401), 161, (200, 60, 60), -1, cv2.LINE_AA)
    inks = [(120, 200, 240), (90, 190, 80), (250, 210, 160), (200, 60, 60)]
    found = extraction.extract(soft(drawing, blur), n)
    assert len(found) == 4
    assert delta_e(colors_of(found), inks).min(axis=1).max() < 3


@pytest.mark.parametrize("n", [4, 5, 9, 25])
@pytest.mark.parametrize("radius, blur", [(14, 1), (20, 4), (30, 8)])
def test_a_buoy_in_fog_has_one_red_and_no_pink(radius, blur, n):
    fog = np.zeros((1080, 1920, 3)) + np.linspace(150, 205, 1080)[:, None, None]
    cv2.circle(fog, (1000, 700), radius, (200, 60, 50), -1, cv2.LINE_AA)
    rgb = soft(fog, blur) + np.random.default_rng(1).normal(0, 3, fog.shape)
    red, *grays = sorted(extraction.extract(rgb.astype(np.uint8), n), key=lambda one: -np.ptp(one.rgb))
    assert delta_e([red.rgb], [(200, 60, 50)]).item() < 8
    assert grays
    assert all(np.ptp(one.rgb) < 20 for one in grays)


@pytest.mark.parametrize("n", [4, 9, 25])
@pytest.mark.parametrize("width", [4, 8, 16])
def test_a_thin_red_line_is_no_edge(width, n):
    night = np.full((1080, 1920, 3), (8, 8, 10), np.uint8)
    night[:, 1400:] = (70, 72, 80)
    cv2.line(night, (100, 900), (1300, 200), (220, 30, 30), width, cv2.LINE_AA)
    found = colors_of(extraction.extract(soft(night, 1), n))
    assert delta_e([(220, 30, 30)], found).min() < 12
    assert len(found) == 3


@pytest.mark.parametrize("n", [4, 9, 25])
def test_the_letters_of_a_title_have_their_color_and_not_its_edges(n):
    title = np.full((1080, 1920, 3), (12, 12, 14), np.uint8)
    cv2.putText(title, "CINEPALETTE", (250, 560), cv2.FONT_HERSHEY_TRIPLEX, 6, (200, 30, 36), 22, cv2.LINE_AA)
    cv2.putText(title, "a film", (620, 760), cv2.FONT_HERSHEY_DUPLEX, 4, (230, 226, 214), 12, cv2.LINE_AA)
    found = colors_of(extraction.extract(title, n))
    assert delta_e(found, [(12, 12, 14), (200, 30, 36), (230, 226, 214)]).min(axis=1).max() < 8
    assert len(found) == 3


def test_five_browns_are_not_five_swatches():
    coarse = np.random.default_rng(0).integers((100, 70, 50), (112, 80, 58), (9, 16, 3)).astype(np.uint8)
    assert len(extraction.extract(cv2.resize(coarse, (640, 360), interpolation=cv2.INTER_CUBIC), 5)) <= 2


def test_black_and_white_film_gets_no_invented_color():
    for swatch in extraction.extract(np.repeat(data.camera()[..., None], 3, axis=2), 5):
        assert len(set(swatch.rgb)) == 1


def test_the_same_palette_from_many_threads():
    rgb = data.coffee()
    expected = extraction.extract(rgb, 6)
    with ThreadPoolExecutor(4) as pool:
        assert all(found == expected for found in pool.map(lambda _: extraction.extract(rgb, 6), range(8)))


@pytest.mark.parametrize("photograph", ["coffee", "cat", "rocket", "astronaut"])
def test_jpeg_and_a_pan_of_some_pixels_hardly_move_it(photograph):
    rgb = getattr(data, photograph)()
    found = colors_of(extraction.extract(rgb, 5))
    jpeg = cv2.imdecode(cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])[1], cv2.IMREAD_COLOR)
    for other in (jpeg[..., ::-1], rgb[3:-3, 8:]):
        moved = colors_of(extraction.extract(np.ascontiguousarray(other), 5))
        assert delta_e(found, moved).min(axis=1).mean() < 3


def test_what_lies_outside_the_box_does_not_count_and_places_are_of_the_whole_still():
    rgb = np.zeros((100, 200, 3), np.uint8)
    rgb[20:80] = bands(((200, 60, 50), 0.5), ((60, 150, 90), 0.5), height=60, width=200)
    found = extraction.extract(rgb, 5, box=(0, 20, 200, 80))
    assert sorted(colors_of(found)) == [(60, 150, 90), (200, 60, 50)]
    assert all(0.2 < swatch.at[1] < 0.8 for swatch in found)


@pytest.mark.parametrize("side", [20, 800])
def test_transparent_pixels_do_not_count(side):
    rgba = np.full((side, side, 4), 255, np.uint8)
    rgba[: side // 2] = (255, 0, 0, 0)
    rgba[side // 2 :, :, :3] = (20, 90, 160)
    found = extraction.extract(rgba)
    assert colors_of(found) == [(20, 90, 160)]
    assert found[0].at[1] > 0.5
    rgba[..., 3] = 0
    assert extraction.extract(rgba) == ()


def test_limits_leave_the_darkest_and_brightest_out_but_never_everything():
    rgb = bands(((5, 5, 5), 0.4), ((120, 60, 50), 0.4), ((250, 250, 250), 0.2))
    limited = extraction.Options(darkest=10, brightest=90)
    assert colors_of(extraction.extract(rgb, options=limited)) == [(120, 60, 50)]
    assert colors_of(extraction.extract(np.zeros((9, 9, 3), np.uint8), options=limited)) == [(0, 0, 0)]


def test_orders():
    rgb = bands(((128, 128, 128), 0.1), ((40, 60, 200), 0.4), ((220, 40, 40), 0.3), ((60, 200, 80), 0.2))
    order = {
        sort: colors_of(extraction.extract(rgb, options=extraction.Options(sort=sort)))
        for sort in ("light", "hue", "share")
    }
    assert order["share"] == [(40, 60, 200), (220, 40, 40), (60, 200, 80), (128, 128, 128)]
    assert order["hue"] == [(128, 128, 128), (220, 40, 40), (60, 200, 80), (40, 60, 200)]
    assert order["light"] == [(40, 60, 200), (220, 40, 40), (128, 128, 128), (60, 200, 80)]


def test_a_palette_of_many_stills_keeps_what_one_of_them_is_about():
    brown = [(Swatch((70 + i, 52, 40), 0.6), Swatch((128, 104, 82 + i), 0.4)) for i in range(9)]
    lamp = (Swatch((70, 52, 41), 0.94), Swatch((205, 25, 35), 0.06))
    found = extraction.combined([*brown, lamp], 3)
    assert delta_e([(205, 25, 35)], colors_of(found)).min() < 5
    assert sum(swatch.share for swatch in found) == pytest.approx(1)
    assert len(found) == 3
    assert all(swatch.at is None for swatch in found)


def test_a_palette_of_one_still_is_that_palette_and_of_none_is_none():
    found = extraction.extract(data.coffee(), 5)
    again = extraction.combined([found], 5)
    assert colors_of(again) == colors_of(found)
    assert extraction.combined([]) == ()
    assert extraction.combined([()]) == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(pictures(), min_size=1, max_size=4), st.integers(1, 25))
def test_a_combined_palette_keeps_the_promises_in_any_order_of_stills(stills, n):
    each = [extraction.extract(rgb, 5) for rgb in stills]
    found = extraction.combined(each, n)
    assert 1 <= len(found) <= n
    assert sum(swatch.share for swatch in found) == pytest.approx(1)
    assert delta_e(colors_of(found), [rgb for one in each for rgb in colors_of(one)]).min(axis=1).max() <= 6


def test_options_are_the_defaults_of_the_table():
    assert extraction.Options() == replace(extraction.Options(), swatches=5, sort="light", method="cinepalette")


def test_a_color_that_is_nearly_black_takes_no_larger_ones_swatch():
    shown = ((200, 60, 40), (40, 160, 60), (30, 60, 180), (230, 220, 200), (90, 80, 110))
    rgb = bands(*((color, 0.194) for color in shown), ((4, 46, 1), 0.03))
    found = extraction.extract(rgb)
    assert delta_e(shown, colors_of(found)).min(axis=1).max() < 5
