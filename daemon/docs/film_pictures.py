"""The pictures of a whole film, made by the program itself: `python daemon/docs/film_pictures.py`.

No package carries a film that is free and long enough. So one is made here: slow pans over the open pictures that
`pictures.py` names and credits, and Big Buck Bunny's clip between them, one flowing into the next.
"""

import tempfile
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
from cinepalette.drawing import fonts
from cinepalette.film import scenes, sound, stills, whole
from cinepalette.film.draw import canvas, kinds
from cinepalette.film.draw.mount import Pin
from cinepalette.film.record import Sampling
from cinepalette.film.sampling import Crew, sampled
from cinepalette.picture import decoding
from pictures import FILM, HERE, SCIKIT_IMAGE, SCIKIT_LEARN
from PIL import Image

NAME = "Open Pictures.mp4"
SIZE, RATE = (640, 272), 12
SHOWN_S, FADED_S = 9.0, 1.5
MOMENTS_S = (13.0, 41.0, 63.0, 100.0, 131.0, 168.0, 196.0)
"""Stills that a viewer might have taken."""

RUSHES = (
    SCIKIT_IMAGE / "rocket.jpg",
    SCIKIT_LEARN / "china.jpg",
    SCIKIT_IMAGE / "hubble_deep_field.jpg",
    0.3,
    SCIKIT_LEARN / "flower.jpg",
    SCIKIT_IMAGE / "astronaut.png",
    SCIKIT_IMAGE / "coffee.png",
    SCIKIT_IMAGE / "chelsea.png",
    1.9,
    SCIKIT_LEARN / "china.jpg",
    SCIKIT_IMAGE / "rocket.jpg",
    3.5,
    SCIKIT_IMAGE / "coffee.png",
    SCIKIT_LEARN / "flower.jpg",
    SCIKIT_IMAGE / "hubble_deep_field.jpg",
    SCIKIT_IMAGE / "astronaut.png",
    4.8,
    SCIKIT_IMAGE / "chelsea.png",
    SCIKIT_LEARN / "china.jpg",
    0.3,
    SCIKIT_IMAGE / "coffee.png",
    SCIKIT_IMAGE / "rocket.jpg",
    SCIKIT_LEARN / "flower.jpg",
    1.9,
)
"""Pictures, and moments of the clip."""

DRAWINGS = {"river": ("river", (1400, 760)), "ring": ("ring", (820, 820)), "sheet": ("sheet", (1000, 1000))}
"""Kind and size by file name."""

_QUALITY = 88


def main() -> None:
    """Writes the pictures beside this file."""
    with tempfile.TemporaryDirectory() as place, Crew() as crew:
        path = film(Path(place) / NAME)
        record = sampled(path, Sampling(600, exact=True), crew)
        kept = whole.film_only(record)
        material = kinds.Film(
            record.only(kept.mask),
            stills.Frames(path),
            lambda: sound.loudness(path, Path(place)),
            lambda: scenes.scenes(path, crew),
        )
        pins = tuple(Pin(at_s, (), decoding.frame_at(path, at_s).rgb) for at_s in MOMENTS_S)
        for name, (kind, size) in DRAWINGS.items():
            style = kinds.Style(size=size, span_s=kept.span_s, pins=pins if kind == "river" else (), columns=4)
            rgb = canvas.pixels(kinds.drawn(kind, material, style), fonts.typesetter())
            target = HERE / f"{name}.jpg"
            Image.fromarray(rgb).save(target, quality=_QUALITY, subsampling=0, optimize=True)
            print(target, *size, f"{target.stat().st_size / 1000:.0f} kB")


def film(path: Path) -> Path:
    """The film."""
    each, fade = round(SHOWN_S * RATE), round(FADED_S * RATE)
    pans = [pan(rush, number, each + fade) for number, rush in enumerate(RUSHES)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "16", "g": str(RATE)})
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.codec_context.colorspace = 1

        def show(rgb: np.ndarray) -> None:
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            container.mux(stream.encode(frame.reformat(format="yuv420p", dst_colorspace=1)))

        for now, following in pairwise([*pans, pans[-1]]):
            for number in range(fade if now is not pans[0] else 0, each + fade):
                part = max(0.0, (number - each) / fade)
                ahead = following[max(0, number - each)]
                show(cv2.addWeighted(now[number], 1 - part, ahead, part, 0))
        container.mux(stream.encode(None))
    return path


def pan(rush: Path | float, number: int, frames: int) -> list[np.ndarray]:
    """Frames that move slowly over a picture, there and in from another corner each time."""
    rgb = decoding.frame_at(FILM, rush).rgb if isinstance(rush, float) else np.asarray(Image.open(rush).convert("RGB"))
    width, height = SIZE
    scale = max(width / rgb.shape[1], height / rgb.shape[0]) * 1.25
    wide = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    across, down = wide.shape[1] - width, wide.shape[0] - height
    shown = []
    for part in np.linspace(0, 1, frames):
        x = round(across * (part if number % 2 else 1 - part))
        y = round(down * (part if number // 2 % 2 else 1 - part))
        shown.append(np.ascontiguousarray(wide[y : y + height, x : x + width]))
    return shown


if __name__ == "__main__":
    main()
