"""Swatch files: palettes in the formats that other programs read.

Every format takes the same: named palettes and a title. `FORMATS[name].encode(groups, title)` gives the file's bytes.
Sources of the formats' descriptions, and with what each was read back: docs/swatchfiles.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..errors import UsageError
from ..model import Palette, Session, Still
from . import aco, ase, data, gpl, lines, picture, procreate, stylesheet, text
from .group import Group

__all__ = ["FORMATS", "SESSION_FORMATS", "Format", "Group", "find", "group_of", "groups_of"]


@dataclass(frozen=True)
class Format:
    """One kind of swatch file."""

    name: str
    extension: str
    """With its dot."""
    writer: Callable[[Sequence[Group], str], bytes]
    holds_groups: bool = True
    """Whether several palettes in one file stay apart."""
    most: int | None = None
    """Swatches that a file can hold."""

    def encode(self, groups: Sequence[Group], title: str) -> bytes:
        """The file with what it can hold of these palettes; `leaves_out` says what it cannot."""
        return self.writer(self.held(groups), title)

    def held(self, groups: Sequence[Group]) -> Sequence[Group]:
        """As many palettes as fit, whole ones but for a first that is too large itself."""
        kept = list(groups if self.holds_groups else groups[:1])
        if self.most is None:
            return kept
        room = self.most
        for index, group in enumerate(kept):
            if len(group.swatches) > room:
                return kept[:index] or [replace(group, swatches=group.swatches[:room])]
            room -= len(group.swatches)
        return kept

    def leaves_out(self, groups: Sequence[Group]) -> str:
        """One sentence on what does not fit into a file, empty where everything does."""
        kept = self.held(groups)
        swatches, shown = (sum(len(group.swatches) for group in some) for some in (groups, kept))
        if swatches == shown:
            return ""
        if len(kept) == 1 and len(kept[0].swatches) < len(groups[0].swatches):
            return f"{self.name} holds {self.most} swatches a file: the other {swatches - shown} are left out"
        limit = "one palette" if not self.holds_groups else f"{self.most} swatches"
        return f"{self.name} holds {limit} a file: {_palettes(len(groups) - len(kept))} of {len(groups)} left out"


def _palettes(number: int) -> str:
    return "1 palette" if number == 1 else f"{number} palettes"


FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format("text", ".txt", text.encode),
        Format("json", ".json", data.json),
        Format("csv", ".csv", data.csv),
        Format("tsv", ".tsv", data.tsv),
        Format("hex", ".hex", lines.hex_codes),
        Format("ase", ".ase", ase.encode),
        Format("aco", ".aco", aco.encode, most=0xFFFF),
        Format("gpl", ".gpl", gpl.encode),
        Format("procreate", ".swatches", procreate.encode, holds_groups=False, most=procreate.SLOTS),
        Format("css", ".css", stylesheet.css),
        Format("scss", ".scss", stylesheet.scss),
        Format("pal", ".pal", lines.jasc, holds_groups=False, most=lines.JASC_COLORS),
        Format("paintnet", ".txt", lines.paint_net, holds_groups=False, most=lines.PAINT_NET_COLORS),
        Format("coolors", ".url.txt", lines.coolors),
        Format("svg", ".svg", picture.svg),
        Format("html", ".html", picture.html),
    )
}

SESSION_FORMATS = ("json", "ase", "gpl", "csv")
"""What is kept up to date in a session's folder, as `palette` with the format's extension."""


def find(name: str) -> Format:
    """The format of that name; raises `UsageError` that lists them all."""
    try:
        return FORMATS[name]
    except KeyError:
        raise UsageError(f"{name}: is no format; there are {', '.join(FORMATS)}") from None


def groups_of(session: Session, whole: Palette = ()) -> tuple[Group, ...]:
    """The palettes of a session's stills in its order, before them that of the whole session where one is given."""
    first = (Group(session.title, whole),) if whole else ()
    return first + tuple(map(group_of, session.stills))


def group_of(still: Still) -> Group:
    """The palette of a still."""
    return Group(f"{still.n:04} {still.label}".strip(), still.swatches, still.still, still.time_s)
