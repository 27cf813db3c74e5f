"""Stylesheets: CSS custom properties, and SCSS variables with lists and a map."""

from collections.abc import Sequence

from ..color.names import color_name
from ..model import Swatch, one_line
from .group import Group, distinct, identifiers, percent

_TEXT_LIMIT = 200


def css(groups: Sequence[Group], title: str) -> bytes:
    """`--swatch-1: #1f4e4e;` and so on under `:root`; with several groups `--<group>-1`."""
    lines = [_comment(title), ":root {"]
    for group, prefix in zip(groups, _prefixes(groups), strict=True):
        lines.append(f"  {_comment(group.label)}")
        for number, swatch in enumerate(group.swatches, 1):
            lines.append(f"  --{prefix}-{number}: {swatch.hex}; /* {_about(swatch)} */")
    return ("\n".join([*lines, "}"]) + "\n").encode()


def scss(groups: Sequence[Group], title: str) -> bytes:
    """`$swatch-1: #1f4e4e;` and so on, a list for each group, and the map `$palettes` from labels to lists."""
    lines = [f"// {one_line(title, _TEXT_LIMIT)}"]
    prefixes = _prefixes(groups)
    for group, prefix in zip(groups, prefixes, strict=True):
        lines += ["", f"// {one_line(group.label, _TEXT_LIMIT)}"]
        names = [f"${prefix}-{number}" for number in range(1, len(group.swatches) + 1)]
        for name, swatch in zip(names, group.swatches, strict=True):
            lines.append(f"{name}: {swatch.hex}; // {_about(swatch)}")
        # The closing comma makes a list of a single color as well.
        lines.append(f"${prefix}-all: ({''.join(f'{name}, ' for name in names)});".replace(", )", ",)"))
    labels = distinct(one_line(group.label, _TEXT_LIMIT) or "palette" for group in groups)
    entries = [f"  {_quoted(label)}: ${prefix}-all," for label, prefix in zip(labels, prefixes, strict=True)]
    lines += ["", "$palettes: (", *entries, ");"]
    return ("\n".join(lines) + "\n").encode()


def _prefixes(groups: Sequence[Group]) -> list[str]:
    # A digit may not begin a variable's name.
    return ["swatch"] if len(groups) == 1 else [f"swatch-{name}" for name in identifiers(groups)]


def _about(swatch: Swatch) -> str:
    return f"{color_name(swatch.rgb)}, {percent(swatch.share)}"


def _comment(text: str) -> str:
    return f"/* {one_line(text, _TEXT_LIMIT).replace('*/', '* /')} */"


def _quoted(text: str) -> str:
    # `#{` inside a Sass string would run what follows it.
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("#", "\\#")
    return f'"{escaped}"'
