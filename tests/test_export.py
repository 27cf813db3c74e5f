"""Swatch files, each read back by a reader that is not ours: a kept library, or one written here from the format's
published description (daemon/docs/swatchfiles.md names them)."""

import colorsys
import csv
import html.parser
import io
import json
import re
import struct
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sass
import swatch as swatch_library
import tinycss2
from cinepalette.color.names import color_name
from cinepalette.errors import UsageError
from cinepalette.export import formats, group
from cinepalette.export.formats import FORMATS, Group
from cinepalette.model import Session, Still, Swatch, one_line
from hypothesis import given, settings, strategies
from PIL.GimpPaletteFile import GimpPaletteFile

TEAL, ROSE, WHITE, BLACK = (31, 78, 78), (250, 2, 128), (255, 255, 255), (0, 0, 0)
FIRST = Group(
    "0001 00:41:07",
    (Swatch(TEAL, 0.5, (0.25, 0.75)), Swatch(ROSE, 0.3), Swatch(WHITE, 0.2)),
    "stills/0001 00h41m07s.png",
    2467.125,
)
SECOND = Group("風の谷のナウシカ", (Swatch(BLACK, 1.0),))
COLORS = [[TEAL, ROSE, WHITE], [BLACK]]
NAMED = [[f"{color_name(rgb)} #{bytes(rgb).hex()}" for rgb in colors] for colors in COLORS]

HOSTILE = {
    "a comment's end": "*/ } body { display: none } /*",
    "a style's end": "</style></title><script>alert(1)</script>",
    "quotes": "\"double\" 'single' `back` \\",
    "an interpolation": "#{red} $title @import 'x' %s {0} ${1}",
    "several lines": "first\r\nGIMP Palette\n0 0 0 black\x0bthird\u2028fourth\x85fifth",
    "controls": "bell\x07 escape\x1b[31m null\x00 delete\x7f c1\x9b",
    "a formula": '=HYPERLINK("http://example.invalid",A1)',
    "another formula": "@SUM(1+1)*cmd|' /C calc'!A0",
    "right to left": "\u202eلورنس العرب\u2066",
    "emoji and half of one": "👩‍👩‍👧 film 🎬\ud83d",
    "nothing": "",
    "only spaces": " \t\n ",
    "10,800 characters": "Nausicaä " * 1_200,
    "comment signs": "# ; // -- <!-- -->",
}
hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())

Palettes = list[list[tuple[int, ...]]]


def encoded(name: str, *groups: Group, title: str = "Nausicaä") -> bytes:
    return FORMATS[name].encode(groups, title)


def of_hex(text: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(text.removeprefix("#")))


def flat(palettes: Palettes) -> list[tuple[int, ...]]:
    return [rgb for palette in palettes for rgb in palette]


# Readers: from a file to its colors, a list for each palette; a format without palettes gives one list.


def ase(data: bytes) -> list[dict]:
    assert data[:8] == b"ASEF\x00\x01\x00\x00"
    assert struct.unpack(">I", data[8:12])[0] == data.count(b"RGB ") + 2 * data.count(b"\xc0\x01\x00\x00")
    return list(swatch_library.parser.parse_chunk(io.BytesIO(data[12:])))


def ase_colors(data: bytes) -> Palettes:
    return [
        [tuple(round(value * 255) for value in one["data"]["values"]) for one in group["swatches"]]
        for group in ase(data)
    ]


def aco(data: bytes) -> list[list[tuple[tuple[int, ...], str]]]:
    """The sections of an ACO file, by Adobe's description of it."""
    stream, sections = io.BytesIO(data), []
    while header := stream.read(4):
        version, count = struct.unpack(">HH", header)
        assert version == len(sections) + 1
        section = []
        for _ in range(count):
            space, *values, unused = struct.unpack(">5H", stream.read(10))
            assert (space, unused) == (0, 0)
            name = ""
            if version == 2:
                length = struct.unpack(">I", stream.read(4))[0]
                name = stream.read(2 * length).decode("utf-16-be")
                assert name.endswith("\0")
            section.append((tuple(value >> 8 for value in values), name[:-1]))
        sections.append(section)
    return sections


def aco_colors(data: bytes) -> Palettes:
    first, second = aco(data)
    assert [rgb for rgb, _ in first] == [rgb for rgb, _ in second]
    return [[rgb for rgb, _ in second]]


def gpl_colors(data: bytes) -> Palettes:
    """By Pillow, which gives 256 colors whatever the file holds."""
    palette, mode = GimpPaletteFile(io.BytesIO(data)).getpalette()
    assert mode == "RGB"
    count = len([line for line in data.splitlines() if re.match(rb"\s*\d", line)])
    read = [tuple(palette[index : index + 3]) for index in range(0, len(palette), 3)]
    header = len(data.splitlines()) - count
    return [read[header : header + count] if read[:header] == [(i,) * 3 for i in range(header)] else read[:count]]


def procreate(data: bytes) -> dict:
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    (palette,) = json.loads(archive.read("Swatches.json"))
    return palette


def procreate_colors(data: bytes) -> Palettes:
    slots = procreate(data)["swatches"]
    assert len(slots) == 30
    hsv = [(one["hue"], one["saturation"], one["brightness"]) for one in slots if one]
    return [[tuple(round(channel * 255) for channel in colorsys.hsv_to_rgb(*color)) for color in hsv]]


def css(data: bytes) -> dict[str, str]:
    (rule,) = (one for one in tinycss2.parse_stylesheet(data.decode(), skip_whitespace=True, skip_comments=True))
    assert tinycss2.serialize(rule.prelude).strip() == ":root"
    declarations = tinycss2.parse_declaration_list(rule.content, skip_whitespace=True, skip_comments=True)
    assert all(one.type == "declaration" for one in declarations)
    properties = {one.name: tinycss2.serialize(one.value).strip() for one in declarations}
    assert len(properties) == len(declarations)
    return properties


def css_colors(data: bytes) -> Palettes:
    return [[of_hex(value) for value in css(data).values()]]


def scss(data: bytes) -> dict[str, list[str]]:
    """What Sass itself finds in the map `$palettes`."""
    probe = """
    @each $label, $colors in $palettes { @each $color in $colors { a { label: $label; color: $color } } }
    """
    compiled = sass.compile(string=data.decode() + probe, output_style="expanded")
    found: dict[str, list[str]] = {}
    for rule in tinycss2.parse_stylesheet(compiled, skip_whitespace=True, skip_comments=True):
        if rule.type == "qualified-rule":
            label, color = tinycss2.parse_declaration_list(rule.content, skip_whitespace=True)
            (string,) = (token for token in label.value if token.type == "string")
            found.setdefault(string.value, []).append(tinycss2.serialize(color.value).strip())
    return found


def scss_colors(data: bytes) -> Palettes:
    return [[of_hex(one) for one in colors] for colors in scss(data).values()]


def json_colors(data: bytes) -> Palettes:
    palettes = [[tuple(one["rgb"]) for one in entry["swatches"]] for entry in json.loads(data)]
    assert palettes == [[of_hex(one["hex"]) for one in entry["swatches"]] for entry in json.loads(data)]
    return palettes


def table(data: bytes, delimiter: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def table_colors(data: bytes, delimiter: str) -> Palettes:
    palettes: dict[str, list[tuple[int, ...]]] = {}
    for row in table(data, delimiter):
        assert of_hex(row["hex"]) == (int(row["red"]), int(row["green"]), int(row["blue"]))
        palettes.setdefault(row["palette"], []).append(of_hex(row["hex"]))
    return list(palettes.values())


def hex_colors(data: bytes) -> Palettes:
    return [[of_hex(line) for line in block.split()] for block in data.decode("ascii").split("\n\n")]


def jasc_colors(data: bytes) -> Palettes:
    magic, version, count, *rows = data.decode("ascii").split("\r\n")
    assert rows.pop() == ""
    assert (magic, version, int(count)) == ("JASC-PAL", "0100", len(rows))
    return [[tuple(map(int, row.split(" "))) for row in rows]]


def paint_net_colors(data: bytes) -> Palettes:
    colors = []
    for line in data.decode().split("\r\n"):
        content = line.partition(";")[0].strip()
        if content:
            assert re.fullmatch("FF[0-9A-F]{6}", content)
            colors.append(of_hex(content[2:]))
    return [colors]


def coolors_colors(data: bytes) -> Palettes:
    links = [line.split()[0] for line in data.decode().splitlines()]
    assert all(re.fullmatch("https://coolors.co/[0-9a-f]{6}(-[0-9a-f]{6})*", link) for link in links)
    return [[of_hex(code) for code in link.rpartition("/")[2].split("-")] for link in links]


SVG = "{http://www.w3.org/2000/svg}"


def svg_colors(data: bytes) -> Palettes:
    groups = ElementTree.fromstring(data).findall(f"{SVG}g")
    return [[of_hex(one.get("fill", "")) for one in group.findall(f"{SVG}rect")] for group in groups]


class Page(html.parser.HTMLParser):
    """What a page is made of: its tags, its texts, and the background colors of each table's cells."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.tables: Palettes = []
        self.feed(data.decode())
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "table":
            self.tables.append([])
        color = dict(attributes).get("bgcolor")
        if color:
            assert f"background-color: {color}" in (dict(attributes)["style"] or "")
            self.tables[-1].append(of_hex(color))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def text_colors(data: bytes) -> Palettes:
    rows = [re.findall(r"(?m)^  (#[0-9a-f]{6})", block) for block in data.decode().split("\n\n")]
    return [[of_hex(code) for code in row] for row in rows]


READERS: dict[str, Callable[[bytes], Palettes]] = {
    "text": text_colors,
    "json": json_colors,
    "csv": lambda data: table_colors(data, ","),
    "tsv": lambda data: table_colors(data, "\t"),
    "hex": hex_colors,
    "ase": ase_colors,
    "aco": aco_colors,
    "gpl": gpl_colors,
    "procreate": procreate_colors,
    "css": css_colors,
    "scss": scss_colors,
    "pal": jasc_colors,
    "paintnet": paint_net_colors,
    "coolors": coolors_colors,
    "svg": svg_colors,
    "html": lambda data: Page(data).tables,
}
FLAT = {"aco", "gpl", "css"}
"""They hold several palettes apart by names alone."""


def test_every_format_has_a_reader_here():
    assert READERS.keys() == FORMATS.keys()


@pytest.mark.parametrize("name", FORMATS)
def test_the_colors_of_one_palette_come_back_exact_and_in_order(name):
    assert READERS[name](encoded(name, FIRST)) == COLORS[:1]


@pytest.mark.parametrize("name", [name for name, found in FORMATS.items() if found.holds_groups])
def test_several_palettes_come_back_in_order(name):
    expected = [flat(COLORS)] if name in FLAT else COLORS
    assert READERS[name](encoded(name, FIRST, SECOND)) == expected


@pytest.mark.parametrize("name", [name for name, found in FORMATS.items() if not found.holds_groups])
def test_formats_of_one_palette_hold_the_first_and_say_so(name):
    assert READERS[name](encoded(name, FIRST, SECOND, SECOND)) == COLORS[:1]
    assert FORMATS[name].leaves_out([FIRST, SECOND, SECOND]) == (
        f"{name} holds one palette a file: 2 palettes of 3 left out"
    )
    assert FORMATS[name].leaves_out([FIRST]) == ""


@pytest.mark.parametrize(("name", "most"), [("procreate", 30), ("paintnet", 96), ("pal", 256)])
def test_a_file_takes_as_many_swatches_as_its_program_does_and_says_what_it_leaves_out(name, most):
    full = Group("full", tuple(Swatch((index % 256, 0, 0), 1 / most) for index in range(most)))
    assert len(READERS[name](encoded(name, full))[0]) == most
    assert FORMATS[name].leaves_out([full]) == ""
    more = Group("more", (*full.swatches, Swatch(BLACK, 0), Swatch(BLACK, 0)))
    assert READERS[name](encoded(name, more)) == READERS[name](encoded(name, full))
    assert FORMATS[name].leaves_out([more]) == f"{name} holds {most} swatches a file: the other 2 are left out"


def test_a_format_of_many_palettes_that_is_full_holds_whole_ones():
    many = [Group(str(index), FIRST.swatches * 5_000) for index in range(9)]
    held = FORMATS["aco"].held(many)
    assert sum(len(group.swatches) for group in held) <= 0xFFFF
    assert all(group in many for group in held)
    words = f"{9 - len(held)} palettes of 9 left out" if len(held) < 9 else ""
    assert FORMATS["aco"].leaves_out(many).endswith(words)


def assert_colors_survive(name: str, text: str) -> None:
    """Reads a file whose title and labels are `text`."""
    groups = [Group(text, FIRST.swatches), Group(text, SECOND.swatches)][: 2 if FORMATS[name].holds_groups else 1]
    data = FORMATS[name].encode(groups, text)
    if name in {"csv", "tsv"}:
        read = [of_hex(row["hex"]) for row in table(data, "\t" if name == "tsv" else ",")]
    elif name == "text":
        read = [of_hex(code) for code in re.findall(r"(?m)^  (#[0-9a-f]{6})  ", data.decode())]
    else:
        read = flat(READERS[name](data))
    assert read == flat(COLORS[: len(groups)])


@pytest.mark.parametrize("name", FORMATS)
@hostile
def test_hostile_titles_and_labels_stay_text(name, text):
    assert_colors_survive(name, text)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40, deadline=None)
@given(text=strategies.text(strategies.characters(exclude_categories=()), max_size=40))
def test_any_title_and_label_stays_text(name, text):
    assert_colors_survive(name, text)


@settings(max_examples=300, deadline=None)
@given(names=strategies.lists(strategies.sampled_from(["a", "a-2", "a-3", "a-2-2", "b", ""])))
def test_names_are_made_distinct_and_keep_their_order(names):
    made = group.distinct(names)
    assert len(set(made)) == len(made) == len(names)
    assert all(one.startswith(name) for one, name in zip(made, names, strict=True))


@pytest.mark.parametrize("name", sorted({"text", "csv", "tsv", "gpl", "css", "scss", "coolors", "svg", "html"}))
def test_no_control_character_reaches_a_text_file(name):
    data = encoded(name, Group("".join(map(chr, range(0xA0))) + "\u202e\u2028", FIRST.swatches)).decode()
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e\u2028]", data)


@pytest.mark.parametrize("name", FORMATS)
def test_equal_palettes_make_equal_files(name):
    assert encoded(name, FIRST) == encoded(name, FIRST)


@pytest.mark.parametrize("name", FORMATS)
def test_a_palette_without_swatches_makes_a_file(name):
    encoded(name, Group("empty", ()))


def test_ase_folders_and_swatches_have_names():
    groups = ase(encoded("ase", FIRST, SECOND))
    assert [group["name"] for group in groups] == ["0001 00:41:07", "風の谷のナウシカ"]
    assert [[one["name"] for one in group["swatches"]] for group in groups] == NAMED
    assert {one["type"] for group in groups for one in group["swatches"]} == {"Process"}


def test_aco_names_tell_the_palette_where_there_are_several():
    assert [name for _, name in aco(encoded("aco", FIRST))[1]] == NAMED[0]
    assert [name for _, name in aco(encoded("aco", FIRST, SECOND))[1]] == [
        *(f"0001 00:41:07 {name}" for name in NAMED[0]),
        f"風の谷のナウシカ {NAMED[1][0]}",
    ]


def test_gpl_has_the_title_a_row_a_palette_and_lines_short_enough_for_pillow():
    long = Group("風の谷のナウシカ" * 20, FIRST.swatches)
    lines = encoded("gpl", long, SECOND, title="Nausicaä\n#").decode().splitlines()
    assert lines[:3] == ["GIMP Palette", "Name: Nausicaä #", "Columns: 3"]
    assert lines[4].startswith(" 31  78  78\t風の谷")
    assert max(len(line.encode()) for line in lines) < 100


def test_procreate_shows_the_title():
    assert procreate(encoded("procreate", FIRST))["name"] == "Nausicaä"


def test_css_properties_are_numbered_and_named_by_their_palette():
    assert list(css(encoded("css", FIRST))) == ["--swatch-1", "--swatch-2", "--swatch-3"]
    same = css(encoded("css", FIRST, FIRST, SECOND))
    assert list(same)[::3] == ["--swatch-0001-00-41-07-1", "--swatch-0001-00-41-07-2-1", "--swatch-風の谷のナウシカ-1"]


def test_sass_finds_each_palette_by_its_label():
    assert scss(encoded("scss", FIRST, SECOND, FIRST)) == {
        "0001 00:41:07": ["#1f4e4e", "#fa0280", "#ffffff"],
        "風の谷のナウシカ": ["#000000"],
        "0001 00:41:07-2": ["#1f4e4e", "#fa0280", "#ffffff"],
    }


@pytest.mark.parametrize("text", [text for text in HOSTILE.values() if text.strip()])
def test_sass_gives_a_hostile_label_back_as_text(text):
    (label,) = scss(encoded("scss", Group(text, FIRST.swatches)))
    assert label == one_line(text, 200)


def test_json_is_the_list_that_the_command_line_promises():
    first, second = json.loads(encoded("json", FIRST, SECOND))
    assert first["image"] == "stills/0001 00h41m07s.png"
    assert (first["label"], first["time_s"]) == ("0001 00:41:07", 2467.125)
    notations = {"hsl": "hsl(180 43% 21%)", "oklch": "oklch(39.2% 0.0508 195.3)", "contrast": [9.3, 2.26]}
    teal = {"hex": "#1f4e4e", "rgb": [31, 78, 78], "share": 0.5, "name": color_name(TEAL), "at": [0.25, 0.75]}
    assert first["swatches"][0] == {**teal, **notations}
    black = {"hex": "#000000", "rgb": [0, 0, 0], "share": 1.0, "name": color_name(BLACK)}
    notations = {"hsl": "hsl(0 0% 0%)", "oklch": "oklch(0.0% 0.0000 0.0)", "contrast": [21.0, 1.0]}
    assert second == {"image": "風の谷のナウシカ", "swatches": [{**black, **notations}]}
    assert json.loads(FORMATS["json"].encode([], "none")) == []


@hostile
def test_json_keeps_a_label_as_it_is(text):
    (entry,) = json.loads(encoded("json", Group(text, FIRST.swatches)))
    assert entry["image"] == text.replace("\ud83d", "\ufffd")


def test_tables_tell_time_share_name_and_cielab():
    data = encoded("csv", FIRST)
    assert data.startswith(b"\xef\xbb\xbf"), "Excel needs the mark"
    row = table(data, ",")[0]
    assert (row["palette"], row["time_s"], row["number"]) == ("0001 00:41:07", "2467.125", "1")
    assert (row["share"], row["name"]) == ("0.50000", color_name(TEAL))
    # By colour-science 0.4.6: sRGB to XYZ to Lab under D65.
    assert [float(row[f"cielab_{axis}"]) for axis in "lab"] == pytest.approx([30.13, -15.79, -4.83], abs=0.02)
    assert encoded("tsv", FIRST).startswith(b"palette\ttime_s\t")


@pytest.mark.parametrize("sign", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "＝1"])
def test_no_cell_is_a_formula(sign):
    for name, delimiter in (("csv", ","), ("tsv", "\t")):
        for row in table(encoded(name, Group(sign, FIRST.swatches)), delimiter):
            assert row["palette"].startswith("'")


def test_svg_labels_its_rows_and_fills_its_width():
    root = ElementTree.fromstring(encoded("svg", FIRST, SECOND))
    rectangles = root.findall(f"{SVG}g/{SVG}rect")
    assert [(int(one.get("x", "")), int(one.get("width", ""))) for one in rectangles[:3]] == [
        (0, 333),
        (333, 334),
        (667, 333),
    ]
    assert [one.text for one in root.findall(f"{SVG}g/{SVG}title")] == ["0001 00:41:07", "風の谷のナウシカ"]
    assert rectangles[0].findtext(f"{SVG}title") == f"{color_name(TEAL)} #1f4e4e, 50.0%"


@hostile
def test_markup_in_a_title_makes_no_element(text):
    harmless = Page(encoded("html", FIRST, title="film"))
    page = Page(FORMATS["html"].encode([Group(text, FIRST.swatches)], text))
    assert page.tags == harmless.tags
    assert {
        one.tag for one in ElementTree.fromstring(encoded("svg", Group(text, FIRST.swatches), title=text)).iter()
    } == {f"{SVG}{tag}" for tag in ("svg", "title", "g", "text", "rect")}


def test_the_table_for_people_says_it_all_in_a_line():
    lines = encoded("text", FIRST).decode().splitlines()
    assert lines[:2] == ["0001 00:41:07", f"  #1f4e4e   31  78  78   50.0%  {color_name(TEAL)}"]


def test_a_terminal_also_sees_the_color():
    assert "\x1b[48;2;31;78;78m" in formats.text.table([FIRST], color=True)


def test_an_unknown_format_is_answered_with_the_known_ones():
    with pytest.raises(UsageError, match="xyz: is no format; there are text, json"):
        formats.find("xyz")


def test_a_session_is_its_stills_and_before_them_the_whole():
    at = datetime(2026, 11, 20, tzinfo=UTC)
    stills = (
        Still(2, "stills/0002.png", "cards/0002.png", at, (4, 3), FIRST.swatches, source="Harbor at dawn.jpg"),
        Still(1, "stills/0001 00h41m07s.png", "cards/0001.png", at, (4, 3), SECOND.swatches, 2467.9),
    )
    whole, *groups = formats.groups_of(Session("Nausicaä", at, stills=stills), SECOND.swatches)
    assert (whole.label, whole.swatches) == ("Nausicaä", SECOND.swatches)
    assert [(one.label, one.image, one.time_s) for one in groups] == [
        ("0002 Harbor at dawn", "stills/0002.png", None),
        ("0001 00:41:07", "stills/0001 00h41m07s.png", 2467.9),
    ]
    assert set(formats.SESSION_FORMATS) <= {name for name, found in FORMATS.items() if found.holds_groups}
