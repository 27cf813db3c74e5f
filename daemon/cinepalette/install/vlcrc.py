"""VLC's settings file as bytes: our one token in, our one token out, everything else as it was.

Pure: reading and writing the file is the caller's. VLC takes the last of several lines with the same name, knows no
sections when it reads, begins the file with a UTF-8 mark and loses the last character of a line without an end.
"""

import codecs
import re

TOKEN = b'luaintf{intf="cinepalette"}'
"""The chain form names our script itself and leaves `lua-intf`, which another add-on may need, alone."""

_SETTING = re.compile(rb"extraintf=(?P<value>[^\n]*?)(?P<end>\r?\n|\r?\Z)")
_DEFAULT = b"#extraintf="


def has(data: bytes) -> bool:
    """Whether VLC would start our script."""
    active = _active(_lines(data)[1])
    return bool(active) and _in_force(active[max(active)])


def add(data: bytes) -> bytes:
    """The file with our token in it; unchanged where it is in force already."""
    if has(data):
        return data
    mark, lines = _lines(data)
    active = _active(lines)
    if active:
        last = max(active)
        value, end = active[last]["value"], active[last]["end"]
        if TOKEN not in value.split(b":"):
            # A value with a colon at its end keeps it: our token goes in front, so that taking it out is exact.
            value = TOKEN + b":" + value if value.endswith(b":") else value + b":" + TOKEN if value else TOKEN
        lines[last] = b"extraintf=" + value + (end if end.endswith(b"\n") else _newline(lines))
    else:
        lines.insert(_place(lines), b"extraintf=" + TOKEN + _newline(lines))
    return mark + b"".join(lines)


def remove(data: bytes, before: bytes | None = None) -> bytes:
    """The file without our token.

    With `before`, the file as it was when the token was added, the result is exactly that, as long as nobody has
    written the file in between; otherwise only the token goes.
    """
    if before is not None and add(before) == data:
        return before
    mark, lines = _lines(data)
    kept: list[bytes] = []
    for number, line in enumerate(lines):
        setting = _SETTING.fullmatch(line)
        if setting is None or TOKEN not in setting["value"].split(b":"):
            kept.append(line)
            continue
        rest = b":".join(part for part in setting["value"].split(b":") if part != TOKEN)
        described = number > 0 and lines[number - 1].startswith(b"# ")
        if rest:
            kept.append(b"extraintf=" + rest + setting["end"])
        elif described:
            # VLC has written the file: this is how it writes a setting that has its default.
            kept.append(_DEFAULT + setting["end"])
    return mark + b"".join(kept)


def hotkeys(data: bytes) -> list[tuple[str, str]]:
    """The hotkeys that the viewer has set in VLC, as pairs of the setting's name and one key, e.g. `Shift+c`."""
    found = {}
    for line in _lines(data)[1]:
        # The last of several lines counts; a tab is between two keys for the same thing.
        name, _, value = line.decode("utf-8", "replace").strip().partition("=")
        if name.startswith(("key-", "global-key-")):
            found[name] = value
    return [(name, key) for name, value in found.items() for key in value.split("\t") if key]


def _lines(data: bytes) -> tuple[bytes, list[bytes]]:
    """The UTF-8 mark, if there is one, and the lines with their ends."""
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    return mark, re.findall(rb"[^\n]*\n|[^\n]+", data[len(mark) :])


def _active(lines: list[bytes]) -> dict[int, re.Match[bytes]]:
    """The lines that set `extraintf`, by number."""
    matches = ((number, _SETTING.fullmatch(line)) for number, line in enumerate(lines))
    return {number: match for number, match in matches if match}


def _in_force(setting: re.Match[bytes]) -> bool:
    return TOKEN in setting["value"].split(b":") and setting["end"].endswith(b"\n")


def _place(lines: list[bytes]) -> int:
    """Where a new line goes: after VLC's own default, or first, where it can disturb no line without an end."""
    for number in reversed(range(len(lines))):
        if lines[number].startswith(_DEFAULT):
            return number + 1 if lines[number].endswith(b"\n") else number
    return 0


def _newline(lines: list[bytes]) -> bytes:
    """The line end that the file uses."""
    return b"\r\n" if lines and lines[0].endswith(b"\r\n") else b"\n"
