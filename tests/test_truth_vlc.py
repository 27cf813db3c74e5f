"""True colors, measured: films of known patches played in a real VLC, shot with the real key.

Run by itself this file prints the table of `daemon/docs/color.md`.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import pytest
from cinepalette.color import difference, hdr, spaces
from cinepalette.inbox.sidecar import sidecar_from
from cinepalette.picture import planes, reading, truth
from real_vlc import VLC, Desktop, wait_for

COLUMNS, ROWS = 6, 3
COLORS = np.array(
    [
        *[(200, 60, 40), (40, 160, 60), (30, 60, 180), (235, 225, 205), (40, 40, 46), (128, 128, 128)],
        *[(120, 80, 60), (90, 120, 150), (60, 90, 50), (200, 150, 30), (150, 60, 120), (40, 110, 120)],
        *[(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255), (255, 0, 255)],
    ],
    float,
)
SATURATED = slice(12, 18)
WIDE = np.linalg.inv(hdr.SRGB_FROM_BT2020)


def as_coded(rgb):
    return rgb / 255


def as_wide(rgb):
    """For a display of gamma 2.4 with BT.2020 primaries."""
    return ((rgb / 255) ** hdr.SDR_GAMMA @ WIDE.T) ** (1 / hdr.SDR_GAMMA)


def as_pq(rgb):
    return hdr.pq_from_light(spaces.linear_from_srgb(rgb) @ WIDE.T * hdr.WHITE)


def as_hlg(rgb):
    """Rec. ITU-R BT.2100-2, table 5: the inverse OOTF, then the OETF."""
    light = spaces.linear_from_srgb(rgb) @ WIDE.T * hdr.WHITE / hdr.HLG_PEAK
    scene = light * np.maximum(light @ hdr.BT2020_LUMINANCE, 1e-9)[:, None] ** (1 / 1.2 - 1)
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), a * np.log(np.maximum(12 * scene - b, 1e-9)) + c)


@dataclass(frozen=True)
class Kind:
    """A kind of film."""

    name: str
    size: tuple[int, int] = (1280, 720)
    matrix: str = "bt709"
    tags: tuple[int, int, int] = (2, 2, 2)
    """Matrix, transfer and primaries as in ISO/IEC 23091-2; 2 is untold."""
    full: bool = False
    bits: int = 8
    signal: object = field(default=as_coded)
    pixels: str = "420"
    aspect: str | None = None
    is_hdr: bool = False


KINDS = [
    Kind("SD 525 untagged", (720, 480), "bt601"),
    Kind("SD 625 16 by 9", (720, 576), "bt601", (5, 6, 5), aspect="64/45"),
    Kind("SD full range", (720, 480), "bt601", (6, 6, 6), full=True),
    Kind("HD 709", tags=(1, 1, 1)),
    Kind("HD untagged"),
    Kind("HD tagged 601", matrix="bt601", tags=(6, 6, 6)),
    Kind("HD full range", tags=(1, 1, 1), full=True),
    Kind("HD 10 bit", tags=(1, 1, 1), bits=10),
    Kind("HD 444", tags=(1, 1, 1), pixels="444"),
    Kind("HD RGB", pixels="rgb"),
    Kind("BT2020 SDR", matrix="bt2020", tags=(9, 14, 9), bits=10, signal=as_wide),
    Kind("HDR PQ", matrix="bt2020", tags=(9, 16, 9), bits=10, signal=as_pq, is_hdr=True),
    Kind("HDR HLG", matrix="bt2020", tags=(9, 18, 9), bits=10, signal=as_hlg, is_hdr=True),
]


def patches(colors: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A picture of the patches, (height, width, 3)."""
    width, height = size
    column, row = np.arange(width) * COLUMNS // width, np.arange(height) * ROWS // height
    return colors[row[:, None] * COLUMNS + column]


def measured(rgb: np.ndarray) -> np.ndarray:
    """The mean color of the middle of each patch, (n, 3)."""
    height, width = rgb.shape[0] / ROWS, rgb.shape[1] / COLUMNS
    return np.array(
        [
            rgb[int((y + 0.3) * height) : int((y + 0.7) * height), int((x + 0.3) * width) : int((x + 0.7) * width)]
            .reshape(-1, 3)
            .mean(axis=0)
            for y in range(ROWS)
            for x in range(COLUMNS)
        ]
    )


def write(folder: Path, kind: Kind) -> Path:
    """20 s of the patches, without loss."""
    path = folder / f"{kind.name}.mkv"
    unit = 2 ** (kind.bits - 8)
    if kind.pixels == "rgb":
        codec, pix_fmt = "libx264rgb", "bgr24"
        picture = patches(COLORS[:, ::-1].astype(np.uint8), kind.size)
    else:
        codec = "libx264"
        pix_fmt = f"yuv{'j' if kind.full else ''}{kind.pixels}p{'10le' if kind.bits == 10 else ''}"
        span, black = ([255] * 3, 0) if kind.full else ([219, 224, 224], 16)
        ycbcr = kind.signal(COLORS) @ truth.ycbcr_from_rgb(kind.matrix).T
        codes = np.rint(((ycbcr * span) + [black, 128, 128]) * unit).clip(0, 256 * unit - 1)
        picture = patches(codes.astype(np.uint8 if unit == 1 else np.uint16), kind.size)
    with av.open(str(path), "w") as container:
        options = {"qp": "0", "preset": "ultrafast", "g": "10"}
        stream = container.add_stream(codec, rate=10, options=options)
        stream.width, stream.height = kind.size
        stream.pix_fmt = pix_fmt
        context = stream.codec_context
        context.colorspace, context.color_trc, context.color_primaries = kind.tags
        if kind.pixels != "rgb":
            context.color_range = 2 if kind.full else 1
        if kind.aspect:
            context.sample_aspect_ratio = Fraction(kind.aspect)
        frame = av.VideoFrame(*kind.size, pix_fmt)
        if kind.pixels == "rgb":
            planes = [picture.reshape(kind.size[1], -1)]
        else:
            step = 1 if kind.pixels == "444" else 2
            planes = [picture[..., 0], picture[::step, ::step, 1], picture[::step, ::step, 2]]
        for plane, data in zip(frame.planes, planes, strict=True):
            raw = np.ascontiguousarray(data)
            rows = np.zeros((plane.height, plane.line_size), np.uint8)
            raw = raw.view(np.uint8).reshape(plane.height, -1)
            rows[:, : raw.shape[1]] = raw
            plane.update(rows.tobytes())
        for number in range(200):
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@dataclass(frozen=True)
class Shot:
    """What came of one film."""

    colors: np.ndarray
    """Of the patches."""
    shape: tuple[int, ...]
    codes: np.ndarray | None = None
    """The patches in Y'CbCr as VLC handed them over; of planes alone."""

    @property
    def off(self) -> np.ndarray:
        """CIEDE2000 of each patch."""
        return difference.delta_e_2000(spaces.lab_from_srgb(self.colors), spaces.lab_from_srgb(COLORS))

    @property
    def turned(self) -> np.ndarray:
        """Degrees of hue of each patch that has one."""
        found, true = (
            np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) for lab in map(spaces.oklab_from_srgb, (self.colors, COLORS))
        )
        return np.abs((found - true + 180) % 360 - 180)[np.ptp(COLORS, axis=1) > 40]


def shoot_all(desktop: Desktop, folder: Path, form: str, *, corrected: bool = True) -> dict[str, Shot]:
    """Plays every kind of film in one VLC, which hands over its stills in one form."""
    shots = {}
    paths = [write(folder, kind) for kind in KINDS]
    with VLC(desktop, *paths, settings={"formats": [form]}) as vlc:
        vlc.wait_playing()
        for number, kind in enumerate(KINDS):
            if number:
                vlc.rc("next")
            wait_for(lambda kind=kind: kind.name in vlc.rc("get_title"), f"the film {kind.name}", 30, 0.05)
            wait_for(lambda: vlc.time_s() >= 1, "the film to play", 30, 0.05)
            desktop.press("shift+c")
            still = vlc.wait_stills(number + 1)[-1]
            found = sidecar_from(vlc.sidecar(still))
            sidecar, notes = found.sidecar, found.notes
            assert sidecar.title == kind.name and not notes
            codes = None
            if form == "pgmyuv":
                handed_over = reading.read_planes(still)
                codes = measured(planes.ycbcr(handed_over))
                rgb, _ = truth.from_planes(handed_over, sidecar)
            else:
                rgb = reading.read(still).rgb
                if corrected:
                    rgb, _ = truth.corrected(rgb, sidecar)
            shots[kind.name] = Shot(measured(rgb), rgb.shape, codes)
    return shots


@pytest.fixture(scope="module")
def shots(tmp_path_factory) -> dict[str, Shot]:
    with Desktop() as desktop:
        return shoot_all(desktop, tmp_path_factory.mktemp("films"), "pgmyuv")


def rounds_up(kind: Kind, shot: Shot) -> bool:
    """Whether this VLC makes limited range of full range with the next color above, and not with the nearest.

    The swscale of FFmpeg 8 does so; what that costs is lost before we see it.
    """
    chroma = (COLORS / 255 @ truth.ycbcr_from_rgb(kind.matrix).T)[:, 1:]
    full = np.rint(chroma * 255 + 128).clip(0, 255)
    above = shot.codes[:, 1:] - ((full - 128) * 224 / 255 + 128)
    return bool(above.min() > -0.1 and above.max() < 1 and above.mean() > 0.25)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.is_hdr], ids=lambda kind: kind.name)
def test_a_still_has_the_colors_of_the_film(shots, kind):
    # VLC makes limited range of full range, which rounds once more.
    most = 1.0 if not kind.full else 2.0 if rounds_up(kind, shots[kind.name]) else 1.1
    assert shots[kind.name].off.max() <= most


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.is_hdr], ids=lambda kind: kind.name)
def test_hdr_keeps_hues_and_what_is_below_the_highlights(shots, kind):
    shot = shots[kind.name]
    assert shot.turned.max() <= 5
    dim = COLORS.max(axis=1) <= 160
    assert shot.off[dim].max() <= 2
    lightness = spaces.oklab_from_srgb(shot.colors)[[4, 5, 3], 0]
    assert (np.diff(lightness) > 0).all()


def test_anamorphic_video_comes_with_square_pixels(shots):
    assert shots["SD 625 16 by 9"].shape == (576, 1024, 3)


def table(kinds_of_shots: list[dict[str, Shot]]) -> str:
    """A row for each film: VLC's picture as it is, the same corrected, and the planes."""
    lines = []
    for name in kinds_of_shots[0]:
        cells = [name]
        for shot in (shots[name] for shots in kinds_of_shots):
            muted, strong = np.delete(shot.off, SATURATED), shot.off[SATURATED]
            cells.append(f"{muted.mean():.1f} / {muted.max():.1f} / {strong.max():.1f} / {shot.turned.max():.0f}°")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    with Desktop() as screen, TemporaryDirectory() as films:
        Path(films).chmod(0o755)
        as_saved = shoot_all(screen, Path(films), "bmp", corrected=False)
        from_bmp = shoot_all(screen, Path(films), "bmp")
        from_planes = shoot_all(screen, Path(films), "pgmyuv")
        print(table([as_saved, from_bmp, from_planes]))
