"""Any pictures: `palette` and `card`."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .. import config as settings
from ..errors import UsageError
from ..model import Palette
from . import sources
from .output import check_target, deliver, each, shows_colors, write_result
from .shared import Command, add_force, add_palette_options, file_name, palette_options, swatch_format
from .sources import Source

if TYPE_CHECKING:
    from ..export.formats import Format


def palette(arguments: Namespace) -> int:
    """`palette`."""
    from ..export import formats, text
    from ..picture.stills import palette_of

    options = palette_options(settings.load(), arguments)
    pictures = sources.found(arguments.images)
    output = Path(arguments.output) if arguments.output else None
    form = swatch_format(arguments.format, output) if arguments.format or output else formats.find("text")
    folder = _folder(arguments.output, pictures, form)
    if output is not None and folder is None:
        check_target(output, sources.paths(pictures), force=arguments.force)

    def extract(source: Source) -> tuple[Source, Palette]:
        swatches, _ = palette_of(source.read().rgb, options=options)
        return source, swatches

    palettes, code = each(pictures, extract)
    groups = [formats.Group(source.name, swatches) for source, swatches in palettes]
    if folder is not None:
        names = sources.file_names([source for source, _ in palettes], form.extension)
        for name in names:
            check_target(folder / name, sources.paths(pictures), force=arguments.force)
        for name, group in zip(names, groups, strict=True):
            deliver(form.encode([group], Path(name).stem), folder / name)
    elif groups and form.name == "text" and output is None:
        print(text.table(groups, color=shows_colors()), end="")
    elif groups:
        deliver(form.encode(groups, palettes[0][0].stem), output)
    return code


def card(arguments: Namespace) -> int:
    """`card`."""

    from ..drawing import card, fonts
    from ..drawing.style import PRINT_DPI
    from ..picture import encoding
    from ..picture.stills import palette_of

    config = settings.load()
    options = palette_options(config, arguments)
    pictures = sources.found(arguments.images)
    names = sources.file_names(pictures, ".png")
    if Path(arguments.output).is_file():
        raise UsageError(f"{arguments.output}: is a file; name a folder")
    targets = [Path(arguments.output) / name for name in names]
    for target in targets:
        check_target(target, sources.paths(pictures), force=arguments.force)

    def draw(pair: tuple[Source, Path]) -> Path:
        source, target = pair
        rgb = source.read().rgb
        swatches, box = palette_of(rgb, options=options)
        picture = card.draw(rgb, swatches, config.card, source.stem, fonts.typesetter(), box)
        write_result(target, encoding.png_bytes(picture, PRINT_DPI))
        return target

    cards, code = each(list(zip(pictures, targets, strict=True)), draw)
    for path in cards:
        print(path)
    return code


def _folder(output: str | None, pictures: Sequence[Source], form: "Format") -> Path | None:
    """The folder that gets a file a picture; None where all goes into one file, or to standard output."""
    apart = len(pictures) > 1 and not form.holds_groups
    if not output:
        if apart:
            raise UsageError(f"--format {form.name} holds one palette a file: name a folder for them with -o FOLDER/")
        return None
    named_so = output.endswith(("/", os.sep))
    return Path(output) if apart or named_so or Path(output).is_dir() else None


def _palette_words(parser: ArgumentParser) -> None:
    from ..export.formats import FORMATS

    sources.add_sources(parser)
    add_palette_options(parser)
    parser.add_argument("--format", metavar="F", help=f"{', '.join(FORMATS)} (default: text, or by the ending of FILE)")
    parser.add_argument("-o", "--output", type=file_name, metavar="FILE", help="a file, or FOLDER/ for one a picture")
    add_force(parser)


def _card_words(parser: ArgumentParser) -> None:
    sources.add_sources(parser)
    add_palette_options(parser)
    parser.add_argument("-o", "--output", type=file_name, metavar="DIR", required=True, help="folder for the cards")
    add_force(parser)


COMMANDS = {"palette": Command(palette, _palette_words), "card": Command(card, _card_words)}
