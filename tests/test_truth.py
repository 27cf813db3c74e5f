"""From what VLC saves to the colors of the film: published values, known pictures, promises."""

import cv2
import numpy as np
import pytest
from cinepalette.color import difference, hdr, spaces
from cinepalette.model import Sidecar, Step, Video
from cinepalette.picture import truth
from cinepalette.picture.planes import Planes
from cinepalette.picture.wording import in_words
from hypothesis import given, settings
from hypothesis import strategies as st

VLC3 = "vlc 3.0.24"
COLORS = np.array(
    [(200, 60, 40), (40, 160, 60), (30, 60, 180), (230, 220, 200), (128, 128, 128), (90, 120, 150), (200, 150, 30)]
)
SATURATED = np.array([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255), (255, 0, 255)])
HDR = Video(matrix="bt2020", primaries="bt2020", transfer="pq", height=1080)


def delta_e(rgb, expected) -> np.ndarray:
    return difference.delta_e_2000(spaces.lab_from_srgb(np.asarray(rgb, float)), spaces.lab_from_srgb(expected))


def hue(rgb) -> np.ndarray:
    lab = spaces.oklab_from_srgb(np.asarray(rgb, float))
    return np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))


def apart(hues, others) -> np.ndarray:
    """Degrees between hues."""
    return np.abs((hues - others + 180) % 360 - 180)


def coded(signal, matrix: str, *, full: bool = False, bits: int = 8) -> np.ndarray:
    """R'G'B' 0-1, shape (n, 3), as Y'CbCr codes (1, n, 3)."""
    ycbcr = np.asarray(signal) @ truth.ycbcr_from_rgb(matrix).T
    unit = 2 ** (bits - 8)
    span, black = (256 * unit - 1, 0) if full else (np.array([219, 224, 224]) * unit, 16 * unit)
    codes = ycbcr * span + np.array([black, 128 * unit, 128 * unit])
    return np.rint(codes.clip(0, 256 * unit - 1)).astype(np.uint8 if bits == 8 else np.uint16)[None]


def planes_of(codes: np.ndarray) -> Planes:
    """Codes (1, n, 3) as planes of squares of 8 x 8 pixels, side by side."""
    y, cb, cr = (codes[..., channel].repeat(8, 0).repeat(8, 1) for channel in range(3))
    return Planes(y, cb[::2, ::2], cr[::2, ::2])


def kept_of(planes: Planes, video: Video) -> np.ndarray:
    """The middles of the squares, (n, 3)."""
    rgb, _ = truth.from_planes(planes, Sidecar(player=VLC3, video=video))
    return rgb[4, 4::8]


def as_vlc_saves(rgb, matrix: str) -> np.ndarray:
    """Colors (n, 3) coded with a matrix and decoded with BT.601, as VLC 3 does; (1, n, 3)."""
    ycbcr = np.asarray(rgb) / 255 @ truth.ycbcr_from_rgb(matrix).T
    return np.rint(255 * (ycbcr @ np.linalg.inv(truth.ycbcr_from_rgb("bt601")).T)).clip(0, 255).astype(np.uint8)[None]


def pq_of(rgb, white: float = hdr.WHITE) -> np.ndarray:
    """sRGB 0-255 as PQ R'G'B' with BT.2020 primaries, its white at `white` cd/m²."""
    light = spaces.linear_from_srgb(rgb) @ np.linalg.inv(hdr.SRGB_FROM_BT2020).T
    return hdr.pq_from_light(light * white)


# Published values


def test_hd_that_was_seen_in_vlc_comes_back():
    seen = np.array([[(186, 46, 41), (47, 177, 61)]], np.uint8)
    rgb, steps = truth.corrected(seen, Sidecar(player=VLC3, video=Video(matrix="bt709")))
    assert np.abs(rgb[0].astype(int) - [(200, 60, 40), (40, 160, 60)]).max() <= 3
    assert steps == (Step("decoded", matrix="bt709", was="bt601"),)


def test_the_matrices_are_those_of_the_recommendations():
    # Rec. ITU-R BT.709-6, 3.2; BT.2087-0, 2, the inverse of M2.
    assert truth.ycbcr_from_rgb("bt709")[0] == pytest.approx([0.2126, 0.7152, 0.0722])
    assert truth.ycbcr_from_rgb("bt709")[1, 2] == truth.ycbcr_from_rgb("bt709")[2, 0] == pytest.approx(0.5)
    narrow = [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
    assert np.abs(hdr.SRGB_FROM_BT2020 - narrow).max() < 1e-4


def test_white_is_where_bt2408_puts_it():
    # Report ITU-R BT.2408-7, table 1: 203 cd/m² are 58 % of PQ and 75 % of HLG.
    assert hdr.pq_from_light(203.0) == pytest.approx(0.58, abs=0.002)
    assert hdr.light_from_hlg([0.75, 0.75, 0.75]) == pytest.approx(np.full(3, 203.0), abs=1)
    assert hdr.light_from_pq([0.0, 1.0]) == pytest.approx([0.0, 10000.0])
    assert hdr.light_from_hlg([1.0, 1.0, 1.0]) == pytest.approx(np.full(3, 1000.0), abs=0.1)


@settings(deadline=None, max_examples=50)
@given(st.floats(0, 10000))
def test_pq_goes_there_and_back(light):
    assert hdr.light_from_pq(hdr.pq_from_light(light)) == pytest.approx(light, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("peak", [1000.0, 4000.0, 10000.0])
def test_highlights_roll_off_without_a_step_and_without_losing_their_order(peak):
    light = np.geomspace(0.01, peak, 500)
    rolled = hdr.rolled_off(light, peak)
    assert (np.diff(rolled) > 0).all()
    assert rolled[-1] == pytest.approx(hdr.WHITE)
    assert (rolled <= light * (1 + 1e-9)).all()
    assert rolled[light < 20] == pytest.approx(light[light < 20], rel=1e-6)


# Gamut


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-0.5, 3), min_size=3, max_size=3))
def test_every_light_fits_into_srgb(linear):
    fitted = hdr.in_srgb(np.array([linear]))
    assert ((fitted >= 0) & (fitted <= 1)).all()


def test_what_srgb_holds_stays_as_it_is():
    inside = spaces.linear_from_srgb(np.vstack([COLORS, SATURATED]))
    assert (hdr.in_srgb(inside) == inside).all()


def test_what_srgb_cannot_hold_keeps_its_hue_and_lightness():
    wide = np.array([(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0.6, 0), (0, 0.7, 0.7)]) @ hdr.SRGB_FROM_BT2020.T
    before = np.cbrt(wide @ spaces.LMS_FROM_LINEAR.T) @ spaces.OKLAB_FROM_LMS_ROOT.T
    after = spaces.oklab_from_srgb(spaces.srgb_from_linear(hdr.in_srgb(wide)))
    turned = apart(*(np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) for lab in (before, after)))
    assert turned.max() < 5
    assert np.abs(after[:, 0] - before[:, 0]).max() < 0.02


# SDR


@pytest.mark.parametrize("matrix", ["bt601", "bt709"])
@pytest.mark.parametrize("chroma", ["i420", "j420", None])
def test_planes_give_every_color_even_the_most_saturated(matrix, chroma):
    colors = np.vstack([COLORS, SATURATED])
    kept = kept_of(planes_of(coded(colors / 255, matrix)), Video(matrix=matrix, chroma=chroma))
    assert delta_e(kept, colors).max() <= 1.0


def test_full_range_planes_are_decoded_as_such_but_not_those_that_vlc_made_limited():
    full = coded(COLORS / 255, "bt709", full=True)
    assert delta_e(kept_of(planes_of(full), Video(matrix="bt709", range="full", chroma="i0al")), COLORS).max() <= 1
    limited = coded(COLORS / 255, "bt709")
    assert delta_e(kept_of(planes_of(limited), Video(matrix="bt709", range="full", chroma="J420")), COLORS).max() <= 1


@pytest.mark.parametrize(("lines", "matrix"), [(480, "bt601"), (576, "bt601"), (720, "bt709"), (2160, "bt709")])
def test_untagged_video_is_taken_as_vlc_takes_it_and_the_steps_say_so(lines, matrix):
    saved = as_vlc_saves(COLORS, matrix)
    rgb, steps = truth.corrected(saved, Sidecar(player=VLC3, video=Video(height=lines)))
    assert delta_e(rgb[0], COLORS).max() <= 1
    assert steps[0] == Step("assumed", matrix=matrix)


def test_the_lines_of_a_video_count_and_not_those_of_a_smaller_snapshot():
    saved = as_vlc_saves(COLORS, "bt709")
    rgb, _ = truth.corrected(saved, Sidecar(player=VLC3, video=Video(height=1080)))
    assert delta_e(rgb[0], COLORS).max() <= 1


def test_what_vlc_cut_off_comes_back_nearly():
    picture = as_vlc_saves(SATURATED, "bt709")
    kept, _ = truth.corrected(picture, Sidecar(player=VLC3, video=Video(matrix="bt709")))
    assert delta_e(kept[0], SATURATED).max() <= 5.0
    assert apart(hue(kept[0]), hue(SATURATED)).max() < 8


@pytest.mark.parametrize("chroma", ["rv24", "rv32", "gbr8", "gbra", "rgba"])
def test_video_that_is_rgb_was_never_bent(chroma):
    video = Video(height=1080, chroma=chroma)
    rgb, steps = truth.corrected(COLORS[None].astype(np.uint8), Sidecar(player=VLC3, video=video))
    assert (rgb[0] == COLORS).all() and steps == ()
    # VLC makes planes of it with the matrix of SD.
    assert delta_e(kept_of(planes_of(coded(COLORS / 255, "bt601")), video), COLORS).max() <= 1


@pytest.mark.parametrize("sidecar", [None, Sidecar(), Sidecar(player="vlc 4.0.0", video=Video(matrix="bt709"))])
def test_a_picture_that_vlc_3_did_not_take_stays_as_it_is(sidecar):
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    rgb, steps = truth.corrected(picture, sidecar)
    assert rgb is picture and steps == ()


def test_wide_sdr_is_brought_into_srgb_with_its_grays_untouched():
    light = (COLORS / 255) ** hdr.SDR_GAMMA @ np.linalg.inv(hdr.SRGB_FROM_BT2020).T
    codes = coded(light ** (1 / hdr.SDR_GAMMA), "bt2020")
    video = Video(matrix="bt2020", primaries="bt2020", transfer="bt709")
    kept = kept_of(planes_of(codes), video)
    assert delta_e(kept, COLORS).max() <= 1.0


# HDR


def test_hdr_below_the_highlights_comes_out_in_its_true_colors():
    dim = COLORS[COLORS.max(axis=1) <= 200]
    kept = kept_of(planes_of(coded(pq_of(dim), "bt2020")), HDR)
    assert delta_e(kept, dim).max() <= 2.5  # 8 bits of PQ
    deep, steps = truth.from_codes(coded(pq_of(dim), "bt2020", bits=10), 10, HDR)
    assert delta_e(deep[0], dim).max() <= 1.0
    assert steps == (
        Step("decoded", matrix="bt2020"),
        Step("tone-mapped", transfer="pq", peak=1000.0),
        Step("gamut-mapped"),
    )


@pytest.mark.parametrize("white", [203.0, 1000.0])
def test_hdr_keeps_hues(white):
    colors = np.vstack([COLORS[COLORS.max(axis=1) - COLORS.min(axis=1) > 40], SATURATED])
    deep, _ = truth.from_codes(coded(pq_of(colors, white), "bt2020", bits=10), 10, HDR)
    colored = np.ptp(deep[0].astype(int), axis=1) > 20
    assert colored.sum() >= 8
    assert apart(hue(deep[0]), hue(colors))[colored].max() < 5


def test_a_frame_brighter_than_the_usual_still_keeps_its_order():
    grays = np.full((20, 3), np.linspace(0.2, float(hdr.pq_from_light(4000.0)), 20)[:, None])
    deep, steps = truth.from_codes(coded(grays, "bt2020", bits=10), 10, HDR)
    steps_up = np.diff(deep[0, :, 1].astype(int))
    assert (steps_up[:-1] > 0).all() and steps_up[-1] >= 0
    assert any(step.peak == 4000.0 for step in steps)


@pytest.mark.parametrize("video", [Video(matrix="bt709", height=1080), HDR], ids=["sdr", "hdr"])
def test_a_frame_made_smaller_first_has_the_same_colors(video):
    colors = COLORS[COLORS.max(axis=1) <= 200]
    signal = pq_of(colors) if video is HDR else colors / 255
    codes = coded(signal, video.matrix, bits=10)
    large = np.repeat(np.repeat(codes, 64, axis=0), 32, axis=1)
    small = cv2.resize(large, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA)
    whole, steps = truth.from_codes(large, 10, video)
    reduced, steps_too = truth.from_codes(small, 10, video)
    assert steps == steps_too
    assert delta_e(reduced[4, 2::4], whole[32, 16::32]).max() <= 0.5


def test_hdr_that_a_snapshot_holds_as_rgb_has_its_hues_too():
    signal = pq_of(COLORS)
    saved = as_vlc_saves(signal * 255, "bt2020")
    rgb, steps = truth.corrected(saved, Sidecar(player=VLC3, video=HDR))
    colored = np.ptp(COLORS, axis=1) > 40
    assert apart(hue(rgb[0]), hue(COLORS))[colored].max() < 5
    assert steps[0] == Step("encoded", matrix="bt2020", was="bt601")


def test_hdr_whose_matrix_vlc_does_not_tell_is_bt2020():
    video = Video(transfer="pq", primaries="bt2020", height=1080)
    assert truth.matrix_of(video, 1080) == "bt2020"


# The right way up


def corners(picture: np.ndarray) -> str:
    return "".join(chr(picture[y, x, 0]) for y in (0, -1) for x in (0, -1))


@pytest.mark.parametrize(
    ("orientation", "shown"),
    [
        ("top-left", "abcd"),
        ("top-right", "dcba"),  # by half a turn: measured in VLC 3.0.24, like the two below
        ("left-bottom", "cadb"),  # clockwise
        ("bottom-right", "bdac"),  # counterclockwise
        ("left-top", "badc"),
        ("right-bottom", "cdab"),
        ("bottom-left", "acbd"),
        ("right-top", "dbca"),
    ],
)
def test_a_picture_stands_as_on_the_screen(orientation, shown):
    lying = np.zeros((4, 6, 3), np.uint8)
    for letter, place in zip("abcd", ((0, 0), (0, -1), (-1, 0), (-1, -1)), strict=True):
        lying[place] = ord(letter)
    sidecar = Sidecar(player=VLC3, video=Video(matrix="bt601", orientation=orientation))
    upright, steps = truth.corrected(lying, sidecar)
    assert corners(upright) == shown
    assert (truth.undone(upright, steps) == lying).all()


# Undoing and bad input


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(*[st.integers(60, 190)] * 3), min_size=1, max_size=20))
def test_a_correction_can_be_undone(colors):
    saved = np.array([colors], np.uint8)
    rgb, steps = truth.corrected(saved, Sidecar(player=VLC3, video=Video(matrix="bt709", orientation="left-bottom")))
    assert np.abs(truth.undone(rgb, steps).astype(int) - saved).max() <= 2


def test_tone_mapping_cannot_be_undone():
    _, steps = truth.corrected(np.zeros((2, 2, 3), np.uint8), Sidecar(player=VLC3, video=HDR))
    assert truth.undone(np.zeros((2, 2, 3), np.uint8), steps) is None


WORDS = st.none() | st.sampled_from(["bt709", "bt2020", "pq", "full", "j420", "left-bottom"]) | st.text(max_size=12)


@settings(deadline=None, max_examples=30)
@given(
    st.builds(
        Video,
        width=st.none() | st.integers(0, 10**9),
        height=st.none() | st.integers(0, 10**9),
        **dict.fromkeys(("matrix", "range", "transfer", "primaries", "orientation", "chroma"), WORDS),
    )
)
def test_no_sidecar_keeps_a_still_from_being_made(video):
    picture = np.full((2, 4, 3), 100, np.uint8)
    sidecar = Sidecar(player=VLC3, video=video)
    rgb, steps = truth.corrected(picture, sidecar)
    assert rgb.dtype == np.uint8 and sorted(rgb.shape) == [2, 3, 4]
    assert all(in_words(step) for step in steps)
    rgb, _ = truth.from_planes(planes_of(picture[:1]), sidecar)
    assert rgb.dtype == np.uint8


def test_an_unknown_word_is_named_in_the_steps():
    video = Video(matrix="ycgco", orientation="sideways", height=1080)
    _, steps = truth.corrected(np.zeros((2, 2, 3), np.uint8), Sidecar(player=VLC3, video=video))
    said = [in_words(step) for step in steps]
    assert "matrix 'ycgco' is unknown: taken for bt709" in said
    assert "orientation 'sideways' is unknown: left as it is" in said


# When VLC fails


def test_a_frame_without_a_picture_is_known():
    def blank(rgb):
        return truth.is_blank(np.full((40, 60, 3), rgb, np.uint8))

    assert blank((0, 135, 0)) and blank((0, 154, 0)) and blank((128, 128, 128)) and blank((130, 130, 130))
    assert not blank((0, 0, 0)) and not blank((255, 255, 255)) and not blank((30, 60, 180))
    meadow = np.full((40, 60, 3), (0, 135, 0), np.uint8)
    meadow[20:] = (90, 120, 250)
    assert not truth.is_blank(meadow)
