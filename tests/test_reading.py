"""Any picture that a person may drop is read, or refused in one clear sentence."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
from cinepalette.errors import UnreadableImage
from cinepalette.model import Step
from cinepalette.picture import converting, encoding, opening, reading, writing
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

WIDTH, HEIGHT = 70, 50


@pytest.fixture
def rgb() -> np.ndarray:
    """Left half red, right half a ramp of blue: smooth, so that JPEG keeps it, and not gray."""
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[:, : WIDTH // 2] = (200, 60, 40)
    picture[:, WIDTH // 2 :, 2] = np.linspace(80, 250, WIDTH - WIDTH // 2)
    return picture


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".webp", ".jpg"])
def test_each_kind_is_read_the_right_way_round_and_in_rgb(tmp_path: Path, rgb: np.ndarray, suffix: str) -> None:
    path = tmp_path / f"Nausicaä 風の谷{suffix}"
    Image.fromarray(rgb).save(path, quality=100, lossless=True)
    picture = reading.read(path)
    assert picture.rgb.shape == (HEIGHT, WIDTH, 3)
    assert picture.rgb.dtype == np.uint8
    assert np.abs(picture.rgb.astype(int) - rgb).mean() < (2 if suffix == ".jpg" else 0.01)
    assert picture.steps == ()


def test_gray_becomes_rgb_and_is_noted(tmp_path: Path) -> None:
    Image.fromarray(np.full((5, 7), 90, np.uint8)).save(tmp_path / "gray.png")
    picture = reading.read(tmp_path / "gray.png")
    assert (picture.rgb == 90).all()
    assert picture.steps == (Step("converted", said="gray"),)


def test_sixteen_bits_keep_their_brightness(tmp_path: Path, rgb: np.ndarray) -> None:
    cv2.imwrite(str(tmp_path / "deep.png"), rgb[..., ::-1].astype(np.uint16) * 257)
    cv2.imwrite(str(tmp_path / "gray.png"), np.full((5, 7), 90 * 257, np.uint16))
    assert np.abs(reading.read(tmp_path / "deep.png").rgb.astype(int) - rgb).max() <= 1
    assert reading.read(tmp_path / "deep.png").steps == (Step("reduced"),)
    assert (reading.read(tmp_path / "gray.png").rgb == 90).all()


def test_a_wide_row_is_not_taken_for_deep_color(tmp_path: Path) -> None:
    # What VLC writes: four bytes a pixel, of which the last is nothing; a row of 854 has 3416 bytes.
    head = b"BM" + struct.pack("<IHHI", 54 + 3416 * 2, 0, 0, 54)
    head += struct.pack("<IiiHHIIiiII", 40, 854, 2, 1, 32, 0, 3416 * 2, 0, 0, 0, 0)
    (tmp_path / "wide.bmp").write_bytes(head + bytes((40, 60, 200, 0)) * 854 * 2)
    picture = reading.read(tmp_path / "wide.bmp")
    assert (picture.rgb == (200, 60, 40)).all()
    assert picture.steps == ()


def test_transparency_is_laid_on_white_and_noted(tmp_path: Path) -> None:
    pixels = np.zeros((4, 6, 4), np.uint8)
    pixels[:, 3:] = (200, 60, 40, 255)
    Image.fromarray(pixels).save(tmp_path / "glass.png")
    picture = reading.read(tmp_path / "glass.png")
    assert (picture.rgb[:, :3] == 255).all()
    assert (picture.rgb[:, 3:] == (200, 60, 40)).all()
    assert picture.steps == (Step("flattened"),)


def test_an_animation_gives_its_first_frame(tmp_path: Path, rgb: np.ndarray) -> None:
    frames = [Image.fromarray(rgb), Image.fromarray(255 - rgb)]
    frames[0].save(tmp_path / "moving.webp", save_all=True, append_images=frames[1:], lossless=True)
    picture = reading.read(tmp_path / "moving.webp")
    assert np.abs(picture.rgb.astype(int) - rgb).max() <= 1
    assert picture.steps == (Step("first-frame"),)


def test_cmyk_is_converted(tmp_path: Path, rgb: np.ndarray) -> None:
    Image.fromarray(rgb).convert("CMYK").save(tmp_path / "print.tif")
    picture = reading.read(tmp_path / "print.tif")
    assert np.abs(picture.rgb.astype(int) - rgb).max() <= 2
    assert picture.steps == (Step("converted", said="CMYK"),)


def test_a_profile_is_applied(tmp_path: Path, rgb: np.ndarray) -> None:
    lab = ImageCms.createProfile("LAB", 6500)
    srgb = ImageCms.createProfile("sRGB")
    in_lab = ImageCms.profileToProfile(Image.fromarray(rgb), srgb, lab, outputMode="LAB")
    in_lab.save(tmp_path / "lab.tif", icc_profile=ImageCms.ImageCmsProfile(lab).tobytes())
    Image.fromarray(rgb).save(tmp_path / "srgb.png", icc_profile=ImageCms.ImageCmsProfile(srgb).tobytes())
    assert (reading.read(tmp_path / "srgb.png").rgb == rgb).all()


def test_a_broken_profile_is_left_aside(tmp_path: Path, rgb: np.ndarray) -> None:
    Image.fromarray(rgb).save(tmp_path / "odd.png", icc_profile=b"no profile at all")
    picture = reading.read(tmp_path / "odd.png")
    assert (picture.rgb == rgb).all()
    assert picture.steps == (Step("profile-ignored"),)


def test_exif_turns_a_photograph_upright(tmp_path: Path, rgb: np.ndarray) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(rgb).save(tmp_path / "phone.jpg", exif=exif, quality=100)
    picture = reading.read(tmp_path / "phone.jpg")
    assert picture.rgb.shape == (WIDTH, HEIGHT, 3)
    assert picture.steps == (Step("exif-turned"),)


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("text.png", lambda path: path.write_text("not a picture"), "is not a picture"),
        ("empty.png", lambda path: path.write_bytes(b""), "is empty"),
        ("folder.png", lambda path: path.mkdir(), "is a folder, not a picture"),
        ("gone.png", lambda path: None, "cannot be opened"),
        ("bomb.png", lambda path: Image.new("1", (30_000, 30_000)).save(path), "million pixels"),
        ("thread.bmp", lambda path: Image.new("RGB", (2_097_152, 1)).save(path), "at most .* 65535 a side"),
        ("thread.png", lambda path: Image.new("1", (100_000, 1)).save(path), "at most .* 65535 a side"),
        ("pipe.png", lambda path: os.mkfifo(path), "is no file"),
        ("disk.png", lambda path: path.open("wb").truncate(3 << 30), r"has 3\.0 GiB"),
    ],
)
def test_what_is_no_picture_is_refused_with_its_reason(tmp_path: Path, name: str, make: object, reason: str) -> None:
    make(tmp_path / name)
    with pytest.raises(UnreadableImage, match=reason) as caught:
        reading.read(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".webp", ".jpg"])
def test_a_picture_that_is_cut_off_is_refused(tmp_path: Path, rgb: np.ndarray, suffix: str) -> None:
    whole = tmp_path / f"whole{suffix}"
    Image.fromarray(np.tile(rgb, (5, 5, 1))).save(whole)
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(UnreadableImage):
        reading.read(cut)


def test_a_written_picture_is_the_same_to_the_last_bit(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (33, 57, 3), np.uint8)
    writing.write_png(tmp_path / "new" / "noise.png", noise)
    assert (reading.read(tmp_path / "new" / "noise.png").rgb == noise).all()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["noise.png"]


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "session.json"
    writing.write_whole(target, "old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        writing.write_whole(target, "new", durable=True)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_is_open_for_writing_when_it_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Windows refuses to flush it otherwise; a handle that can be written to shows the same here.
    path = tmp_path / "still.png"
    path.write_bytes(b"still")
    monkeypatch.setattr("os.fsync", lambda handle: os.write(handle, b"S"))
    writing.sync_file(path)
    assert path.read_bytes() == b"Still"


def test_macos_is_asked_to_empty_the_disks_own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("fcntl.F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr("fcntl.fcntl", lambda handle, command: asked.append(command))
    writing.write_whole(tmp_path / "session.json", "new", durable=True)
    assert asked == [51]


# ------------------------------------------------------------------ what is let in, and how much of it


def test_a_file_that_would_start_a_program_is_no_picture(tmp_path: Path) -> None:
    """An EPS named x.png: Pillow would have Ghostscript run it."""
    (tmp_path / "x.png").write_text(
        "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n{} loop\n%%EOF\n"
    )
    with pytest.raises(UnreadableImage, match="is not a picture"):
        reading.read(tmp_path / "x.png")


@pytest.mark.parametrize("suffix", [".gif", ".avif", ".heic", ".jp2", ".ppm"])
def test_more_kinds_are_read(tmp_path: Path, rgb: np.ndarray, suffix: str) -> None:
    path = tmp_path / f"picture{suffix}"
    if suffix == ".heic":
        pillow_heif.from_pillow(Image.fromarray(rgb)).save(path, quality=-1)
    else:
        Image.fromarray(rgb).save(path)
    assert np.abs(reading.read(path).rgb.astype(int) - rgb).mean() < 4
    assert suffix in {".jp2", ".ppm"} or suffix in reading.SUFFIXES


def test_a_profile_is_judged_by_what_it_does_and_not_by_its_name(tmp_path: Path, rgb: np.ndarray) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert "sRGB".encode("utf-16-be") in profile
    # Its red lies where green does: nothing that is sRGB.
    swapped = profile.replace(b"rXYZ", b"qXYZ").replace(b"gXYZ", b"rXYZ").replace(b"qXYZ", b"gXYZ")
    Image.fromarray(rgb).save(tmp_path / "odd.png", icc_profile=swapped)
    picture = reading.read(tmp_path / "odd.png")
    assert [step.step for step in picture.steps] == ["profiled"]
    assert np.abs(picture.rgb.astype(int) - rgb).max() > 50


@pytest.mark.parametrize("orientation", range(2, 9))
def test_each_orientation_is_turned_as_pillow_turns_it(tmp_path: Path, rgb: np.ndarray, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(rgb).save(tmp_path / "phone.png", exif=exif)
    with Image.open(tmp_path / "phone.png") as image:
        wanted = np.asarray(ImageOps.exif_transpose(image))
    assert (reading.read(tmp_path / "phone.png").rgb == wanted).all()


@pytest.mark.parametrize("kind", ["png", "gray.png", "tif", "jpg", "webp"])
def test_a_picture_larger_than_is_kept_is_scaled_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    x, y = np.meshgrid(np.linspace(0, 255, 1200), np.linspace(0, 255, 800))
    pixels = np.dstack([x, y, 255 - x]).astype(np.uint8)
    options = {"tif": {"tiffinfo": {278: 16}}, "jpg": {"quality": 95}, "webp": {"lossless": True}}.get(kind, {})
    path = tmp_path / f"large.{kind}"
    Image.fromarray(pixels[..., 0] if "gray" in kind else pixels).save(path, **options)
    monkeypatch.setattr(reading, "_MOST_KEPT_PIXELS", 250_000)
    picture = reading.read(path)
    assert picture.rgb.shape == (408, 612, 3)
    assert picture.steps[0] == Step("scaled", said="1200 x 800")
    wanted = cv2.resize(pixels, (612, 408), interpolation=cv2.INTER_AREA).astype(int)
    wanted = wanted[..., :1].repeat(3, axis=2) if "gray" in kind else wanted
    assert np.abs(picture.rgb.astype(int) - wanted).mean() < 2


_DECODES_LARGE = """
import pathlib, re, sys
from cinepalette.picture import reading

def memory_mb(what):
    return int(re.search(what + r":\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) / 1024

reading._MOST_KEPT_PIXELS = 250_000
picture = pathlib.Path(sys.argv[1]).read_bytes()
reading.decode(picture)
large = picture + bytes(100 * 1024 * 1024)
pathlib.Path("/proc/self/clear_refs").write_text("5")
before = memory_mb("VmRSS")
reading.decode(large)
print(memory_mb("VmHWM") - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux counts how much memory was taken at most")
def test_the_bytes_of_a_large_picture_are_in_memory_once(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((800, 1200, 3), np.uint8)).save(tmp_path / "large.png")
    words = [sys.executable, "-c", _DECODES_LARGE, str(tmp_path / "large.png")]
    printed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert float(printed) < 60


def test_a_large_picture_that_is_cut_off_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (800, 1200, 3), np.uint8)
    data = encoding.png_bytes(noise)
    (tmp_path / "cut.png").write_bytes(data[: len(data) // 2])
    monkeypatch.setattr(reading, "_MOST_KEPT_PIXELS", 250_000)
    with pytest.raises(UnreadableImage, match="damaged or cut off"):
        reading.read(tmp_path / "cut.png")


def test_a_large_picture_that_cannot_be_read_row_by_row_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.fromarray(np.zeros((800, 1200, 3), np.uint8)).save(tmp_path / "large.gif")
    monkeypatch.setattr(reading, "_MOST_KEPT_PIXELS", 250_000)
    with pytest.raises(UnreadableImage, match="1200 x 800 pixels, which is too large for GIF"):
        reading.read(tmp_path / "large.gif")


def test_a_picture_whose_decoder_takes_much_memory_is_read_with_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (80, 120, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.webp", lossless=True)
    monkeypatch.setattr(reading, "_BUDGET_BYTES", 15 * 80 * 120)
    monkeypatch.setattr(converting, "converted", lambda _: pytest.fail("with Pillow it is in memory four times"))
    assert (reading.read(tmp_path / "a.webp").rgb == pixels).all()


def test_a_large_picture_is_written_to_the_last_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_LARGE_PIXELS", 1000)
    noise = np.random.default_rng(1).integers(0, 256, (133, 57, 3), np.uint8)
    writing.write_png(tmp_path / "new" / "noise.png", noise)
    assert (reading.read(tmp_path / "new" / "noise.png").rgb == noise).all()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["noise.png"]
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(OSError, match="directory"):
        writing.write_png(tmp_path / "folder.png", noise)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.png", "new"]


def test_pictures_that_begin_and_end_alike_are_different_ones(tmp_path: Path) -> None:
    """As letterboxed stills do: black above and below, and all that differs in the middle."""
    for number in (0, 1):
        frame = np.zeros((2000, 40, 3), np.uint8)
        frame[1000] = 100 + number
        Image.fromarray(frame).save(tmp_path / f"{number}.bmp")
    prints = {opening.read(tmp_path / f"{number}.bmp", reading.MAX_BYTES).fingerprint for number in (0, 1)}
    assert len(prints) == 2


def test_a_damaged_avif_is_refused_like_any_other(tmp_path: Path, rgb: np.ndarray) -> None:
    Image.fromarray(rgb).save(tmp_path / "cut.avif")
    data = (tmp_path / "cut.avif").read_bytes()
    (tmp_path / "cut.avif").write_bytes(data[:-40])
    with pytest.raises(UnreadableImage, match="damaged or cut off"):
        reading.read(tmp_path / "cut.avif")


def test_a_png_of_sixty_bytes_takes_no_two_gigabytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that a part of it has 2 GB; OpenCV made room for them before it looked."""
    data = writing.png_bytes(np.zeros((18, 24, 3), np.uint8))
    at = data.index(b"IDAT") - 4
    (tmp_path / "liar.png").write_bytes(data[:at] + b"\x7f\xff\xff\xff" + data[at + 4 :][:20])
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("OpenCV must not see it"))
    with pytest.raises(UnreadableImage, match="damaged or cut off"):
        reading.read(tmp_path / "liar.png")


def test_the_orientation_of_a_large_png_is_found_without_decoding_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.zeros((800, 1200, 3), np.uint8)).save(tmp_path / "large.png", exif=exif)
    monkeypatch.setattr(reading, "_MOST_KEPT_PIXELS", 250_000)
    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", lambda _: pytest.fail("all of it in memory"))
    picture = reading.read(tmp_path / "large.png")
    assert picture.rgb.shape == (612, 408, 3)
    assert picture.steps[-1] == Step("exif-turned")
