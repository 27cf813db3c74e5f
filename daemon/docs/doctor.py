"""Writes doctor.md anew from the checks of `cinepalette doctor`: python3 tests daemon/docs/doctor.py"""

from pathlib import Path

from cinepalette.install import doctor

HEAD = """\
# When something does not work

```
cinepalette doctor          looks at every joint from hotkey to collage, and says what to do
cinepalette doctor --fix    does it
```

It ends by sending a still through the whole chain. The daemon makes the same checks each time it starts and writes
what it finds into its log. Where the command itself does not start any more,
`python3 ~/.local/share/cinepalette/source/install.py` makes the program again; settings and pictures stay.

This table is written by [doctor.py](doctor.py) from the checks themselves.

"""


def main() -> None:
    page = Path(__file__).with_suffix(".md")
    page.write_text(HEAD + doctor.table(), encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
