"""Asks pip's own resolver which of the locked packages have wheels where: python3 tests daemon/docs/wheels.py

Writes wheels.md. It asks the package index, once for each system and Python, and takes some minutes; the test that the
page is current asks only for what has come into the lock since.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from cinepalette.install.environment.source import Source

TOP = Path(__file__).resolve().parents[2]
PAGE = Path(__file__).with_suffix(".md")

_MANYLINUX = ("manylinux2014", "manylinux_2_17", "manylinux_2_24", "manylinux_2_26", "manylinux_2_27", "manylinux_2_28")
SYSTEMS = {
    "Linux x86_64 (glibc 2.28 and later)": tuple(f"{each}_x86_64" for each in _MANYLINUX),
    "Linux aarch64 (glibc 2.28 and later)": tuple(f"{each}_aarch64" for each in _MANYLINUX),
    "macOS 14 and later, Apple silicon": ("macosx_14_0_arm64",),
    "macOS 14 and later, Intel": ("macosx_14_0_x86_64",),
    "Windows x64": ("win_amd64",),
    "Windows ARM64": ("win_arm64",),
}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")

# Of Python alone, and published as source only: it is built here, which needs no compiler.
BUILT_HERE = ("pyvips",)

HEAD = """\
# Which packages have wheels where

`daemon/requirements.txt` names every package with its version. On the systems below pip's resolver finds a wheel for
each of them, but for {built}, which is Python alone and is built in a second or two without a compiler; where it finds
none the package is named.

This table is written by [wheels.py](wheels.py) from what pip says of these: {asked}.

"""


def wanted() -> list[str]:
    """The locked packages that are to have wheels."""
    lines = (re.sub(r"\s*#.*", "", line).strip() for line in Source(TOP).locked())
    return [line for line in lines if line.split("==")[0] not in BUILT_HERE]


def missing(lines: list[str], platforms: tuple[str, ...], python: str) -> list[str]:
    """Those of some packages for which pip finds no wheel there."""
    lacking: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        while True:
            file = Path(folder) / "requirements.txt"
            file.write_text("\n".join(line for line in lines if line not in lacking))
            where = [word for platform in platforms for word in ("--platform", platform)]
            words = ["--dry-run", "--quiet", "--ignore-installed", "--only-binary=:all:", "--python-version", python]
            # What one package lacks must not keep the resolver from the others.
            words += ["--no-deps"] if lacking else []
            pip = [sys.executable, "-m", "pip", "install", *words, *where]
            pip += ["--target", f"{folder}/none", "-r", str(file)]
            done = subprocess.run(pip, capture_output=True, text=True, timeout=600)
            if done.returncode == 0:
                return lacking
            found = re.search(r"No matching distribution found for (\S+==\S+)", done.stderr)
            if not found or found[1] in lacking:
                raise SystemExit(done.stderr[-2000:])
            lacking.append(found[1])


def main() -> None:
    asked = wanted()
    rows = [f"| | {' | '.join(f'Python {python}' for python in PYTHONS)} |", "|---" * (len(PYTHONS) + 1) + "|"]
    for system, platforms in SYSTEMS.items():
        cells = [", ".join(missing(asked, platforms, python)) or "all" for python in PYTHONS]
        rows.append(f"| {system} | {' | '.join(cells)} |")
        print(rows[-1], flush=True)
    head = HEAD.format(built=" and ".join(BUILT_HERE), asked=", ".join(asked))
    PAGE.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    print(json.dumps({"written": str(PAGE)}))


if __name__ == "__main__":
    main()
