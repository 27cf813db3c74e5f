"""Color spaces and differences against published values."""

import numpy as np
import pytest
from cinepalette.color import difference, spaces
from hypothesis import given, settings
from hypothesis import strategies as st

# Sharma, Wu, Dalal 2005, table 1: L*, a*, b* of both colors, CIEDE2000.
SHARMA_PAIRS = np.array(
    [
        [50.0000, 2.6772, -79.7751, 50.0000, 0.0000, -82.7485, 2.0425],
        [50.0000, 3.1571, -77.2803, 50.0000, 0.0000, -82.7485, 2.8615],
        [50.0000, 2.8361, -74.0200, 50.0000, 0.0000, -82.7485, 3.4412],
        [50.0000, -1.3802, -84.2814, 50.0000, 0.0000, -82.7485, 1.0000],
        [50.0000, -1.1848, -84.8006, 50.0000, 0.0000, -82.7485, 1.0000],
        [50.0000, -0.9009, -85.5211, 50.0000, 0.0000, -82.7485, 1.0000],
        [50.0000, 0.0000, 0.0000, 50.0000, -1.0000, 2.0000, 2.3669],
        [50.0000, -1.0000, 2.0000, 50.0000, 0.0000, 0.0000, 2.3669],
        [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0009, 7.1792],
        [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0010, 7.1792],
        [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0011, 7.2195],
        [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0012, 7.2195],
        [50.0000, -0.0010, 2.4900, 50.0000, 0.0009, -2.4900, 4.8045],
        [50.0000, -0.0010, 2.4900, 50.0000, 0.0010, -2.4900, 4.8045],
        [50.0000, -0.0010, 2.4900, 50.0000, 0.0011, -2.4900, 4.7461],
        [50.0000, 2.5000, 0.0000, 50.0000, 0.0000, -2.5000, 4.3065],
        [50.0000, 2.5000, 0.0000, 73.0000, 25.0000, -18.0000, 27.1492],
        [50.0000, 2.5000, 0.0000, 61.0000, -5.0000, 29.0000, 22.8977],
        [50.0000, 2.5000, 0.0000, 56.0000, -27.0000, -3.0000, 31.9030],
        [50.0000, 2.5000, 0.0000, 58.0000, 24.0000, 15.0000, 19.4535],
        [50.0000, 2.5000, 0.0000, 50.0000, 3.1736, 0.5854, 1.0000],
        [50.0000, 2.5000, 0.0000, 50.0000, 3.2972, 0.0000, 1.0000],
        [50.0000, 2.5000, 0.0000, 50.0000, 1.8634, 0.5757, 1.0000],
        [50.0000, 2.5000, 0.0000, 50.0000, 3.2592, 0.3350, 1.0000],
        [60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644],
        [63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630],
        [61.2901, 3.7196, -5.3901, 61.4292, 2.2480, -4.9620, 1.8731],
        [35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645],
        [22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373],
        [36.4612, 47.8580, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146],
        [90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441],
        [90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381],
        [6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377],
        [2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082],
    ]
)

any_rgb = st.tuples(*[st.integers(0, 255)] * 3)


def test_ciede2000_gives_the_published_differences_both_ways_and_all_at_once():
    one, other, published = SHARMA_PAIRS[:, :3], SHARMA_PAIRS[:, 3:6], SHARMA_PAIRS[:, 6]
    np.testing.assert_allclose(difference.delta_e_2000(one, other), published, atol=5e-5)
    np.testing.assert_allclose(difference.delta_e_2000(other, one), published, atol=5e-5)
    table = difference.delta_e_2000(one[:, None], other[None])
    np.testing.assert_allclose(np.diag(table), published, atol=5e-5)


def test_oklab_of_the_authors_examples():
    # Ottosson 2020, "Table of example XYZ and Oklab pairs", first row: the white point.
    np.testing.assert_allclose(spaces.oklab_from_srgb([255, 255, 255]), [1.0, 0.0, 0.0], atol=1e-6)
    # CSS Color 4, the sRGB primaries in OKLab.
    np.testing.assert_allclose(spaces.oklab_from_srgb([255, 0, 0]), [0.62796, 0.22486, 0.12585], atol=1e-4)
    np.testing.assert_allclose(spaces.oklab_from_srgb([0, 0, 255]), [0.45201, -0.03246, -0.31153], atol=1e-4)


@pytest.mark.parametrize("name", ["oklab", "lab-d65"])
def test_spaces_agree_with_coloraide(name):
    coloraide = pytest.importorskip("coloraide")
    ours = {"oklab": spaces.oklab_from_srgb, "lab-d65": spaces.lab_from_srgb}[name]
    for rgb in [(10, 200, 30), (255, 255, 255), (1, 2, 3), (180, 40, 60), (90, 90, 91)]:
        theirs = coloraide.Color("srgb", [channel / 255 for channel in rgb]).convert(name)[:3]
        np.testing.assert_allclose(ours(np.array(rgb, np.uint8)), theirs, atol=2e-3)


def test_the_srgb_matrix_follows_from_primaries_and_white():
    # IEC 61966-2-1, equation 7, which prints four decimals.
    matrix = spaces.xyz_from_rgb_matrix(spaces.SRGB_PRIMARIES, spaces.D65)
    published = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    np.testing.assert_allclose(matrix, published, atol=1e-4)


@settings(deadline=None)
@given(any_rgb)
def test_oklab_and_back_is_the_same_color(rgb):
    np.testing.assert_allclose(spaces.srgb_from_oklab(spaces.oklab_from_srgb(rgb)), rgb, atol=1e-6)
    np.testing.assert_allclose(spaces.srgb_from_linear(spaces.linear_from_srgb(rgb)), rgb, atol=1e-2)


@settings(deadline=None)
@given(any_rgb, any_rgb)
def test_a_difference_is_symmetric_and_zero_only_for_the_same(rgb, other):
    one, two = spaces.lab_from_srgb(rgb), spaces.lab_from_srgb(other)
    assert difference.delta_e_2000(one, two) == pytest.approx(difference.delta_e_2000(two, one), abs=1e-9)
    assert (difference.delta_e_2000(one, two) < 1e-9) == (rgb == other)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_even_distances_are_about_ciede2000(seed):
    one, other = np.random.default_rng(seed).integers(40, 216, (2, 2000, 3))
    differ = difference.delta_e_2000(spaces.lab_from_srgb(one), spaces.lab_from_srgb(other))
    uniform_one, uniform_other = (spaces.uniform_from_srgb(rgb) for rgb in (one, other))
    distance = np.linalg.norm(uniform_one - uniform_other, axis=1)
    near = differ < 35
    assert np.median(np.abs(distance / differ - 1)[near]) < 0.2
