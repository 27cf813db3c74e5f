"""The frame as VLC decoded it: planes in, the colors of the film out."""

import numpy as np
import pytest
from cinepalette.errors import UnreadableImage
from cinepalette.model import Sidecar, Step, Video
from cinepalette.picture import planes, reading, truth
from real_vlc import bars, coded

COLORS = ((200, 60, 40), (40, 160, 60), (30, 60, 180), (230, 220, 200), (0, 255, 0), (255, 0, 0), (0, 0, 0))


def pgmyuv(rgb: np.ndarray, matrix: str) -> bytes:
    """A picture as VLC's pgmyuv has it."""
    height, width = rgb.shape[:2]
    flat = coded(rgb, matrix).ravel()
    luma, chroma = flat[: height * width], flat[height * width :].reshape(2, height // 2, width // 2)
    rows = np.vstack([luma.reshape(height, width), np.hstack(list(chroma))])
    return b"P5\n%d %d\n255\n" % (width, height * 3 // 2) + rows.tobytes()


def saved(tmp_path, data: bytes):
    path = tmp_path / "vlc-1.pgmyuv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("matrix", ["bt601", "bt709"])
def test_every_color_comes_back_within_the_coding_of_the_video_even_the_most_saturated(tmp_path, matrix):
    picture = bars((420, 60), COLORS)
    found = reading.read_planes(saved(tmp_path, pgmyuv(picture, matrix)))
    rgb, steps = truth.from_planes(found, Sidecar(player="vlc 3.0.24", video=Video(matrix=matrix)))
    middles = rgb[30, 30::60].astype(int)
    assert np.abs(middles - np.array(COLORS)).max() <= 2
    assert steps == (Step("decoded", matrix=matrix),)


def test_color_stays_where_brightness_is(tmp_path):
    picture = np.zeros((40, 80, 3), np.uint8)
    picture[10:30, 20:60] = (200, 60, 40)
    rgb, _ = truth.from_planes(reading.read_planes(saved(tmp_path, pgmyuv(picture, "bt709"))), None)
    red = rgb[..., 0].astype(int) - rgb[..., 2] > 40
    rows, columns = np.nonzero(red)
    found = np.array([rows.min(), rows.max(), columns.min(), columns.max()])
    assert np.abs(found - (10, 29, 20, 59)).max() <= 1  # color has half the pixels


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (5, 64), (4, 65), (7, 130)])
def test_color_between_its_samples_is_linear(size):
    width, height = size
    cb = np.random.default_rng(1).integers(16, 241, (height, width), np.uint8)
    found = planes.ycbcr(planes.Planes(np.zeros((2 * height, 2 * width), np.uint8), cb, cb))
    # On the left one of two pixels, and halfway between two rows.
    x, y = np.arange(2 * width) / 2, np.arange(2 * height) / 2 - 0.25
    across = np.array([np.interp(x, np.arange(width), row) for row in cb])
    expected = np.array([np.interp(y, np.arange(height), column) for column in across.T]).T
    assert (found[..., 1] == np.rint(expected)).all()
    assert (found[..., 2] == found[..., 1]).all()


def test_a_picture_on_its_side_is_turned_upright(tmp_path):
    found = reading.read_planes(saved(tmp_path, pgmyuv(bars((40, 20), COLORS[:2]), "bt709")))
    rgb, steps = truth.from_planes(found, Sidecar(video=Video(matrix="bt709", orientation="right-top")))
    assert rgb.shape == (40, 20, 3)
    assert steps[-1] == Step("turned", orientation="right-top")


@pytest.mark.parametrize(
    "data", [b"", b"P5", b"P5\n4 3\n255\n123", b"P5\n0 0\n255\n", b"P6\n4 3\n255\n", b"P5\n4 4\n255\n" + bytes(16)]
)
def test_what_is_no_whole_picture_is_refused_with_its_reason(tmp_path, data):
    with pytest.raises(UnreadableImage):
        reading.read_planes(saved(tmp_path, data))


def test_full_range_is_black_to_white():
    gray = planes.Planes(
        np.array([[0, 255], [0, 255]], np.uint8), np.full((1, 1), 128, np.uint8), np.full((1, 1), 128, np.uint8)
    )
    rgb, _ = truth.from_planes(gray, Sidecar(video=Video(matrix="bt709", range="full")))
    assert rgb[0].tolist() == [[0, 0, 0], [255, 255, 255]]
