"""Palettes to look at: SVG, and an HTML table that keeps its colors when pasted into Word, Docs or slides."""

from collections.abc import Sequence
from html import escape

from ..color.names import color_name
from ..model import Swatch, one_line
from .group import Group, percent

_WIDTH = 1000
_SWATCH_HEIGHT = 140
_LABEL_HEIGHT = 36
_CODE_HEIGHT = 28
_GAP = 24
_TEXT_LIMIT = 100


def svg(groups: Sequence[Group], title: str) -> bytes:
    """A row of rectangles for each group with its label over it and the hex codes under it, in sRGB."""
    row = _LABEL_HEIGHT + _SWATCH_HEIGHT + _CODE_HEIGHT + _GAP
    height = row * len(groups)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}" '
        'font-family="system-ui, sans-serif" fill="#333333">',
        f"<title>{_text(title)}</title>",
    ]
    for number, group in enumerate(groups):
        top = number * row
        lines.append(f"<g><title>{_text(group.label)}</title>")
        lines.append(f'<text x="0" y="{top + _LABEL_HEIGHT - 12}" font-size="18">{_text(group.label)}</text>')
        lines += _rectangles(group, top + _LABEL_HEIGHT)
        lines.append("</g>")
    return ("\n".join([*lines, "</svg>"]) + "\n").encode()


def html(groups: Sequence[Group], title: str) -> bytes:
    """A page of tables; Word and PowerPoint read `bgcolor`, Google Docs and browsers the style."""
    parts = [
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{_text(title)}</title>\n</head>',
        '<body style="font-family: Calibri, Arial, sans-serif">',
        f"<h1>{_text(title)}</h1>",
    ]
    for group in groups:
        rows = "\n".join(_row(swatch) for swatch in group.swatches)
        parts.append(
            f'<h2>{_text(group.label)}</h2>\n<table cellspacing="0" cellpadding="6" style="border-collapse: collapse">'
            f"\n<tr>{_headings()}</tr>\n{rows}\n</table>"
        )
    return ("\n".join([*parts, "</body>\n</html>"]) + "\n").encode()


def _rectangles(group: Group, top: int) -> list[str]:
    count = len(group.swatches)
    edges = [round(_WIDTH * index / max(count, 1)) for index in range(count + 1)]
    lines = []
    for swatch, left, right in zip(group.swatches, edges, edges[1:], strict=False):
        # A code is seven characters of about 0.62 of the font's size.
        size = min(16, (right - left) / 4.8)
        lines += [
            f'<rect x="{left}" y="{top}" width="{right - left}" height="{_SWATCH_HEIGHT}" fill="{swatch.hex}">'
            f"<title>{_about(swatch)}</title></rect>",
            f'<text x="{(left + right) / 2:g}" y="{top + _SWATCH_HEIGHT + 20}" font-size="{size:.3g}" '
            f'text-anchor="middle" font-family="monospace">{swatch.hex}</text>',
        ]
    return lines


def _headings() -> str:
    return "".join(f'<th align="left">{heading}</th>' for heading in ("Color", "Hex", "R, G, B", "Share", "Name"))


def _row(swatch: Swatch) -> str:
    cells = (swatch.hex, ", ".join(map(str, swatch.rgb)), percent(swatch.share), color_name(swatch.rgb))
    color = f'<td width="96" bgcolor="{swatch.hex}" style="width: 96px; background-color: {swatch.hex}">&nbsp;</td>'
    return f"<tr>{color}{''.join(f'<td nowrap>{cell}</td>' for cell in cells)}</tr>"


def _about(swatch: Swatch) -> str:
    return f"{color_name(swatch.rgb)} {swatch.hex}, {percent(swatch.share)}"


def _text(text: str) -> str:
    return escape(one_line(text, _TEXT_LIMIT))
