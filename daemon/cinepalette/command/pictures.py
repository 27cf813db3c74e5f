"""Any pictures: `palette` and `card`."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from .. import config as settings
from ..errors import UsageError
from ..model import Palette
from .output import deliver, distinct, each, refuse_inputs, shows_colors
from .shared import add_palette_options, add_pictures, palette_options, swatch_format
from .table import Command


def palette(arguments: Namespace) -> int:
    """`palette`."""
    from ..export import formats, text
    from ..palette import extraction
    from ..picture import letterbox, reading

    config = settings.load()
    options = palette_options(config, arguments)
    output: Path | None = arguments.output
    found = swatch_format(arguments.format, output) if arguments.format or output else formats.find("text")
    many = len(arguments.images) > 1
    folder = output if output is not None and (output.is_dir() or (many and not found.holds_groups)) else None
    if many and not found.holds_groups and output is None:
        raise UsageError(f"--format {found.name} holds one palette a file: name a folder for them with -o FOLDER")
    if output is not None and folder is None:
        refuse_inputs(output, arguments.images)

    def extract(path: Path) -> tuple[Path, Palette]:
        rgb = reading.read(path).rgb
        return path, extraction.extract(rgb, box=letterbox.picture_box(rgb, []), options=options)

    palettes, code = each(arguments.images, extract)
    groups = [formats.Group(str(path), swatches) for path, swatches in palettes]
    if folder is not None:
        for name, group in zip(distinct([path for path, _ in palettes], found.extension), groups, strict=True):
            refuse_inputs(folder / name, arguments.images)
            deliver(found.encode([group], Path(group.label).stem), folder / name)
    elif groups and found.name == "text" and output is None:
        print(text.table(groups, color=shows_colors()), end="")
    elif groups:
        deliver(found.encode(groups, Path(groups[0].label).stem), output)
    return code


def card(arguments: Namespace) -> int:
    """`card`."""
    import numpy as np

    from ..drawing import card
    from ..palette import extraction
    from ..picture import letterbox, reading, writing

    config = settings.load()
    options = palette_options(config, arguments)
    names = dict(zip(arguments.images, distinct(arguments.images, ".png"), strict=True))

    def draw(path: Path) -> Path:
        rgb = reading.read(path).rgb
        swatches = extraction.extract(rgb, box=letterbox.picture_box(rgb, []), options=options)
        target: Path = arguments.output / names[path]
        refuse_inputs(target, arguments.images)
        writing.write_png(target, np.asarray(card.draw(rgb, swatches, config.card)))
        return target

    cards, code = each(arguments.images, draw)
    for path in cards:
        print(path)
    return code


def _palette_words(parser: ArgumentParser) -> None:
    from ..export.formats import FORMATS

    add_pictures(parser)
    add_palette_options(parser)
    parser.add_argument("--format", metavar="F", help=f"{', '.join(FORMATS)} (default: text, or by the ending of FILE)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="a file, or a folder for a file a picture")


def _card_words(parser: ArgumentParser) -> None:
    add_pictures(parser)
    add_palette_options(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", required=True, help="folder for the cards")


COMMANDS = {"palette": Command(palette, _palette_words), "card": Command(card, _card_words)}
