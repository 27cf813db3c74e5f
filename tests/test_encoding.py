"""A picture says its color space and its resolution in every format, and keeps its pixels where the format can."""

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from cinepalette.errors import UsageError
from cinepalette.picture import encoding, reading
from PIL import Image, ImageCms

PIXELS = np.random.default_rng(1).integers(0, 256, (120, 200, 3)).astype(np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff", ".webp"])
def test_formats_without_loss_keep_every_pixel(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(encoding.encoded(PIXELS, suffix, 300))
    assert (np.asarray(Image.open(path)) == PIXELS).all()
    assert (reading.read(path).rgb == PIXELS).all()
    if suffix == ".png":
        assert (cv2.imread(str(path))[..., ::-1] == PIXELS).all()


def test_a_png_says_srgb_and_its_resolution() -> None:
    picture = Image.open(io.BytesIO(encoding.png_bytes(PIXELS, 300)))
    picture.load()
    assert picture.info["srgb"] == 0
    assert picture.info["gamma"] == pytest.approx(1 / 2.2, abs=1e-4)
    assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert "dpi" not in Image.open(io.BytesIO(encoding.png_bytes(PIXELS))).info


def test_what_is_laid_over_a_film_says_nothing() -> None:
    rgba = np.dstack([PIXELS, PIXELS[..., :1]])
    picture = Image.open(io.BytesIO(encoding.png_bytes(rgba)))
    assert (np.asarray(picture) == rgba).all()
    assert not {"srgb", "gamma"} & set(picture.info)


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".tif", ".tiff", ".webp"])
def test_other_formats_carry_the_profile(suffix: str) -> None:
    picture = Image.open(io.BytesIO(encoding.encoded(PIXELS, suffix, 300)))
    profile = ImageCms.ImageCmsProfile(io.BytesIO(picture.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)
    if suffix != ".webp":
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_a_pdf_is_a_page_of_its_size_in_print_with_the_profile(tmp_path: Path) -> None:
    data = encoding.encoded(PIXELS, ".pdf", 100)
    assert b"/MediaBox [0 0 144 86.4]" in data
    assert b"/ColorSpace [/ICCBased 6 0 R]" in data
    table = int(data.split(b"startxref\n")[1].split()[0])
    assert data[table:].startswith(b"xref\n0 7\n")
    places = [int(line.split()[0]) for line in data[table:].splitlines()[3:9]]
    assert [data[place : place + 7] for place in places] == [b"%d 0 obj" % number for number in range(1, 7)]


def test_the_same_picture_is_the_same_file_each_day() -> None:
    assert encoding.srgb_profile()[24:36] == b"\x07\xea\0\1\0\1\0\0\0\0\0\0"


@pytest.mark.parametrize(("suffix", "size"), [(".jpg", (70_000, 1)), (".webp", (17_000, 1))])
def test_a_picture_too_large_for_its_format_is_refused_in_one_sentence(suffix: str, size: tuple[int, int]) -> None:
    with pytest.raises(UsageError, match=rf"cannot hold {size[0]} x 1 pixels .*\.png can"):
        encoding.encoded(np.zeros((size[1], size[0], 3), np.uint8), suffix, 300)


def test_an_ending_that_is_no_format_is_refused() -> None:
    with pytest.raises(UsageError, match=r"\.xcf: a picture can be written as \.png, "):
        encoding.encoded(PIXELS, ".xcf", 300)
