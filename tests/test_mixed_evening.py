"""A mixed evening: films of every kind in a real VLC, one after the other, each still compared with the screen."""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from cinepalette.color import difference, hdr, spaces
from daemon_process import DaemonProcess, wait_for
from PIL import Image
from real_vlc import VLC, Desktop, coded
from skimage import data

WIDE = np.linalg.inv(hdr.SRGB_FROM_BT2020)
# Clockwise by a quarter, as the track header of MP4 has it.
QUARTER = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
SUBTITLE = "1\n00:00:00,100 --> 00:00:59,000\nA LINE THAT NOBODY WANTS\n"


@dataclass(frozen=True)
class Evening:
    """What the viewer saw and what was kept of it, by the film's name."""

    screens: dict[str, np.ndarray]
    """The film's part of the screen as the key was pressed, uint8 (height, width, 3)."""
    stills: dict[str, np.ndarray]
    """The still, brought to the size that it had on the screen."""
    sizes: dict[str, tuple[int, int]]
    """Of the stills, (width, height)."""
    collage: np.ndarray
    session: dict
    maps_hdr: bool
    """Whether this VLC brings HDR to the screen; one built without libplacebo shows its code values, and says so."""


def scaled(rgb: np.ndarray, width: int, height: int) -> np.ndarray:
    way = cv2.INTER_AREA if width < rgb.shape[1] else cv2.INTER_LINEAR
    return cv2.resize(rgb, (width, height), interpolation=way)


def picture(width: int, height: int) -> np.ndarray:
    return scaled(data.astronaut(), width, height)


def as_pq(rgb: np.ndarray) -> np.ndarray:
    """HDR10 whose diffuse white is the white of the picture, R'G'B' 0-255."""
    return 255 * hdr.pq_from_light(spaces.linear_from_srgb(rgb.astype(float)) @ WIDE.T * hdr.WHITE)


def woven(rgb: np.ndarray, number: int) -> np.ndarray:
    """Two fields of a picture that moves on between them."""
    first, second = (np.roll(rgb, 8 * number + step, axis=1) for step in (0, 4))
    first[1::2] = second[1::2]
    return first


def write(
    path: Path,
    frames: Sequence[np.ndarray],
    matrix: str,
    tags: tuple[int, int, int],
    aspect: int | Fraction = 1,
    **more,
) -> Path:
    """The frames over and over for 20 s; `tags` are matrix, transfer and primaries as in ISO/IEC 23091-2."""
    height, width = frames[0].shape[:2]
    planes = [coded(frame, matrix) for frame in frames]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=25, options={"preset": "ultrafast", "crf": "4", "g": "25", **more}
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.colorspace, context.color_trc, context.color_primaries = tags
        context.color_range = 1
        context.sample_aspect_ratio = Fraction(aspect)
        for number in range(500):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(planes[number % len(planes)], format="yuv420p")))
        container.mux(stream.encode(None))
    return path


def write_films(folder: Path) -> list[Path]:
    sd = write(folder / "SD.mkv", [picture(720, 576)], "bt601", (5, 6, 5), Fraction(64, 45))
    sd.with_suffix(".srt").write_text(SUBTITLE)
    # 853 pixels wide on the screen, of which VLC cannot write planes.
    dvd = write(folder / "DVD.mkv", [picture(720, 480)], "bt601", (6, 6, 6), Fraction(32, 27))
    high = write(folder / "High.mkv", [picture(1280, 720)], "bt709", (1, 1, 1))
    phone = write(folder / "Phone.mp4", [np.rot90(picture(360, 640))], "bt709", (1, 1, 1))
    held = bytearray(phone.read_bytes())
    matrix_at = held.index(b"tkhd") + 44
    held[matrix_at : matrix_at + len(QUARTER)] = QUARTER
    phone.write_bytes(held)
    barred = np.zeros((480, 640, 3), np.uint8)
    barred[60:420] = picture(640, 360)
    letterboxed = write(folder / "Letterboxed.mkv", [barred], "bt601", (6, 6, 6))
    fields = [woven(picture(640, 480), number) for number in range(40)]
    interlaced = write(
        folder / "Interlaced.mkv", fields, "bt601", (6, 6, 6), flags="+ilme+ildct", **{"x264-params": "tff=1"}
    )
    high_dynamic = write(folder / "HDR.mkv", [as_pq(picture(1280, 720))], "bt2020", (9, 16, 9))
    return [sd, dvd, high, phone, letterboxed, interlaced, high_dynamic]


def soft(rgb: np.ndarray) -> np.ndarray:
    """Without the finest detail, which two ways of scaling do not share."""
    return cv2.GaussianBlur(rgb, (0, 0), 2)


def off(rgb: np.ndarray, other: np.ndarray) -> np.ndarray:
    """CIEDE2000 of each pixel."""
    return difference.delta_e_2000(spaces.lab_from_srgb(soft(rgb)), spaces.lab_from_srgb(soft(other)))


def combs(rgb: np.ndarray) -> float:
    """How far rows lie from the mean of their neighbors."""
    gray = rgb.astype(float).mean(axis=2)
    return float(np.abs(gray[1:-1] - (gray[:-2] + gray[2:]) / 2).mean())


def still_of(daemon: DaemonProcess, film: Path) -> np.ndarray:
    """The one still of a film, once it is there."""
    (path,) = wait_for(lambda: list(daemon.output.glob(f"{film.stem} 20*/stills/*.png")), f"the still of {film.stem}")
    return np.asarray(Image.open(path).convert("RGB"))


def place_on(screen: tuple[int, int], size: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of the screen, (width, height), that a film of that size fills."""
    scale = min(screen[0] / size[0], screen[1] / size[1])
    width, height = round(size[0] * scale), round(size[1] * scale)
    left, top = (screen[0] - width) // 2, (screen[1] - height) // 2
    return slice(top, top + height), slice(left, left + width)


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    folder = tmp_path_factory.mktemp("evening")
    films = write_films(folder)
    screens, stills, sizes = {}, {}, {}
    # VLC's default output shows the colors of HD as they are.
    lines = {"vout": "any", "sub-autodetect-file": "1"}
    with Desktop() as desktop, VLC(desktop, *films, vlcrc=lines) as vlc:
        daemon = DaemonProcess(folder / "daemon", vlc.inbox)
        try:
            daemon.start()
            vlc.wait_playing()
            desktop.press("f")
            for number, film in enumerate(films):
                if number:
                    vlc.rc("next")
                wait_for(lambda film=film: film.stem in vlc.rc("get_title"), f"the film {film.stem}")
                wait_for(lambda: vlc.time_s() >= 1, "the film to play")
                vlc.rc("pause")
                screen = settled(desktop)
                desktop.press("shift+c")
                still = still_of(daemon, film)
                sizes[film.stem] = still.shape[1], still.shape[0]
                screens[film.stem] = screen[place_on(desktop.size, sizes[film.stem])]
                stills[film.stem] = scaled(still, *screens[film.stem].shape[1::-1])
                vlc.rc("pause")
            vlc.kill()
            maps_hdr = "support for libplacebo" not in vlc.log()
            daemon.wait_until_kept()
        finally:
            daemon.stop()
        first, *others = (session.name for session in daemon.sessions())
        for other in others:
            merged = daemon.run("merge", "--session", first, other)
            assert merged.returncode == 0, merged.stderr
        collage = np.asarray(Image.open(daemon.output / first / "collage.png").convert("RGB"))
        session = json.loads((daemon.output / first / "session.json").read_text(encoding="utf-8"))
        return Evening(screens, stills, sizes, collage, session, maps_hdr)


def settled(desktop: Desktop) -> np.ndarray:
    """The screen once it stands still."""
    seen: list[np.ndarray] = []

    def same() -> bool:
        seen.append(desktop.peek((0, 0, *desktop.size)))
        return len(seen) > 1 and bool((seen[-1] == seen[-2]).all())

    wait_for(same, "a screen that stands still", step_s=0.2)
    return seen[-1]


@pytest.mark.parametrize("film", ["SD", "DVD", "High", "Phone", "Letterboxed", "Interlaced"])
def test_a_still_looks_as_its_film_did_on_the_screen(evening: Evening, film: str) -> None:
    rows = len(evening.stills[film]) * 3 // 4  # below there may be a subtitle
    difference = off(evening.screens[film][:rows], evening.stills[film][:rows])
    assert np.median(difference) < 1
    # At sharp edges the screen scales colors in another way.
    assert np.percentile(difference, 95) < 3


def test_an_hdr_still_has_the_light_of_its_film(evening: Evening) -> None:
    still = evening.stills["HDR"]
    assert np.median(off(picture(*still.shape[1::-1]), still)) < 3


def test_hdr_differs_from_the_screen_in_its_brightness_alone(evening: Evening) -> None:
    screen, still = evening.screens["HDR"], evening.stills["HDR"]
    if evening.maps_hdr:
        # VLC shows HDR at about a third of the light: the same picture through a darker glass.
        seen, kept = (spaces.linear_from_srgb(soft(each).astype(float)) for each in (screen, still))
        gain = np.median(seen.sum(axis=2) / np.maximum(kept.sum(axis=2), 1e-4))
        expected = spaces.srgb_from_linear(kept * gain).clip(0, 255)
    else:
        # Flat and gray: the code values as they are.
        expected = as_pq(picture(*screen.shape[1::-1]))
    assert np.median(off(screen, np.rint(expected).astype(np.uint8))) < 3


def test_stills_are_upright_and_square(evening: Evening) -> None:
    assert evening.sizes["SD"] == (1024, 576)
    assert evening.sizes["DVD"] == (853, 480)
    assert evening.sizes["Phone"] == (360, 640)
    assert np.median(off(picture(360, 640), cv2.resize(evening.stills["Phone"], (360, 640)))) < 2


def test_the_subtitle_of_the_screen_is_not_in_the_still(evening: Evening) -> None:
    def lower(rgb: np.ndarray) -> np.ndarray:
        return rgb[len(rgb) * 3 // 4 :].astype(int)

    screen, still = evening.screens["SD"], evening.stills["SD"]
    film = picture(*still.shape[1::-1])
    assert (np.abs(lower(screen) - lower(film)).min(axis=2) > 60).sum() > 300
    assert (np.abs(lower(still) - lower(film)).min(axis=2) > 60).sum() < 30


def test_fields_are_made_one_picture_as_on_the_screen(evening: Evening) -> None:
    assert combs(evening.stills["Interlaced"]) < 0.5 * combs(
        woven(picture(*evening.stills["Interlaced"].shape[1::-1]), 0)
    )


def test_all_of_them_make_one_collage(evening: Evening) -> None:
    stills = evening.session["stills"]
    assert len(stills) == 7
    packed = evening.collage.astype(np.uint32) @ (1 << 16, 1 << 8, 1)
    there = np.bincount(packed.ravel(), minlength=1 << 24)
    for still in stills:
        for swatch in still["swatches"]:
            assert there[int(swatch["hex"].lstrip("#"), 16)] > 100
